package watch

import (
	"os"
	"path/filepath"
	"strings"
)

// expand follows an absolute pattern (the syntax is [filepath.Match]'s, component by component). It calls look as resolve
// does, and match with every directory and the pattern that its entries are held against. What the last component matches
// is not followed: the reader names those files as paths.
func expand(pattern string, look, match func(dir, name string)) {
	expandFrom("/", components(pattern), look, match)
}

func expandFrom(dir string, rest []string, look, match func(dir, name string)) {
	plain := 0
	for plain < len(rest) && !strings.ContainsAny(rest[plain], `*?[\`) {
		plain++
	}
	at, err := resolve(dir+"/"+strings.Join(rest[:plain], "/"), look)
	if err != nil || at.missing != "" || plain == len(rest) || !at.info.IsDir() {
		return // as far as the way goes, look has been told of it
	}
	pattern, rest := rest[plain], rest[plain+1:]
	match(at.real, pattern)
	if len(rest) == 0 {
		return
	}
	entries, _ := os.ReadDir(at.real) // an unreadable directory could not be watched either, and that is reported
	for _, entry := range entries {
		if ok, _ := filepath.Match(pattern, entry.Name()); ok {
			expandFrom(at.real+"/"+entry.Name(), rest, look, match)
		}
	}
}
