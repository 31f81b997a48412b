package main

import (
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// settingsElsewhere is an environment whose settings are in /etc/lsh.yaml.
func settingsElsewhere(name string) (string, bool) {
	if name == "LSH_CONFIG" {
		return "/etc/lsh.yaml", true
	}
	return "", false
}

func TestSyncStatusText(t *testing.T) {
	for _, c := range []struct {
		name string
		sync ipc.Sync
		want string
	}{
		{"off", ipc.Sync{State: ipc.SyncOff}, `state      off: no database is set
turn on    lsh sync init --admin-url URL sets up a database and prints what to write into /etc/lsh.yaml
`},
		{"all has arrived", ipc.Sync{
			State: ipc.SyncOK, Kind: "transaction", Database: "lsh_ann@db.example:6543/postgres", LastAckAt: monday.Add(-3 * time.Second),
			ClockOffset: ipc.InSeconds(-240 * time.Millisecond),
		}, `state      ok: the database has all there is
database   lsh_ann@db.example:6543/postgres
kind       transaction pooler
backlog    nothing waits
last ack   3 s ago
clock      as the database's, within 240 ms
`},
		{"before the first connection", ipc.Sync{State: ipc.SyncOK, Database: "lsh_ann@db.example:6543/postgres"}, `state      ok: about to connect
database   lsh_ann@db.example:6543/postgres
backlog    nothing waits
last ack   none yet
`},
		{"in trouble", ipc.Sync{
			State: ipc.SyncRetrying, Kind: "direct", Database: "lsh_ann@db.example:5432/postgres", Backlog: 1204, LastAckAt: monday.Add(-26 * time.Hour),
			NextTryAt: monday.Add(4 * time.Minute), ClockOffset: ipc.InSeconds(-time.Hour), SetAside: 2, LastAside: "run 5e01a9c4: invalid \x1b[31mtime",
			Error:    &ipc.SyncError{Code: "no_route", Message: "reach db.example:5432: network is unreachable", Hint: "see that this machine is online"},
			Warnings: []string{"older output tails were let go"},
		}, `state      retrying: the last try failed; what waits is kept
database   lsh_ann@db.example:5432/postgres
kind       direct
backlog    1204 rows wait
last ack   26 h ago
clock      1 h ahead of the database's: set this machine's clock
set aside  2 rows that the database does not take; the last: run 5e01a9c4: invalid �[31mtime
error      reach db.example:5432: network is unreachable
to do      see that this machine is online
next try   in 4 min
warning    older output tails were let go
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := saidBy(func(a *app) {
				a.getenv = settingsElsewhere
				a.printSync(c.sync)
			})
			if got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestSyncStatesHaveWords(t *testing.T) {
	for _, state := range []string{ipc.SyncOK, ipc.SyncRetrying, ipc.SyncStopped, ipc.SyncReadOnly, ipc.SyncSchema} {
		if text := syncState(ipc.Sync{State: state}); !strings.Contains(text, ": ") {
			t.Errorf("%s is told as %q", state, text)
		}
	}
}

func TestClockText(t *testing.T) {
	for offset, want := range map[time.Duration]string{
		0:                "as the database's, within 1 ms",
		4 * time.Second:  "as the database's, within 4 s",
		5 * time.Second:  "5 s behind the database's: set this machine's clock",
		-2 * time.Minute: "2 min ahead of the database's: set this machine's clock",
	} {
		if got, off := clockText(offset); got != want || off != strings.Contains(want, "set") {
			t.Errorf("offset %s is told as %q, %t, want %q", offset, got, off, want)
		}
	}
}

func TestSyncNowFailsWithTheReason(t *testing.T) {
	down := &ipc.SyncError{Code: "unreachable", Message: "reach db.example:5432: connection refused", Hint: "see that the server runs"}
	for _, c := range []struct {
		result                   ipc.SyncNowResult
		code, message, hintBegin string
	}{
		{ipc.SyncNowResult{Done: true, Sync: ipc.Sync{State: ipc.SyncOK}}, "", "", ""},
		{ipc.SyncNowResult{Sync: ipc.Sync{State: ipc.SyncOff}}, "off", "sync is off: no database is set", "lsh sync init"},
		{ipc.SyncNowResult{Sync: ipc.Sync{State: ipc.SyncRetrying, Error: down}}, down.Code, down.Message, down.Hint},
		{ipc.SyncNowResult{Sync: ipc.Sync{State: ipc.SyncOK, Backlog: 7}}, "timeout", "not all has arrived within 1 min 30 s: 7 rows wait", "lsh sync status"},
	} {
		var err error
		said := saidBy(func(a *app) { err = a.printSyncNow(c.result, 90*time.Second) })
		if !strings.HasPrefix(said, "state ") {
			t.Errorf("it prints %q, want the status", said)
		}
		if c.code == "" {
			if err != nil {
				t.Errorf("all has arrived, and the error is %v", err)
			}
			continue
		}
		if f := explain(err); f.exit != exitFailed || f.code != c.code || f.message != c.message || f.hint != c.hintBegin {
			t.Errorf("error is %d %s %q, hint %q, want 1 %s %q, hint %q", f.exit, f.code, f.message, f.hint, c.code, c.message, c.hintBegin)
		}
	}
}

func TestStatusTellsOfASyncInTrouble(t *testing.T) {
	for _, c := range []struct {
		sync *ipc.Sync
		want string
	}{
		{nil, ""},
		{&ipc.Sync{State: ipc.SyncOK, Backlog: 9}, ""},
		{&ipc.Sync{State: ipc.SyncSchema}, "sync    schema: it is missing, older than this lsh, or closed to the role; what waits is kept; lsh sync status says more\n"},
		{
			&ipc.Sync{State: ipc.SyncStopped, Error: &ipc.SyncError{Message: "log in to db.example:5432 as lsh_ann: no"}},
			"sync    stopped: log in to db.example:5432 as lsh_ann: no; lsh sync status says more\n",
		},
	} {
		got := saidBy(func(a *app) {
			a.printDaemon(ipc.Daemon{StartedAt: monday, Config: ipc.Source{State: ipc.SourceAccepted}, Sync: c.sync})
		})
		if _, tells, _ := strings.Cut(got, "accepted\n"); !strings.HasSuffix(got, c.want) || strings.Contains(tells, "sync") != (c.want != "") {
			t.Errorf("status is\n%swant %q", got, c.want)
		}
	}
}

func TestSyncInitText(t *testing.T) {
	made := ipc.SyncInit{
		Role: "lsh_ann", URL: "postgres://lsh_ann.ref:s3cret@pooler.example:6543/postgres?sslmode=verify-full", SchemaVersion: 20261122000200,
		User: "Ann", Server: "pooler.example:6543", Applied: []string{"lsh_init", "lsh_push"}, Created: true, Password: true, ShellJobs: true,
	}
	found := ipc.SyncInit{
		Role: "lsh_ann", URL: "postgres://lsh_ann@localhost:5432/postgres", SchemaVersion: 20261122000200, User: "Ann", Server: "localhost:5432",
	}
	mended := found
	mended.Mended = true
	renewed := found
	renewed.Password, renewed.URL = true, "postgres://lsh_ann:n3w@localhost:5432/postgres"
	const then = `
then:

  chmod 600 /etc/lsh.yaml
  lsh daemon restart
  lsh sync status

Your other machines take the same lines.
`
	for _, c := range []struct {
		made   ipc.SyncInit
		caCert string
		want   string
	}{
		{made, "/home/ann/my root.crt", `schema  version 20261122000200 on pooler.example:6543: made (lsh_init, lsh_push)
login   lsh_ann for Ann: made
feeds   public.shell_jobs

The password in this URL is shown once and kept nowhere else. Write into /etc/lsh.yaml:

database:
  url: "postgres://lsh_ann.ref:s3cret@pooler.example:6543/postgres?sslmode=verify-full"
  ca_cert: "/home/ann/my root.crt"
` + then},
		{mended, "", `schema  version 20261122000200 on localhost:5432: was there; rights were missing, and are given again
login   lsh_ann for Ann: was there, and keeps its password

The password was shown when it was made, and your other machines have it. Write into /etc/lsh.yaml,
with :PASSWORD behind the login; lsh sync init --new-password makes another one:

database:
  url: "postgres://lsh_ann@localhost:5432/postgres"
` + then},
		{found, "", `schema  version 20261122000200 on localhost:5432: was there
login   lsh_ann for Ann: was there, and keeps its password

The password was shown when it was made, and your other machines have it. Write into /etc/lsh.yaml,
with :PASSWORD behind the login; lsh sync init --new-password makes another one:

database:
  url: "postgres://lsh_ann@localhost:5432/postgres"
` + then},
		{renewed, "", `schema  version 20261122000200 on localhost:5432: was there
login   lsh_ann for Ann: was there, and has a new password: machines with the old one stop until they have it

The password in this URL is shown once and kept nowhere else. Write into /etc/lsh.yaml:

database:
  url: "postgres://lsh_ann:n3w@localhost:5432/postgres"
` + then},
	} {
		got := saidBy(func(a *app) {
			a.getenv = settingsElsewhere
			a.printSyncInit(c.made, c.caCert)
		})
		if got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}
