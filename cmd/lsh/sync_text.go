package main

import (
	"fmt"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// clockOff is how far a machine's clock may be from the database's before that is worth a word.
const clockOff = 5 * time.Second

// printSync prints how the replica stands.
func (a *app) printSync(r ipc.Sync) {
	s, now := a.style(), a.now()
	line := labels{app: a, margin: len("set aside  "), least: leastColumn}.line
	if r.State == ipc.SyncOff {
		line("state", "off: no database is set", nil)
		line("turn on", "lsh sync init --admin-url URL sets up a database and prints what to write into "+a.configFile(), nil)
		return
	}
	text, paint := syncState(r), s.yellow
	if r.State == ipc.SyncOK {
		paint = s.green
	}
	line("state", text, paint)
	if r.Database != "" {
		line("database", r.Database, nil)
	}
	if r.Kind != "" {
		line("kind", kindText(r.Kind), nil)
	}
	line("backlog", waits(r.Backlog), nil)
	last := "none yet"
	if !r.LastAckAt.IsZero() {
		last = ago(r.LastAckAt, now)
	}
	line("last ack", last, nil)
	if r.ClockOffset != nil {
		text, off := clockText(r.ClockOffset.Duration())
		paint := s.yellow
		if !off {
			paint = nil
		}
		line("clock", text, paint)
	}
	if r.SetAside > 0 {
		text := countOf(r.SetAside, "row") + " that the database does not take"
		if r.LastAside != "" {
			text += "; the last: " + r.LastAside
		}
		line("set aside", text, s.yellow)
	}
	if r.Error != nil {
		line("error", r.Error.Message, s.red)
		if r.Error.Hint != "" {
			line("to do", r.Error.Hint, nil)
		}
		if !r.NextTryAt.IsZero() {
			line("next try", ago(r.NextTryAt, now), nil)
		}
	}
	for _, w := range r.Warnings {
		line("warning", w, s.yellow)
	}
}

// syncState is the state in words.
func syncState(r ipc.Sync) string {
	switch {
	case r.State == ipc.SyncOK && r.Backlog > 0:
		return "ok: sending what waits"
	case r.State == ipc.SyncOK && r.LastAckAt.IsZero():
		return "ok: about to connect"
	case r.State == ipc.SyncOK:
		return "ok: the database has all there is"
	case r.State == ipc.SyncRetrying:
		return "retrying: the last try failed; what waits is kept"
	case r.State == ipc.SyncStopped:
		return "stopped: what is wrong does not mend itself; what waits is kept"
	case r.State == ipc.SyncReadOnly:
		return "read only: the database takes nothing; what waits is kept"
	case r.State == ipc.SyncSchema:
		return "schema: it is missing, older than this lsh, or closed to the role; what waits is kept"
	}
	return r.State
}

// syncTrouble is one line for a replica that does not stand well.
func syncTrouble(r ipc.Sync) string {
	if r.Error != nil {
		return r.State + ": " + r.Error.Message
	}
	return syncState(r)
}

// kindText is the kind of a connection in words.
func kindText(kind string) string {
	if kind == "session" || kind == "transaction" {
		return kind + " pooler"
	}
	return kind
}

// waits counts the rows that wait.
func waits(n int64) string {
	switch n {
	case 0:
		return "nothing waits"
	case 1:
		return "1 row waits"
	}
	return fmt.Sprintf("%d rows wait", n)
}

// clockText tells of the difference of the clocks, and whether it is worth mending. offset is the database's minus this one's.
func clockText(offset time.Duration) (text string, off bool) {
	stands, by := "behind", offset
	if offset < 0 {
		stands, by = "ahead of", -offset
	}
	if by < clockOff {
		return "as the database's, within " + span(max(by, time.Millisecond)), false
	}
	return fmt.Sprintf("%s %s the database's: set this machine's clock", span(by), stands), true
}
