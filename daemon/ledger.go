package daemon

import (
	"time"

	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// nominal is the slot of a job that is due at an instant, as its schedule
// names it; false when the schedule names none, as for @start.
func nominal(e *entry, at time.Time) (schedule.Slot, bool) {
	job := e.job.Load()
	if job == nil || at.IsZero() {
		return schedule.Slot{}, false
	}
	s, ok := job.Slots.Next(at.Add(-time.Nanosecond))
	return s, ok && s.At.Equal(at)
}

// account writes what became of one slot, or of a stretch of them.
func (l *loop) account(e *entry, s journal.Slot) {
	s.Job = e.name
	if slot, ok := nominal(e, s.At); ok {
		s.Nominal, s.Note = slot.Nominal.String(), slot.Note
	}
	s.Apart = e.absence.Open() && s.At.After(e.absence.To)
	l.batch.PutSlots(s)
}

// ran accounts for the slot that a run begins. A further attempt, and a run by
// hand, have none of their own.
func (l *loop) ran(e *entry, r *run) {
	if r.Slot.IsZero() || r.Attempt > 1 {
		return
	}
	l.account(e, journal.Slot{At: r.Slot, Outcome: ranOutcome(r), Reason: r.record.Reason, Run: r.ID})
}

func ranOutcome(r *run) string {
	if r.Trigger == reconciler.TriggerCatchUp {
		return ipc.OutcomeCaughtUp
	}
	return ipc.OutcomeRan
}

// passedOver accounts for slots that do not run.
func (l *loop) passedOver(e *entry, a reconciler.Action, outcome string) {
	l.counts.outcomes.add(outcome, max(1, a.Count))
	l.account(e, journal.Slot{At: a.Slot, Last: a.Last, Count: a.Count, Outcome: outcome, Reason: a.Reason})
}

// withdrawn accounts anew for the slot of a run that never began.
func (l *loop) withdrawn(e *entry, r *run, outcome, reason string) {
	if !r.Slot.IsZero() && r.Attempt == 1 {
		l.counts.outcomes.add(outcome, 1)
		l.account(e, journal.Slot{At: r.Slot, Outcome: outcome, Reason: reason, Run: r.ID})
	}
}
