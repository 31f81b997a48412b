package daemon

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// act carries out one action. Whatever it is, it changes what the next look
// observes, so that the job comes to rest.
func (l *loop) act(e *entry, a reconciler.Action) {
	switch a.Op {
	case reconciler.Start:
		r := l.admit(e, a)
		l.ran(e, r)
		l.launch(e, r)
	case reconciler.Enqueue:
		r := l.admit(e, a)
		r.waited = l.now
		l.log.Info("run waits", "job", e.name, "run", r.ID, "reason", a.Reason)
		l.save(r)
		l.ran(e, r)
		l.emit(ipc.Event{Kind: "run.queued", Job: e.name, Run: r.record, Message: a.Reason})
		l.reply(r, nil)
	case reconciler.Launch:
		l.leave(e)
		r := e.find(a.Run)
		wait := config.FormatDuration(since(r.waited, l.now).Truncate(time.Second))
		l.change(r, func(rec *ipc.Run) { rec.Reason = r.because(fmt.Sprintf("%s, after %s", a.Reason, wait)) })
		l.launch(e, r)
	case reconciler.Drop:
		l.leave(e)
		l.dropWaiting(e, e.find(a.Run), ipc.OutcomeSkipped, a.Reason)
	case reconciler.Skip:
		l.skip(e, a)
	case reconciler.Miss, reconciler.Collapse:
		if a.Run != "" {
			l.leave(e)
			l.dropWaiting(e, e.find(a.Run), ipc.OutcomeMissed, a.Reason)
			return
		}
		l.miss(e, a)
	case reconciler.Pass:
		l.pass(e, a)
	case reconciler.SetAside:
		l.setAside(e, a)
	case reconciler.Spread:
		e.catchUpAt = l.ticket()
	case reconciler.Refuse:
		l.refuse(e, a)
	case reconciler.Terminate:
		l.terminate(e, e.find(a.Run), a)
	case reconciler.Kill:
		l.kill(e, e.find(a.Run), a)
	case reconciler.Tell:
		l.tell(e, e.find(a.Run), a)
	case reconciler.Expire:
		l.expire(e, a)
	case reconciler.None:
	}
}

// admit makes the run that an action begins. It spends its slot or request
// first, so that neither can begin a second one.
func (l *loop) admit(e *entry, a reconciler.Action) *run {
	r := &run{
		Run: reconciler.Run{
			ID: newRunID(), Phase: reconciler.Queued, Trigger: a.Trigger, Slot: a.Slot, Attempt: a.Attempt, Admitted: l.now, Retries: a.Retries,
		},
		finished: make(chan struct{}),
	}
	r.record = &ipc.Run{
		ID: r.ID, Job: e.name, State: ipc.RunQueued, Trigger: string(a.Trigger), Attempt: a.Attempt,
		ScheduledAt: a.Slot, Reason: a.Reason,
	}
	switch {
	case a.Request != "":
		req := l.spend(e)
		r.said = req.Words()
		l.orderDone(req.order, begun(r.ID, a))
		if req.answer != nil {
			r.answers = append(r.answers, req.answer)
		}
	case a.Attempt == 1:
		e.advance(a.Slot)
	}
	if !a.Slot.IsZero() {
		r.due = a.Slot
		if j := e.job.Load(); j != nil {
			r.due = r.due.Add(j.Delay)
		}
	}
	e.runs = append(e.runs, r)
	l.live[r.ID] = e
	l.batch.Durable = true // before it begins
	return r
}

// newRunID is unique and sorts by time.
func newRunID() string { return uuid.Must(uuid.NewV7()).String() }

// spend takes the oldest request out.
func (l *loop) spend(e *entry) request {
	req := e.requests[0]
	e.requests = e.requests[1:]
	l.batch.DropRequest(req.ID)
	return req
}

// leave takes the job out of those that wait; others may have waited for it.
func (l *loop) leave(e *entry) {
	group := e.group()
	l.places.leave(e)
	l.mark(l.places.heads(group)...)
}

// line puts the job among those that wait for a place once a run of it waits
// for nothing else. A delay keeps no place from others, and its end is when
// the run comes to stand in line.
func (l *loop) line(e *entry) {
	switch {
	case e.ripe(l.now):
		l.places.enter(e)
	case e.inGroup != nil:
		l.leave(e)
	}
}

// dropWaiting ends a run that has not begun; outcome is that of its slot.
func (l *loop) dropWaiting(e *entry, r *run, outcome, reason string) {
	l.drop(e, r)
	l.withdrawn(e, r, outcome, reason)
	l.finish(e, r, ipc.RunStopped, reason)
}

