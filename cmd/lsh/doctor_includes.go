package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/config"
)

// checkIncludes looks for patterns that match nothing, which is no mistake, and easily taken for one that works: includes lie beside the
// link by which the jobs file is named, and not beside the file that it leads to.
func (s *subject) checkIncludes(r *diagnosis, c chain) {
	beside, there := filepath.Dir(c.hops[0]), filepath.Dir(c.real())
	for _, pattern := range s.inside.Includes {
		if !strings.ContainsAny(pattern, "*?[") || len(includedBy(pattern)) > 0 {
			continue
		}
		within, err := filepath.Rel(beside, pattern)
		other := filepath.Join(there, within)
		if err != nil || strings.HasPrefix(within, "../") || len(includedBy(other)) == 0 {
			r.note("", "the include %s matches no file", s.short(pattern))
			continue
		}
		hint := "in the jobs file:  include: [" + other + "]"
		dir, isDir := filepath.Dir(pattern), within != filepath.Base(within)
		if isDir && lookAt(dir).info == nil && lookAt(filepath.Dir(dir)).info != nil {
			hint = "ln -s " + s.arg(filepath.Dir(other)) + " " + s.arg(dir)
		}
		r.note(hint, "the include %s matches no file; %s would, beside the file that the link leads to", s.short(pattern), s.short(other))
	}
}

// includedBy are the files that a pattern matches, as the jobs file's do.
func includedBy(pattern string) []string {
	paths, err := config.Glob(pattern)
	if err != nil {
		return nil // which is told of as a mistake
	}
	return slices.DeleteFunc(paths, func(path string) bool { return config.PassesOver(pattern, path) })
}
