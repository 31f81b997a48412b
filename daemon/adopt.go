package daemon

import (
	"time"

	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
)

// orphaned takes in the end of a process that the keeper has inherited: of a
// run that an earlier worker started, or of something that such a run left
// behind. upto is how much of the keeper's record is known by it.
func (l *loop) orphaned(x process.Exit, start uint64, upto int64) {
	l.endsRead = max(l.endsRead, upto)
	for id, e := range l.live {
		r := e.find(id)
		if r == nil || r.Lingering || !r.started || r.proc.Pid != x.Pid || r.proc.StartTime != start {
			continue
		}
		x.ID = r.ID
		l.witnessed(e, r, x)
		return
	}
}

// vanishedGrace is how long the keeper's word on a process that is gone is
// waited for: it is on its way when the process can be missed.
const vanishedGrace = 2 * time.Second

// vanished takes in that a run of an earlier worker is gone. With the keeper
// that was its parent, the keeper tells how it ended. Without, nobody knows.
func (l *loop) vanished(id string) {
	_, r := l.whose(id)
	if r == nil || r.Lingering {
		return
	}
	seen := l.now
	time.AfterFunc(vanishedGrace, func() {
		l.box.post(func(l *loop) {
			e, r := l.whose(id)
			if r == nil || r.Lingering {
				return
			}
			x := process.Exit{ID: id, Pid: r.proc.Pid, Ended: seen, Survivors: len(l.procs.Alive(r.proc)) > 0}
			l.over(e, r, x, ipc.RunLost, "it ended, and nobody who saw its exit status is left to tell")
		})
	})
}
