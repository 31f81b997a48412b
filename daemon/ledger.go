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
	l.batch.PutSlots(s)
}

// ran accounts for the slot that a run begins. A further attempt, and a run by
// hand, have none of their own.
func (l *loop) ran(e *entry, r *run) {
	if r.Slot.IsZero() || r.Attempt > 1 {
		return
	}
	outcome := ipc.OutcomeRan
	if r.Trigger == reconciler.TriggerCatchUp {
		outcome = ipc.OutcomeCaughtUp
	}
	l.account(e, journal.Slot{At: r.Slot, Outcome: outcome, Reason: r.record.Reason, Run: r.ID})
}

// passedOver accounts for slots that do not run.
func (l *loop) passedOver(e *entry, a reconciler.Action, outcome string) {
	l.account(e, journal.Slot{At: a.Slot, Last: a.Last, Count: a.Count, Outcome: outcome, Reason: a.Reason})
}

// withdrawn accounts anew for the slot of a run that never began.
func (l *loop) withdrawn(e *entry, r *run, outcome, reason string) {
	if !r.Slot.IsZero() && r.Attempt == 1 {
		l.account(e, journal.Slot{At: r.Slot, Outcome: outcome, Reason: reason, Run: r.ID})
	}
}

// clockSetBack lets the slots come again that the clock had passed before it
// was set back, but for those that the ledger has an answer to. What it had
// called missed has not come yet, and is forgotten.
func (l *loop) clockSetBack(e *entry) {
	const forever = 100 * 365 * 24 * time.Hour
	l.batch.CutSlots(e.name, l.now)
	slots, err := l.journal.Slots(e.name, l.now, l.now.Add(forever), 0)
	if err != nil {
		l.log.Warn("read ledger", "job", e.name, "err", err)
		return // the cursor stays: rather no run than a second one
	}
	e.cursor, e.dealt = l.now, nil
	for _, s := range slots {
		switch {
		case s.Outcome != ipc.OutcomeMissed:
			e.dealt = append(e.dealt, reconciler.Span{From: s.At, To: s.Last})
		case s.At.Before(e.cursor):
			e.cursor = s.At.Add(-time.Nanosecond) // that part is counted anew
		}
	}
	l.mark(e)
}
