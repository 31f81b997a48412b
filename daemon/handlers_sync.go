package daemon

import (
	"cmp"
	"context"

	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/ipc"
)

// syncSeconds is how long sync.now waits.
const syncSeconds = 60

func (d *Daemon) syncStatus(context.Context, ipc.Empty) (ipc.Sync, error) {
	return d.describeSync(), nil
}

// syncNow sends what waits, whatever went wrong before.
func (d *Daemon) syncNow(ctx context.Context, p ipc.SyncNowParams) (ipc.SyncNowResult, error) {
	limit := seconds(p.Timeout, syncSeconds)
	if err := notNegative("timeout", limit.Seconds()); err != nil {
		return ipc.SyncNowResult{}, err
	}
	if d.mirror == nil {
		return ipc.SyncNowResult{}, noDatabase()
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := d.mirror.Now(ctx)
	if !done {
		// A worker that leaves has given up, and the next one goes on.
		ending := stopping()
		d.box.do(func(l *loop) { ending = l.ending() })
		if ending != nil {
			return ipc.SyncNowResult{}, ending
		}
	}
	return ipc.SyncNowResult{Sync: d.describeSync(), Done: done}, nil
}

// noDatabase refuses what needs a database.
func noDatabase() error {
	return ipc.Errorf(ipc.CodeNoDatabase, "no database is set").WithHint("set one up: lsh sync init --admin-url URL")
}

// describeSync is the replica as it is answered.
func (d *Daemon) describeSync() ipc.Sync {
	if d.mirror == nil {
		return ipc.Sync{State: ipc.SyncOff}
	}
	s := d.mirror.Status()
	return ipc.Sync{
		State: s.State, Kind: s.Kind, Database: s.Database, HostID: s.HostID, Backlog: s.Backlog, Acked: s.Acked, LastAckAt: s.LastAck,
		NextTryAt: s.NextTry, Error: wireSyncError(s.Err), SetAside: s.SetAside, LastAside: s.LastAside, ClockOffset: toSeconds(s.ClockOffset),
		Warnings: s.Warnings,
	}
}

func wireSyncError(e *mirror.Error) *ipc.SyncError {
	if e == nil {
		return nil
	}
	return &ipc.SyncError{Code: cmp.Or(e.Code, "failed"), Message: e.Message, Hint: e.Hint}
}
