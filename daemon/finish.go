package daemon

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/output"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// spawned takes in what came of a start.
func (l *loop) spawned(id string, p process.Proc, err error) {
	l.starting--
	e, r := l.whose(id)
	if r == nil {
		return
	}
	l.mark(e)
	if err != nil {
		l.drop(e, r)
		l.finish(e, r, ipc.RunFailed, err.Error())
		return
	}
	r.proc, r.started, r.Phase = p, true, reconciler.Running
	r.Pid, r.Started = p.Pid, p.Started.Round(0)
	l.counts.started.Add(1)
	if r.timeout > 0 {
		r.Timeout = p.Started.Round(0).Add(r.timeout)
	}
	l.change(r, func(rec *ipc.Run) {
		rec.State, rec.StartedAt, rec.Pid = ipc.RunRunning, p.Started.Round(0), p.Pid
		if !r.due.IsZero() {
			rec.Lateness = ipc.InSeconds(since(r.due, rec.StartedAt))
			if r.Trigger == reconciler.TriggerSchedule {
				l.counts.lateness.observe(since(r.due, rec.StartedAt))
			}
		}
		if p.OutputErr != nil {
			rec.OutputLost = "it was not kept: " + p.OutputErr.Error()
		}
	})
	if p.OutputErr != nil {
		l.log.Warn("output of run is not kept", "job", e.name, "run", r.ID, "err", p.OutputErr)
	}
	if r.maxOutput > 0 && p.OutputErr == nil {
		l.trimmer.Watch(r.ID, r.output, r.maxOutput)
	}
	l.log.Info("run started", "job", e.name, "run", r.ID, "pid", p.Pid, slotAttr(r.Slot), "reason", r.record.Reason)
	l.emit(ipc.Event{Kind: "run.started", Job: e.name, Run: r.record, Message: r.record.Reason})
	l.reply(r, nil)
	if r.exit != nil {
		l.exited(*r.exit)
	}
}

// slotAttr is the slot for the log; nothing for a run by hand.
func slotAttr(slot time.Time) slog.Attr {
	if slot.IsZero() {
		return slog.Attr{}
	}
	return slog.Time("slot", slot)
}

// exited takes in the end of a run's leader that was a child of this worker.
// Exits name their run, so that a late one of a former run cannot be taken for
// another's.
func (l *loop) exited(x process.Exit) {
	e, r := l.whose(x.ID)
	if r == nil || r.started {
		l.noted++
	}
	switch {
	case r == nil || r.Lingering:
	case !r.started:
		r.exit = &x // the start has yet to be told
	default:
		state, why := outcome(r, x)
		l.over(e, r, x, state, why)
	}
}

// over ends a run whose leader has ended, whoever has seen it.
func (l *loop) over(e *entry, r *run, x process.Exit, state, why string) {
	l.mark(e)
	switch {
	case r.Phase == reconciler.Stopping && len(l.procs.Alive(r.proc)) > 0:
		r.Lingering = true // until nothing of it is left, or grace is up
	case r.Phase == reconciler.Stopping || !x.Survivors:
		l.drop(e, r)
	default:
		l.drop(e, r)
		e.survivors = append(e.survivors, r)
		if r.maxOutput > 0 {
			l.trimmer.Watch(r.ID, r.output, r.maxOutput) // they still print
		}
		l.prune(e)
		if l.shutdown {
			l.haltSurvivors(e, "the daemon stops")
		}
	}
	l.change(r, func(rec *ipc.Run) {
		rec.EndedAt = x.Ended.Round(0)
		if state != ipc.RunLost {
			rec.Duration = ipc.InSeconds(since(r.proc.Started, x.Ended))
			if x.Signal == 0 {
				rec.ExitCode = new(x.Code)
			} else {
				rec.Signal = signalName(x.Signal)
			}
			rec.CPUSeconds, rec.MaxRSSBytes = ipc.InSeconds(x.CPU), x.MaxRSS
		}
		if info, err := os.Stat(r.output); err == nil {
			rec.OutputBytes = info.Size()
			if rec.OutputLost == "" && output.Full(r.output) {
				rec.OutputLost = diskWasFull
				l.log.Warn("disk was full: output of run may be lost", "job", e.name, "run", r.ID)
			}
		}
		if x.Survivors {
			rec.Survivors = l.procs.Alive(r.proc)
		}
	})
	l.finish(e, r, state, why)
	l.closeOutput(r)
}

// outcome is what a run's end means by the job's own rules: those that were
// in force when it began.
func outcome(r *run, x process.Exit) (state, why string) {
	switch {
	case r.end == reconciler.EndTimedOut:
		return ipc.RunTimedOut, r.endWhy
	case r.end == reconciler.EndStopped:
		return ipc.RunStopped, r.endWhy
	case x.Signal != 0:
		return ipc.RunFailed, "ended by signal " + signalName(x.Signal)
	case slices.Contains(r.success, x.Code):
		return ipc.RunSucceeded, ""
	}
	return ipc.RunFailed, fmt.Sprintf("exit code %d", x.Code)
}

// finish records the end of a run and gives its place to others.
func (l *loop) finish(e *entry, r *run, state, why string) {
	l.change(r, func(rec *ipc.Run) {
		rec.State = state
		if why != "" {
			rec.Reason = r.because(why)
		}
		if rec.EndedAt.IsZero() && state != ipc.RunLost {
			rec.EndedAt = l.now
		}
	})
	l.retry(e, r, state)
	switch state {
	case ipc.RunSucceeded:
		e.failures = 0
	case ipc.RunFailed, ipc.RunTimedOut:
		e.failures++
	}
	l.counts.ended.add(state, 1)
	if r.record.Duration != nil {
		l.counts.duration.observe(r.record.Duration.Duration())
	}
	l.failed = l.failed || state != ipc.RunSucceeded
	e.last = r.record
	l.mark(l.places.release(r)...)
	l.mark(e)
	l.log.Info("run ended", "job", e.name, "run", r.ID, "pid", r.proc.Pid, "state", state, "reason", r.record.Reason)
	l.tidy.ended(e)
	l.emit(ipc.Event{Kind: "run.ended", Job: e.name, Run: r.record, Message: endWords(r.record)})
	l.reply(r, nil)
	l.later(func() { close(r.finished) }) // once the journal can tell how
}

// endWords is a run's end in words.
func endWords(rec *ipc.Run) string {
	if rec.State == ipc.RunSucceeded || rec.Reason == "" {
		return rec.State
	}
	return rec.State + ": " + rec.Reason
}

// whose finds a run in progress.
func (l *loop) whose(id string) (*entry, *run) {
	e := l.live[id]
	if e == nil {
		return nil, nil
	}
	return e, e.find(id)
}

// drop takes a run out of those in progress.
func (l *loop) drop(e *entry, r *run) {
	l.trimmer.Forget(r.ID)
	delete(l.live, r.ID)
	e.drop(r)
}

// survivorsKept bounds how many ended runs of a job are remembered for the
// members of their groups.
const survivorsKept = 16

// prune forgets survivors that are gone, and the oldest beyond the bound.
func (l *loop) prune(e *entry) {
	var live []*run
	for _, r := range e.survivors {
		if len(l.procs.Alive(r.proc)) > 0 {
			live = append(live, r)
		} else {
			l.trimmer.Forget(r.ID)
		}
	}
	for len(live) > survivorsKept {
		l.trimmer.Forget(live[0].ID)
		live = live[1:]
	}
	e.survivors = live
}
