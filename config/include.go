package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxDepth bounds how deep files include each other. Links to a directory from
// within it make chains of ever new names.
const maxDepth = 16

// included is one item of an include key. It keeps what a problem needs, so that
// the file's nodes can go before its includes are read.
type included struct {
	found
	pattern string // absolute
}

func (r *reader) include(k *key, n *yaml.Node) {
	if isNull(n) {
		return
	}
	items, ok := r.oneOrMore(k, n)
	if !ok {
		return
	}
	for _, item := range items {
		pattern, ok := r.path(k.where(), item, item.Value, 0)
		if !ok {
			continue
		}
		r.patterns[pattern] = struct{}{}
		r.includes = append(r.includes, included{pattern: pattern, found: found{r.src.order, Problem{
			File: r.src.path, Line: item.Line, Column: item.Column, Key: k.name, Excerpt: r.src.excerpt(item.Line),
		}}})
	}
}

// include reads the files that an item names.
func (l *loader) include(wanted included, chain []string) {
	fail := func(message, hint string) {
		wanted.Message, wanted.Hint = message, hint
		l.report(wanted.order, wanted.Problem)
	}
	paths, literal, err := l.matches(wanted.pattern)
	if err != nil {
		fail(err.Error(), "a pattern has *, ? and [a-z], and lies in a directory that can be read")
		return
	}
	for _, path := range paths {
		if i := slices.Index(chain, path); i >= 0 {
			if literal {
				fail("files include each other: "+strings.Join(append(chain[i:], path), " → "), "remove one of the includes")
			}
			continue
		}
		if l.done[path] {
			continue
		}
		if len(chain) >= maxDepth {
			fail(fmt.Sprintf("files include each other more than %d deep", maxDepth), "remove one of the includes")
			return
		}
		text, err := l.host.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			fail("there is no file "+path, "create it, or remove the include; a pattern such as *.yaml may match nothing")
		case err != nil:
			unreadable := fileError(path, err)
			fail(unreadable.Error(), unreadable.Hint()+"; or remove the include")
		case blank(text):
			fail(path+" is empty", "write  jobs: {}  into it, or remove the include")
		default:
			l.read(path, text, chain)
		}
	}
}

// matches returns the paths that a pattern names, sorted. A path without a
// pattern's signs names itself.
func (l *loader) matches(pattern string) (paths []string, literal bool, err error) {
	if !strings.ContainsAny(pattern, "*?[") {
		return []string{pattern}, true, nil
	}
	glob := l.host.Glob
	if glob == nil {
		glob = Glob
	}
	paths, err = glob(pattern)
	if errors.Is(err, filepath.ErrBadPattern) {
		err = fmt.Errorf("%q is not a pattern", pattern)
	}
	if err != nil {
		return nil, false, err
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return PassesOver(pattern, path) })
	slices.Sort(paths)
	return paths, false, nil
}

// PassesOver tells whether a pattern of an include leaves out a hidden file that it
// names. They match only a pattern that begins with a dot, as in a shell: editors
// leave locks and copies under such names.
func PassesOver(pattern, path string) bool {
	return strings.HasPrefix(filepath.Base(path), ".") && !strings.HasPrefix(filepath.Base(pattern), ".")
}

// Glob finds on the disk what a pattern of an include names.
func Glob(pattern string) ([]string, error) {
	if err := readable(pattern); err != nil {
		return nil, err
	}
	return filepath.Glob(pattern)
}

// readable tells whether a pattern's fixed directory can be listed, since a match
// over one that cannot finds nothing and says nothing. One that does not exist
// holds no files; a link that leads nowhere is something that has gone missing.
func readable(pattern string) error {
	dir := pattern[:strings.IndexAny(pattern, "*?[")]
	dir = filepath.Clean(dir[:strings.LastIndex(dir, "/")+1])
	f, err := os.Open(dir)
	if err == nil {
		defer f.Close()
		if _, err = f.Readdirnames(1); err == nil || errors.Is(err, io.EOF) {
			return nil
		}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("list %s: %s", dir, cause(err))
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			if _, err := os.Stat(dir); err != nil {
				return fmt.Errorf("%s is a link that leads nowhere", dir)
			}
		}
	}
	return nil
}
