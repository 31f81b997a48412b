package examples_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
)

func host(name, system string) config.Host {
	h := config.LocalHost()
	h.Name, h.OS, h.Home, h.ID = name, system, "/home/me", name
	h.Getenv = func(variable string) (string, bool) { return "/usr/bin", variable == "PATH" }
	return h
}

func load(t *testing.T, path string, h config.Host) *config.Config {
	t.Helper()
	c, err := config.Load(path, h)
	if problems, ok := errors.AsType[config.Problems](err); ok {
		for _, p := range problems {
			t.Error(config.Render(p, false))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEveryExampleLoads loads all examples there are, each job of which has a
// sentence that says what it is for.
func TestEveryExampleLoads(t *testing.T) {
	covered := map[string]bool{}
	for _, path := range []string{"laptop.yaml", "server.yaml", "dotfiles/jobs.yaml"} {
		c := load(t, path, host("laptop", "linux"))
		if len(c.Jobs) < 3 {
			t.Errorf("%s has only %d jobs", path, len(c.Jobs))
		}
		for _, j := range c.Jobs {
			if j.Description == "" {
				t.Errorf("%s: job %s has no description", path, j.Name)
			}
		}
		for _, f := range c.Files {
			covered[f.Path] = true
		}
	}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		full, err := filepath.Abs(path)
		if !covered[full] {
			t.Errorf("%s is loaded by no test", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDotfilesOnEachHost shows which jobs of the shared file each machine runs.
func TestDotfilesOnEachHost(t *testing.T) {
	for _, tt := range []struct{ host, system, want string }{
		{"desk", "linux", "clean-cache dotfiles flatpak journal photos"},
		{"den.example.org", "linux", "clean-cache dotfiles flatpak journal photos podcasts"},
		{"work-7", "darwin", "brew clean-cache dotfiles timesheet vpn-logs"},
	} {
		c := load(t, "dotfiles/jobs.yaml", host(tt.host, tt.system))
		var here []string
		for _, j := range c.Jobs {
			if j.Here {
				here = append(here, j.Name)
			} else if j.NotHere == "" {
				t.Errorf("%s: job %s does not say why it is not for %s", tt.system, j.Name, tt.host)
			}
		}
		if !slices.Equal(here, strings.Fields(tt.want)) {
			t.Errorf("%s runs %v, want %s", tt.host, here, tt.want)
		}
	}
}

// TestExamplesNameTheSchema keeps editors checking the examples.
func TestExamplesNameTheSchema(t *testing.T) {
	for _, path := range []string{"laptop.yaml", "server.yaml", "dotfiles/jobs.yaml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		_, schema, ok := strings.Cut(first, "$schema=")
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), schema)); !ok || err != nil {
			t.Errorf("%s: the first line names no schema that is there: %q (%v)", path, first, err)
		}
	}
}
