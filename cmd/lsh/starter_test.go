package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
)

// TestStarterExamplesWork takes the # away from all examples of the starter
// file: what people are told to uncomment must work.
func TestStarterExamplesWork(t *testing.T) {
	var text strings.Builder
	for line := range strings.Lines(starter) {
		if example := strings.TrimPrefix(line, "#"); example != line &&
			(strings.HasPrefix(example, "  ") || strings.HasPrefix(example, "groups") || strings.HasPrefix(example, "defaults")) &&
			!strings.HasPrefix(example, "   lsh") {
			line = example
		}
		text.WriteString(line)
	}
	path := filepath.Join(t.TempDir(), "jobs.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path, config.LocalHost())
	if err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	if len(c.Jobs) != 5 {
		t.Errorf("%d jobs, want hello and four examples", len(c.Jobs))
	}
}
