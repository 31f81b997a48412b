package config

import (
	"regexp"
	"sync"
)

// lazily is a pattern that is compiled when it is first asked for. To compile
// all of them takes longer than `lsh status` takes to ask the daemon, and most
// commands read no jobs file.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
