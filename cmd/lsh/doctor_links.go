package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// chain is the way of a path over symbolic links.
type chain struct {
	hops    []string // the path itself, then each place that a link leads to; the last is the file
	missing string   // the first name that is not there; "" when all is
	err     error    // why the way cannot be followed
}

// mostLinks is how many the kernel follows (path_resolution(7)).
const mostLinks = 40

// linkChain follows an absolute path, name by name, as the kernel does.
func linkChain(path string) chain {
	c := chain{hops: []string{filepath.Clean(path)}}
	at, rest := "/", pathNames(path)
	been := []string{filepath.Clean(path)}
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, name)
		info, err := os.Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
			c.missing = next
			return c
		case err != nil:
			c.err = err
			return c
		case info.Mode()&fs.ModeSymlink == 0:
			at = next
			continue
		}
		if links++; links > mostLinks {
			c.err = fmt.Errorf("it leads over more than %d links", mostLinks)
			return c
		}
		target, err := os.Readlink(next)
		if err != nil {
			c.err = err
			return c
		}
		if filepath.IsAbs(target) {
			at = "/"
		}
		rest = slices.Concat(pathNames(target), rest)
		c.hops = append(c.hops, filepath.Join(append([]string{at}, rest...)...))
		left := strings.TrimSuffix(at, "/") + "/" + strings.Join(rest, "/") // not cleaned: what a name in it leads to is not known yet
		if slices.Contains(been, left) {
			c.err = errors.New("its links lead in a circle")
			return c
		}
		been = append(been, left)
	}
	return c
}

func pathNames(path string) []string {
	return slices.DeleteFunc(strings.Split(path, "/"), func(name string) bool { return name == "" || name == "." })
}

// real is the file itself, as far as the way leads.
func (c chain) real() string { return c.hops[len(c.hops)-1] }

// text is the chain for people, without the middle of a long one.
func (c chain) text(short func(string) string) string {
	const most = 6
	var parts []string
	for i, hop := range c.hops {
		switch left := len(c.hops) - i; {
		case len(c.hops) <= most || i < most/2 || left <= most/2:
			parts = append(parts, short(hop))
		case i == most/2:
			parts = append(parts, "…")
		}
	}
	return strings.Join(parts, " → ")
}
