package daemon

import (
	"slices"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// advance moves on over slots that have been dealt with: those of the absence
// on their own, all others by the cursor.
func (e *entry) advance(to time.Time) {
	if !e.absence.Has(to) {
		e.cursor = to
	} else {
		e.absence.After, e.catchUpAt = to, time.Time{}
		if next, ok := e.job.Load().Slots.Next(to); !ok || !e.absence.Has(next.At) {
			e.absence = reconciler.Absence{} // it is worked off
		}
	}
	settled := e.settled()
	e.dealt = slices.DeleteFunc(e.dealt, func(s reconciler.Span) bool { return !s.To.After(settled) })
}

// settled is up to where every slot has been accounted for. It is what is
// durable of the cursor: from there on, a later worker asks the ledger.
func (e *entry) settled() time.Time {
	if e.absence.Open() {
		return e.absence.After
	}
	return e.cursor
}

// setAside begins an absence. One that is still being worked off grows: what was
// dealt with between the two is remembered.
func (l *loop) setAside(e *entry, a reconciler.Action) {
	switch {
	case !e.absence.Open():
		e.absence.After = e.cursor
	case e.cursor.After(e.absence.To):
		e.dealt = append(e.dealt, reconciler.Span{From: e.absence.To.Add(time.Nanosecond), To: e.cursor})
		slices.SortStableFunc(e.dealt, func(a, b reconciler.Span) int { return a.From.Compare(b.From) })
	}
	e.absence.To, e.cursor = a.Last, a.Last
	l.log.Info("missed slots are set aside", "job", e.name, "slot", a.Slot, "last", a.Last, "reason", a.Reason)
}

// forever is longer than any schedule is asked for.
const forever = 100 * 365 * 24 * time.Hour

// clockSetBack lets the slots come again that the clock had passed before it
// was set back, but for those that the ledger has an answer to. What it had
// called missed has not come yet, and is forgotten.
func (l *loop) clockSetBack(e *entry) {
	l.batch.CutSlots(e.name, l.now)
	slots, err := l.journal.Slots(e.name, earlier(e.settled(), l.now), l.now.Add(forever), 0)
	if err != nil {
		l.log.Warn("read ledger", "job", e.name, "err", err)
		return // the cursor stays: rather no run than a second one
	}
	e.cursor, e.dealt = l.now, nil
	for _, s := range slots {
		switch {
		case s.Outcome != ipc.OutcomeMissed || !s.Last.After(l.now):
			e.dealt = append(e.dealt, reconciler.Span{From: s.At, To: s.Last})
		case s.At.Before(e.cursor):
			e.cursor = s.At.Add(-time.Nanosecond) // that part is counted anew
		}
	}
	if e.absence.To.After(e.cursor) {
		e.absence.To = e.cursor // the rest of it has not come yet
	}
	l.mark(e)
}

// catchUpEvery is how far apart the catch-up runs of different jobs begin.
const catchUpEvery = 500 * time.Millisecond

// ticket is when the next catch-up run may begin: a machine that wakes up
// must not do a night's work at once.
func (l *loop) ticket() time.Time {
	at := l.nextTicket
	if at.Before(l.now) {
		at = l.now
	}
	l.nextTicket = at.Add(catchUpEvery)
	return at
}

// countFromNow begins the schedule anew: what the former one has left open is
// missed, and why says for what.
func (l *loop) countFromNow(e *entry, why string) {
	for _, a := range reconciler.Abandon(e.job.Load(), e.observed(), l.now, why) {
		l.miss(e, a)
	}
	e.absence, e.catchUpAt = reconciler.Absence{}, time.Time{}
	e.advance(later(e.cursor, l.now))
}