func (l *loop) skip(e *entry, a reconciler.Action) {
	e.advance(later(a.Slot, a.Last))
	l.passedOver(e, a, ipc.OutcomeSkipped)
	if a.Override != "" {
		l.endOverride(e, a.Override, "its slot has been skipped")
	}
	l.log.Info("slot skipped", "job", e.name, "slot", a.Slot, "reason", a.Reason)
	l.emit(ipc.Event{Kind: "slot.skipped", Job: e.name, Slot: a.Slot, Count: a.Count, Message: a.Reason})
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// pass moves on over a slot that the ledger has an outcome of.
func (l *loop) pass(e *entry, a reconciler.Action) {
	e.advance(later(a.Slot, a.Last))
	l.log.Info("slot passed over", "job", e.name, "slot", a.Slot, "reason", a.Reason)
}

func (l *loop) miss(e *entry, a reconciler.Action) {
	e.advance(a.Last)
	if a.Op == reconciler.Collapse {
		l.passedOver(e, a, ipc.OutcomeCollapsed)
		l.log.Info("slots collapsed", "job", e.name, "slot", a.Slot, "last", a.Last, "count", a.Count, "reason", a.Reason)
		l.emit(ipc.Event{Kind: "slot.collapsed", Job: e.name, Slot: a.Slot, Count: a.Count, Message: a.Reason})
		return
	}
	l.passedOver(e, a, ipc.OutcomeMissed)
	l.log.Warn("slots missed", "job", e.name, "slot", a.Slot, "last", a.Last, "count", a.Count, "reason", a.Reason)
	l.emit(ipc.Event{Kind: "slot.missed", Job: e.name, Slot: a.Slot, Count: a.Count, Message: a.Reason})
}

func (l *loop) refuse(e *entry, a reconciler.Action) {
	req := l.spend(e)
	if !req.Slot.IsZero() {
		l.counts.outcomes.add(ipc.OutcomeRefused, 1)
		l.account(e, journal.Slot{At: req.Slot, Outcome: ipc.OutcomeRefused, Reason: a.Reason})
	}
	l.batch.Durable = true
	l.orderDone(req.order, refusal(a.Reason))
	l.log.Info("run refused", "job", e.name, "reason", a.Reason)
	l.emit(ipc.Event{Kind: "run.refused", Job: e.name, Message: a.Reason})
	if req.answer != nil {
		err := refused(e, a.Reason)
		l.later(func() { req.answer(nil, err) })
	}
}

// terminate asks a run to end. What lives on of its group after grace is
// killed, also when its leader has ended by then.
func (l *loop) terminate(e *entry, r *run, a reconciler.Action) {
	r.Phase, r.StopBy = reconciler.Stopping, a.StopBy
	if !r.Lingering {
		r.end, r.endWhy = a.End, a.Reason
	}
	l.log.Info("run is asked to end", "job", e.name, "run", r.ID, "pid", r.proc.Pid, "signal", a.Signal, "reason", a.Reason)
	l.emit(ipc.Event{Kind: "run.stopping", Job: e.name, Run: r.record, Message: a.Reason})
	l.save(r)
	l.signal(e, r, a.Signal)
}

// signal sends a signal once what it is for is in the journal.
func (l *loop) signal(e *entry, r *run, name string) {
	l.afterCommit(func() {
		if err := l.procs.Signal(r.proc, signalNumber(name)); err != nil {
			l.log.Warn("signal run", "job", e.name, "run", r.ID, "pid", r.proc.Pid, "err", err)
		}
	})
}

func (l *loop) kill(e *entry, r *run, a reconciler.Action) {
	r.Killed = true
	l.log.Warn("run is killed", "job", e.name, "run", r.ID, "pid", r.proc.Pid, "reason", a.Reason)
	l.save(r)
	l.afterCommit(func() { l.spawn.kill(e.name, r.proc) })
	if r.Lingering {
		l.drop(e, r)
	}
}

func (l *loop) tell(e *entry, r *run, a reconciler.Action) {
	r.Told = e.spec
	l.log.Info("run is told of a change", "job", e.name, "run", r.ID, "pid", r.proc.Pid, "signal", a.Signal, "reason", a.Reason)
	l.save(r)
	l.signal(e, r, a.Signal)
}

func (l *loop) expire(e *entry, a reconciler.Action) {
	l.endOverride(e, a.Override, a.Reason)
}

// reply answers whoever asked for the run, once the turn is published.
func (l *loop) reply(r *run, err error) {
	answers, record := r.answers, r.record
	r.answers = nil
	for _, answer := range answers {
		l.later(func() { answer(record, err) })
	}
}

// save keeps a run's record as it now is. A record is never changed after it
// has been saved: changes are made to a copy.
func (l *loop) save(r *run) {
	row := rowOf(r.record)
	if dir := filepath.Base(filepath.Dir(r.output)); r.output != "" && dir != row.Job {
		row.OutputJob = dir // the job has got another name since
	}
	if !ended(row.State) {
		row.Live = asJSON(r.facts(l.boot))
	}
	l.batch.PutRun(row)
}

// change makes a changed copy of the run's record and saves it.
func (l *loop) change(r *run, f func(*ipc.Run)) {
	record := *r.record
	f(&record)
	r.record = &record
	l.save(r)
}

// since is a duration that is never negative, though the clock may be set.
func since(from, to time.Time) time.Duration { return max(0, to.Sub(from)) }
