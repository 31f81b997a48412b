package reconciler

import (
	"fmt"
	"time"

	"github.com/lsh-project/lsh/config"
)

// CatchUpAtMost bounds the slots that catch_up: all runs after one absence.
const CatchUpAtMost = 1000

// away is why a slot was not there in time.
func away() string {
	return fmt.Sprintf("the machine or the daemon was not there; found more than %s late", config.FormatDuration(Late))
}

// stretch is a run of due slots.
type stretch struct {
	first, last time.Time
	count       int
}

func (s stretch) action(op Op, reason string) Action {
	return Action{Op: op, Slot: s.first, Last: s.last, Count: s.count, Reason: reason}
}

// overdue are the due slots from first on that a condition takes, at most
// missAtOnce of them, but none that has been accounted for already, or that the
// operator said to skip.
func overdue(d Desired, o Observed, first time.Time, take func(at time.Time) bool) stretch {
	s := stretch{first: first, last: first, count: 1}
	for slot := range d.Job.Slots.Slots(first) {
		if s.count == missAtOnce || !take(slot.At) || dealtWith(o, slot.At).Op != None || skipped(d, slot.At).Op != None {
			break
		}
		s.last, s.count = slot.At, s.count+1
	}
	return s
}

// late decides about slots that are too late to run as scheduled: first is the
// oldest of them. Those that may run yet are set aside with all that are due by
// now, so that the slots to come are not mistaken for missed ones.
func late(d Desired, o Observed, first, now time.Time) Action {
	j := d.Job
	if j.CatchUp == config.CatchUpNone {
		tooLate := func(at time.Time) bool { return now.Sub(at.Add(j.Delay)) > Late }
		return overdue(d, o, first, tooLate).action(Miss, away())
	}
	return Action{Op: SetAside, Slot: first, Last: now.Add(-j.Delay), Reason: "slots were missed: " + j.CatchUp.String() + " of them will run"}
}

// absent works off an absence, the oldest slot first. When a catch-up run has to wait for its ticket, it says until when.
func absent(d Desired, o Observed, places Places, now time.Time) (Action, time.Time) {
	j := d.Job
	if j == nil || d.Shutdown || !Scheduled(j) || !o.Absence.Open() {
		return Action{}, time.Time{}
	}
	slot, ok := j.Slots.Next(o.Absence.After)
	if !ok || !o.Absence.Has(slot.At) {
		return Action{}, time.Time{}
	}
	first := slot.At
	if a := dealtWith(o, first); a.Op != None {
		return a, time.Time{}
	}
	if a := skipped(d, first); a.Op != None {
		return a, time.Time{}
	}
	// Counted from where the absence ended: to wait for one's turn is to miss nothing.
	outside := func(at time.Time) bool { return o.Absence.Has(at) && at.Before(o.Absence.To.Add(-j.CatchUpWithin)) }
	switch {
	case j.CatchUp == config.CatchUpNone:
		return overdue(d, o, first, o.Absence.Has).action(Miss, away()), time.Time{}
	case outside(first):
		reason := fmt.Sprintf("%s, and longer ago than catch_up_within (%s)", away(), config.FormatDuration(j.CatchUpWithin))
		return overdue(d, o, first, outside).action(Miss, reason), time.Time{}
	case j.CatchUp == config.CatchUpAll:
		return catchUpAll(d, o, places, first, now)
	}
	return catchUpOne(d, o, places, first, now)
}

// catchUpOne lets the newest slot of the absence stand for those before it.
func catchUpOne(d Desired, o Observed, places Places, first, now time.Time) (Action, time.Time) {
	newest := first
	older := stretch{first: first}
	for slot := range d.Job.Slots.Slots(first) {
		if !o.Absence.Has(slot.At) || dealtWith(o, slot.At).Op != None || skipped(d, slot.At).Op != None || older.count == missAtOnce {
			break
		}
		older.last, older.count = newest, older.count+1
		newest = slot.At
	}
	if older.count > 0 {
		return older.action(Collapse, "catch_up: one: a later slot stands for it"), time.Time{}
	}
	return catchUp(d, o, places, first, now)
}

// catchUpAll runs one slot after the other, of the newest thousand. Each waits
// for whatever is in progress, further attempts included.
func catchUpAll(d Desired, o Observed, places Places, first, now time.Time) (Action, time.Time) {
	for _, r := range o.Runs {
		if !r.Lingering {
			return Action{}, time.Time{} // its end is the time to look again
		}
	}
	total := 1
	for slot := range d.Job.Slots.Slots(first) {
		if !o.Absence.Has(slot.At) || total == missAtOnce {
			break
		}
		total++
	}
	if over := total - CatchUpAtMost; over > 0 {
		n := 1
		s := overdue(d, o, first, func(time.Time) bool { n++; return n <= over })
		return s.action(Miss, fmt.Sprintf("%s; catch_up: all runs %d slots at most", away(), CatchUpAtMost)), time.Time{}
	}
	return catchUp(d, o, places, first, now)
}

