package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"unicode/utf8"
)

// allowance is how many entries aliases and merges may make beyond a file's size.
const allowance = 1 << 18

// read reads one file and then those that it includes. The chain holds the files
// that include it, the jobs file first; it is empty for the jobs file.
func (l *loader) read(path string, text []byte, chain []string) {
	sum := sha256.Sum256(text)
	src := newSource(path, len(l.files), text)
	src.keys = slipKeys()
	l.files = append(l.files, File{Path: path, Sum: hex.EncodeToString(sum[:])})
	l.done[path] = true
	l.budget += allowance + len(text)

	r := &reader{loader: l, src: src, base: l.base}
	main := len(chain) == 0
	l.traceFile()
	if r.parse() {
		r.file(main)
		if main {
			l.base = r.base
			l.traceMain()
		}
	}
	chain = append(slices.Clone(chain), path)
	// The nodes are far larger than what was made of them: they go before more are read.
	includes := r.includes
	r, src = nil, nil
	for _, wanted := range includes {
		l.include(wanted, chain)
	}
}

// slipKeys are the keys of files and jobs.
func slipKeys() []string {
	return slices.Concat(keyNames(fileKeys(), false), keyNames(jobKeys(), false))
}

func blank(text []byte) bool {
	return len(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))) == 0
}

// groupUse is the mention of a group that no file read so far defines.
type groupUse struct {
	found
	name string
}

// useGroup checks the group of the job or of the defaults just read.
func (r *reader) useGroup() {
	n := r.nodes.group
	if n == nil || r.job.Group == "" {
		return
	}
	if _, ok := r.limits[r.job.Group]; ok {
		return
	}
	r.waiting = append(r.waiting, groupUse{name: r.job.Group, found: found{r.src.order, Problem{
		File: r.src.path, Line: n.Line, Column: n.Column, Key: join(r.at, "group"), Excerpt: r.src.excerpt(n.Line),
	}}})
}

// judgeGroups notes the groups that no file defines.
func (l *loader) judgeGroups() {
	var names []string
	for name := range l.limits {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, use := range l.waiting {
		if _, ok := l.limits[use.name]; ok {
			continue
		}
		use.Message = "there is no group " + quote(use.name)
		use.Hint = fmt.Sprintf("define it:  groups: {%s: {max_parallel: 1}}", shorten(use.name))
		if near, ok := Nearest(use.name, names); ok {
			use.Hint = "did you mean " + near + "?"
		}
		l.report(use.order, use.Problem)
	}
}

// invalidAt returns the offset of the first byte that is not UTF-8, or -1.
func invalidAt(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
