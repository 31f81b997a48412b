package daemon

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// newID names an override or a request.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// request asks for a run now and gives the request's id. answer is called once the run has begun,
// waits, or is refused.
func (l *loop) request(e *entry, reason string, answer func(*ipc.Run, error)) string {
	id := newID()
	e.requests = append(e.requests, request{
		Request: reconciler.Request{ID: id, Trigger: reconciler.TriggerManual, Reason: reason},
		answer:  answer,
	})
	l.batch.PutRequest(journal.Request{
		ID: id, Job: e.name, Trigger: string(reconciler.TriggerManual), Reason: reason, Created: l.now,
	})
	l.batch.Durable = true
	l.mark(e)
	return id
}

// pause lays a pause over a job, in place of one that is there.
func (l *loop) pause(e *entry, o ipc.Override) {
	if e.pause != nil {
		l.batch.EndOverride(e.pause.ID, l.now, "another pause took its place")
	}
	e.pause = &o
	l.overridden(e, o, "paused")
}

// skipNext lays a skip of the next slot over a job.
func (l *loop) skipNext(e *entry, o ipc.Override) {
	e.skips = append(e.skips, o)
	l.overridden(e, o, "the next slot will be skipped")
}

func (l *loop) overridden(e *entry, o ipc.Override, message string) {
	about := []any{"job", e.name, "kind", o.Kind, "uid", o.Owner.UID, "reason", o.Reason}
	if !o.Until.IsZero() {
		about = append(about, "until", o.Until)
	}
	if o.Owner.From != "" {
		message += " by " + who(o.Owner)
	}
	l.log.Info("override set", about...)
	l.emit(ipc.Event{Kind: "override.set", Job: e.name, Message: message})
	l.batch.PutOverride(overrideRow(o))
	l.batch.Durable = true
	l.mark(e)
}

// resume ends the pause of a job.
func (l *loop) resume(e *entry) {
	if e.pause != nil {
		l.endOverride(e, e.pause.ID, "resumed by the operator")
	}
}

// resetOverrides ends every override of a job and counts them.
func (l *loop) resetOverrides(e *entry) int {
	overrides := e.overrides()
	for _, o := range overrides {
		l.endOverride(e, o.ID, "overrides were reset")
	}
	return len(overrides)
}

// endOverride takes an override back. The slots of a pause have each been
// accounted for when they were due, so none is left to be made up.
func (l *loop) endOverride(e *entry, id, reason string) {
	if e.pause != nil && e.pause.ID == id {
		e.pause = nil
	}
	e.skips = slices.DeleteFunc(e.skips, func(o ipc.Override) bool { return o.ID == id })
	l.log.Info("override ended", "job", e.name, "reason", reason)
	l.emit(ipc.Event{Kind: "override.ended", Job: e.name, Message: reason})
	l.batch.EndOverride(id, l.now, reason)
	l.batch.Durable = true
	l.mark(e)
}

// halt stops what is in progress of a job and what outlived it, and drops
// what waits. It is about these runs: the next slot comes as ever.
func (l *loop) halt(e *entry, reason string) {
	for _, r := range e.runs {
		r.Halt = reason
		if !r.Lingering {
			l.save(r) // the operator's word must outlive this worker
		}
	}
	l.batch.Durable = true
	l.haltSurvivors(e, reason)
	l.mark(e)
}

// haltSurvivors stops what outlived its run.
func (l *loop) haltSurvivors(e *entry, reason string) {
	l.prune(e)
	for _, r := range e.survivors {
		r.Halt, r.Lingering = reason, true
		e.runs = append(e.runs, r)
		l.live[r.ID] = e
	}
	e.survivors = nil
}

// stop begins the end of the daemon: nothing new starts, what runs may end
// until the deadline.
func (l *loop) stop(limit time.Duration) {
	deadline := l.now.Add(limit)
	if l.shutdown {
		if deadline.Before(l.deadline) {
			l.deadline = deadline
		}
		return
	}
	l.shutdown, l.deadline = true, deadline
	if l.keeper != nil {
		_ = l.keeper.Stopping() // one that is gone starts no other worker
	}
	l.herald.stopping()
	l.log.Info("daemon stops", "running", len(l.live), "limit", limit)
	l.emit(ipc.Event{Kind: "daemon.stopping", Message: "the daemon stops"})
	for _, e := range l.entries {
		l.haltSurvivors(e, "the daemon stops")
		if len(e.runs)+len(e.requests) > 0 {
			l.mark(e)
		}
	}
}

// stopLate stops what still runs at the deadline. What neither came to be nor
// could be killed by the next one (it hangs on a dead network mount) is given
// up, so that the daemon ends.
func (l *loop) stopLate() {
	if !l.shutdown || l.now.Before(l.deadline) {
		return
	}
	for _, e := range l.entries {
		for _, r := range slices.Clone(e.runs) {
			switch {
			case r.outlives():
			case r.Halt == "":
				r.Halt = "the daemon stops"
				l.mark(e)
			case r.Phase == reconciler.Starting || r.Killed:
				l.abandoned = true
				l.drop(e, r)
				if !r.Lingering {
					l.finish(e, r, ipc.RunLost, "it did not end before the daemon stopped")
				}
			}
		}
	}
	l.deadline = l.now.Add(givenUpAfter)
}

// killAll ends every run at once.
func (l *loop) killAll() {
	l.stop(0)
	for _, e := range l.entries {
		for _, r := range e.runs {
			if r.outlives() {
				continue
			}
			r.Halt, r.Stop.Grace = "the daemon stops at once", 0
			r.StopBy = l.now
			l.mark(e)
		}
	}
}

// outlives tells whether a run is no business of the daemon's end: a further
// attempt that waits is made by the next one. The operator's word about it holds.
func (r *run) outlives() bool {
	return r.Phase == reconciler.Queued && !r.NotBefore.IsZero() && r.Halt == ""
}

// idle tells whether nothing is left to wait for.
func (l *loop) idle() bool {
	for id, e := range l.live {
		if r := e.find(id); r == nil || !r.outlives() {
			return false
		}
	}
	return true
}