// catchUp takes a missed slot to the gate when its time has come.
func catchUp(d Desired, o Observed, places Places, slot, now time.Time) (Action, time.Time) {
	switch {
	case o.CatchUpAt.IsZero():
		return Action{Op: Spread, Reason: "the next missed slot takes its turn among those of other jobs"}, time.Time{}
	case o.CatchUpAt.After(now):
		return Action{}, o.CatchUpAt
	}
	a := scheduled(d, o, places, TriggerCatchUp)
	if a.Op != Drop {
		a.Slot = slot
	}
	return a, time.Time{}
}

// outlasted gives up a run that was about to start when the daemon was killed, once its slot is so late that it would not
// run any more.
func outlasted(d Desired, r Run, now time.Time) Action {
	if !r.Again || r.Slot.IsZero() || r.Attempt > 1 {
		return Action{}
	}
	late := now.Sub(r.Slot.Add(d.Job.Delay))
	if late <= Late || d.Job.CatchUp != config.CatchUpNone && late <= d.Job.CatchUpWithin {
		return Action{}
	}
	return Action{Op: Miss, Run: r.ID, Slot: r.Slot, Reason: away()}
}

// pausedSlots accounts for the slots that came due while the job was paused,
// however late they are looked at: a pause is no absence.
func pausedSlots(d Desired, o Observed, now time.Time) Action {
	if d.Job == nil || d.Pause == nil || d.Shutdown || !Scheduled(d.Job) {
		return Action{}
	}
	slot, ok := d.Job.Slots.Next(o.Cursor)
	if ok && dealtWith(o, slot.At).Op != None {
		return Action{} // it is passed over first
	}
	within := func(at time.Time) bool {
		due := at.Add(d.Job.Delay)
		return !due.After(now) && !due.Before(d.Pause.Since) && (d.Pause.Until.IsZero() || due.Before(d.Pause.Until))
	}
	switch due := slot.At.Add(d.Job.Delay); {
	case !ok:
		return Action{}
	case due.Before(d.Pause.Since) && now.Sub(due) > Late: // what was missed before it is not of it
		return late(d, o, slot.At, earliest(now, d.Pause.Since.Add(-time.Nanosecond)))
	case !within(slot.At):
		return Action{}
	}
	return overdue(d, o, slot.At, within).action(Skip, PauseReason(*d.Pause))
}

// abandonAtOnce bounds the stretches that Abandon counts.
const abandonAtOnce = 10

// Abandon accounts for the slots up to now of which nothing has become yet, in
// as few stretches as there are, for when their schedule ends.
func Abandon(j *config.Job, o Observed, now time.Time, reason string) []Action {
	var misses []Action
	if j == nil || !Scheduled(j) {
		return nil
	}
	for first := range o.unsettled(j) {
		if first.After(now) {
			break
		}
		if n := len(misses); n > 0 && !first.After(misses[n-1].Last) {
			continue
		}
		if n := len(misses); n == abandonAtOnce {
			misses[n-1].Last, misses[n-1].Reason = now, reason+"; they are more than were counted"
			break
		}
		of := o.Absence.Has(first)
		s := overdue(Desired{Job: j}, o, first, func(at time.Time) bool { return !at.After(now) && of == o.Absence.Has(at) })
		misses = append(misses, s.action(Miss, reason))
	}
	return misses
}

// Missed is what becomes of the slots that a job has missed.
type Missed struct {
	From, To time.Time // the first and the last of them
	Slots    int
	Runs     int // how many of them will run
	Reason   string
}

// CatchUp says what will become of the slots that a job has missed, before it
// happens. More than ten thousand are not counted.
func CatchUp(d Desired, o Observed, now time.Time) Missed {
	var m Missed
	if d.Job == nil || !Scheduled(d.Job) {
		return m
	}
	j := d.Job
	within := 0
	found := now
	if o.Absence.Open() {
		found = o.Absence.To
	}
	for slot := range o.unsettled(j) {
		due := slot.Add(j.Delay)
		if now.Sub(due) <= Late && !o.Absence.Has(slot) || m.Slots == missAtOnce {
			break
		}
		if d.Pause != nil && !due.Before(d.Pause.Since) && (d.Pause.Until.IsZero() || due.Before(d.Pause.Until)) {
			continue
		}
		if skipped(d, slot).Op != None {
			d.Skips = d.Skips[1:]
			continue
		}
		if m.Slots == 0 {
			m.From = slot
		}
		m.To, m.Slots = slot, m.Slots+1
		if !slot.Before(found.Add(-j.CatchUpWithin)) {
			within++
		}
	}
	switch {
	case m.Slots == 0:
		return m
	case j.CatchUp == config.CatchUpNone:
		m.Reason = "none of them runs (catch_up: none)"
	case within == 0:
		m.Reason = fmt.Sprintf("none of them runs: longer ago than catch_up_within (%s)", config.FormatDuration(j.CatchUpWithin))
	case j.CatchUp == config.CatchUpOne:
		m.Runs, m.Reason = 1, "the last of them runs (catch_up: one)"
	default:
		m.Runs = min(within, CatchUpAtMost)
		m.Reason = fmt.Sprintf("%d of them run, one after the other (catch_up: all)", m.Runs)
	}
	return m
}
