package main

import (
	"go/build"
	"path/filepath"
	"strings"
	"testing"
)

const modulePath = "github.com/lsh-project/lsh"

// thirdParty is what lsh may link beyond the standard library, each with what
// it is for. Whatever is added here is paid for at every start of lsh.
var thirdParty = map[string]string{
	"github.com/spf13/cobra":    "the tree of commands",
	"github.com/spf13/pflag":    "flags",
	"golang.org/x/text":         "wide characters in tables",
	"golang.org/x/term":         "the width of the terminal",
	"golang.org/x/sys":          "the peer of a socket, the settings of a terminal, the reader of a pipe",
	"go.yaml.in/yaml/v3":        "the jobs file",
	"github.com/robfig/cron/v3": "schedules",

	"github.com/coreos/go-systemd/v22/daemon": "the service manager's watchdog, which the keeper pings",
}

// tooHeavy is what must not be linked, by prefix, with the reason.
var tooHeavy = map[string]string{
	"github.com/spf13/viper":        "settings are lshd's: viper alone doubles the start of lsh; ask `lshd settings`",
	"github.com/jackc/pgx":          "the database is lshd's: it triples the start of lsh; ask the daemon",
	"github.com/fsnotify":           "watching files is the daemon's",
	"net/http":                      "HTTP and TLS cost more at start than all the rest of lsh; ask the daemon",
	"crypto/tls":                    "TLS costs more at start than all the rest of lsh; ask the daemon",
	"database/sql":                  "the journal is the daemon's; ask the daemon",
	"expvar":                        "it brings net/http",
	"net/rpc":                       "it brings net/http",
	"html/template":                 "lsh prints no HTML",
	modulePath + "/daemon":          "the daemon is asked, not linked",
	modulePath + "/reconciler":      "decisions are the daemon's; ask it for a plan",
	modulePath + "/config/settings": "settings bring viper; ask `lshd settings`",
}

// TestDepsStayLight walks the imports of lsh through our own packages. People
// type lsh hundreds of times a day: what it links, it pays for each time.
func TestDepsStayLight(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, goos := range []string{"linux", "darwin"} {
		context := build.Default
		context.GOOS = goos
		context.CgoEnabled = false
		seen := map[string]bool{}
		var walk func(importer, path string)
		walk = func(importer, path string) {
			if prefix, why := heavy(path); prefix != "" {
				t.Errorf("%s imports %s: %s", importer, path, why)
				return
			}
			if !strings.Contains(strings.Split(path, "/")[0], ".") {
				return
			}
			rest, ours := strings.CutPrefix(path, modulePath)
			if !ours {
				if !allowed(path) {
					t.Errorf("%s imports %s: it is not in the table of what lsh may link", importer, path)
				}
				return
			}
			if seen[path] {
				return
			}
			seen[path] = true
			pkg, err := context.ImportDir(filepath.Join(root, filepath.FromSlash(rest)), 0)
			if err != nil {
				t.Fatalf("read %s: %v", path, err)
			}
			for _, imported := range pkg.Imports {
				walk(path, imported)
			}
		}
		walk("go build", modulePath+"/cmd/lsh")
		if len(seen) < 4 {
			t.Errorf("on %s only %d of our packages were walked: the walk has lost its way", goos, len(seen))
		}
	}
}

// keeperPath is the keeper, which is a command of lsh so that it stays small.
const keeperPath = modulePath + "/daemon/keeper"

func heavy(path string) (prefix, why string) {
	if path == keeperPath {
		return "", ""
	}
	for prefix, why := range tooHeavy {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return prefix, why
		}
	}
	return "", ""
}

func allowed(path string) bool {
	for prefix := range thirdParty {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}
	return false
}
