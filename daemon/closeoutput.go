package daemon

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/lsh-project/lsh/daemon/internal/output"
	"github.com/lsh-project/lsh/ipc"
)

// diskWasFull is all that can be known: a run writes its output itself, and most programs do not notice that it is lost.
const diskWasFull = "the disk was full while it ran: some of it may be missing"

// outputFull is told that there is no room for what a run prints.
func (d *Daemon) outputFull(run string) {
	d.box.post(func(l *loop) { l.outputFull(run) })
}

func (l *loop) outputFull(run string) {
	e, r := l.whose(run)
	if r == nil || r.Lingering || r.record.OutputLost != "" {
		return
	}
	l.log.Warn("disk is full: output of run may be lost", "job", e.name, "run", r.ID)
	l.change(r, func(rec *ipc.Run) { rec.OutputLost = diskWasFull })
	l.mark(e)
}

// closeOutput cuts the output of a run that has ended for the last time, and
// puts into its record what is missing. Beside the loop: where holes cannot be
// made, it is copied.
func (l *loop) closeOutput(r *run) {
	if r.maxOutput == 0 || r.record.OutputBytes <= r.maxOutput {
		return
	}
	path, limit, finish := r.output, r.maxOutput, output.Finish
	if len(r.record.Survivors) > 0 {
		finish = output.Trim // they print into this very file
	}
	l.afterCommit(func() {
		l.spawn.wg.Go(func() {
			cut, err := finish(path, limit)
			if errors.Is(err, fs.ErrNotExist) {
				return
			}
			l.box.post(func(l *loop) { l.outputClosed(r, cut, err) })
		})
	})
}

func (l *loop) outputClosed(r *run, cut output.Cut, err error) {
	if err != nil {
		l.log.Warn("shorten output of run", "job", r.record.Job, "run", r.ID, "err", err)
	}
	last := r.record
	l.change(r, func(rec *ipc.Run) {
		rec.OutputDropped = cut.Dropped()
		if err != nil {
			rec.OutputLost = fmt.Sprintf("it could not be shortened: %v", err)
		}
	})
	if e := l.entries[r.record.Job]; e != nil && e.last == last {
		e.last = r.record
		l.mark(e)
	}
}
