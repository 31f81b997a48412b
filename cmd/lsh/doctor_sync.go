package main

import (
	"cmp"
	"context"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// oldBacklog is how long rows may wait for the database before that is worth a word.
const oldBacklog = time.Hour

// checkSync looks how the replica stands.
func checkSync(_ context.Context, s *subject, r *diagnosis) {
	if s.daemon == nil {
		if s.checkup != nil && s.checkup.Settings != nil && !s.checkup.Settings.Database {
			r.ok("off: no database is set")
			return
		}
		r.unknown("how sync stands: no daemon says so")
		return
	}
	y := s.daemon.Sync
	if y == nil {
		r.ok("off: no database is set")
		return
	}
	r.ok("%s", syncState(*y))
	hint := "lsh sync status"
	if y.Error != nil {
		hint = cmp.Or(y.Error.Hint, hint)
	}
	old := y.Backlog > 0 && s.now().Sub(later(y.LastAckAt, s.daemon.StartedAt)) > oldBacklog
	switch {
	case y.State == ipc.SyncStopped, y.State == ipc.SyncReadOnly, y.State == ipc.SyncSchema:
		r.wrong(hint, "%s", syncTrouble(*y))
	case y.State == ipc.SyncRetrying:
		r.warn(hint, "%s", syncTrouble(*y))
	case old:
		r.warn("lsh sync now", "%s for the database since %s", waits(y.Backlog), ago(later(y.LastAckAt, s.daemon.StartedAt), s.now()))
	}
	if y.SetAside > 0 {
		r.note("lsh sync status", "the database does not take %s; the last: %s", countOf(y.SetAside, "row"), y.LastAside)
	}
	if y.ClockOffset != nil {
		if text, off := clockText(y.ClockOffset.Duration()); off {
			r.warn(setClock(), "the clock is %s", text)
		}
	}
	for _, w := range y.Warnings {
		r.warn("lsh sync status", "%s", w)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
