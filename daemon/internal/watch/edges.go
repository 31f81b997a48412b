package watch

import (
	"path/filepath"
	"slices"
)

// edges are the places where a change can alter what the watched paths mean.
type edges struct {
	names    map[string]map[string]bool // directory → names that matter in it
	patterns map[string][]string        // directory → patterns of names that matter in it
}

func newEdges() edges {
	return edges{names: map[string]map[string]bool{}, patterns: map[string][]string{}}
}

func (e edges) addName(dir, name string) {
	if e.names[dir] == nil {
		e.names[dir] = map[string]bool{}
	}
	e.names[dir][name] = true
}

func (e edges) addPattern(dir, pattern string) {
	if !slices.Contains(e.patterns[dir], pattern) {
		e.patterns[dir] = append(e.patterns[dir], pattern)
	}
}

// touchedBy tells whether an event about path matters. An event that a watched directory or file sends about itself is
// covered too: it was reached by name, so it is an edge of its parent.
func (e edges) touchedBy(path string) bool {
	dir, name := filepath.Split(filepath.Clean(path))
	dir = filepath.Clean(dir)
	if e.names[dir][name] {
		return true
	}
	return slices.ContainsFunc(e.patterns[dir], func(pattern string) bool {
		ok, _ := filepath.Match(pattern, name)
		return ok
	})
}
