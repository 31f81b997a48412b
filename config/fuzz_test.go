package config_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lsh-project/lsh/config"
)

// FuzzLoad wants of any text whatever that it is either loaded or refused with
// problems whose places lie in the file.
func FuzzLoad(f *testing.F) {
	for _, path := range badFiles(f) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, path := range []string{"testdata/good/every-key.yaml", "testdata/good/anchors.yaml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := testHost()
		h.ReadFile = func(path string) ([]byte, error) {
			if path == "/nowhere/jobs.yaml" {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		}
		c, err := config.Load("/nowhere/jobs.yaml", h)
		if err == nil {
			for _, j := range c.Jobs {
				if len(j.CommandArgv()) == 0 || c.Job(j.Name) != j || len(config.Changed(j, j)) > 0 {
					t.Errorf("job %+v", j)
				}
			}
			return
		}
		problems, ok := errors.AsType[config.Problems](err)
		if !ok {
			if !errors.Is(err, config.ErrEmpty) {
				t.Errorf("Load: %v", err)
			}
			return
		}
		lines := splitLines(text)
		for _, p := range problems {
			if p.Message == "" || p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > utf8.RuneCountInString(lines[p.Line-1])+1 {
				t.Errorf("problem outside of the file: %+v", p)
			}
			config.Render(p, true)
		}
	})
}

// splitLines breaks lines where YAML does.
func splitLines(text string) []string {
	text = strings.TrimPrefix(text, "\ufeff")
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text), "\n")
}
