package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// leftAfter is how old a file is that nobody is writing any more.
const leftAfter = time.Hour

// checkDrafts looks for what lsh edit has kept beside the jobs file, and what an lsh that was killed has left there.
func (s *subject) checkDrafts(r *diagnosis, c chain) {
	dirs := []string{filepath.Dir(c.hops[0]), filepath.Dir(c.real())}
	for _, dir := range slices.Compact(dirs) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // which is told of with the permissions
		}
		for _, e := range entries {
			at, info := filepath.Join(dir, e.Name()), lookAt(filepath.Join(dir, e.Name())).info
			switch base := filepath.Base(c.real()); {
			case info == nil || !info.Mode().IsRegular():
			case isDraft(e.Name(), base) || isDraft(e.Name(), filepath.Base(c.hops[0])):
				r.note("lsh edit --draft "+s.arg(at), "%s is a draft that lsh edit has kept: it is not in effect", s.short(at))
			case strings.HasPrefix(e.Name(), "."+base+".new-") && s.now().Sub(info.ModTime()) > leftAfter:
				r.note("rm "+s.arg(at), "%s was left by an lsh that was killed while it saved", s.short(at))
			}
		}
	}
}

// isDraft tells a draft of lsh edit by its name.
func isDraft(name, of string) bool {
	before, after, _ := strings.Cut(draftPattern(of), "*")
	return strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}
