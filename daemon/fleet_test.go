package daemon

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// Why a fleet cannot be read is said in words with something to do, and without the password.
func TestFleetThatCannotBeRead(t *testing.T) {
	for _, c := range []struct {
		name     string
		database config.Database
		code     string
		says     string
		hint     string
	}{
		{"no database", config.Database{}, "no_database", "no database is set", "lsh sync init"},
		{"plain text to another machine", config.Database{URL: "postgres://you:hushhush@db.example.com/postgres"}, "database", "sslmode=verify-full", "sslmode=verify-full"},
		{"nobody listens", config.Database{URL: "postgres://you:hushhush@127.0.0.1:1/postgres"}, "database", "127.0.0.1:1", "host and port"},
		{
			"a password command that fails",
			config.Database{URL: "postgres://you@127.0.0.1:1/postgres", PasswordCommand: []string{"sh", "-c", "echo hushhush; exit 3"}},
			"database", "exit code 3", "it must print the password",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := FleetOffline(t.Context(), config.Paths{StateDir: t.TempDir()}, c.database)
			if answer.Fleet != nil || answer.Error == nil {
				t.Fatalf("answer is %+v, want an error", answer)
			}
			e := answer.Error
			if e.Data.Code != c.code || !strings.Contains(e.Message, c.says) || !strings.Contains(e.Data.Hint, c.hint) {
				t.Errorf("error is %s: %s, hint %s; want %s with %q, hint with %q", e.Data.Code, e.Message, e.Data.Hint, c.code, c.says, c.hint)
			}
			if text, err := json.Marshal(answer); err != nil || strings.Contains(string(text), "hushhush") {
				t.Errorf("the password is told: %s, %v", text, err)
			}
		})
	}
}

func TestFleetWithoutADatabase(t *testing.T) {
	_, err := (&Daemon{}).fleet(t.Context(), ipc.FleetParams{})
	if e, is := err.(*ipc.Error); !is || e.Code != ipc.CodeNoDatabase || e.Data.Hint == "" {
		t.Errorf("error is %v, want that no database is set, and a hint", err)
	}
}
