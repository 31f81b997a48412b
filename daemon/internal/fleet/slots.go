package fleet

import (
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// mostAbsent bounds the count of absent slots: a host that has been dead for a year owes half a million of a job of every minute.
const mostAbsent = 2000

// slots are what a job's declaration yields.
type slots struct {
	set   schedule.Set
	delay time.Duration // after its instant that a slot is due
}

// slotsOf are those of a job; none when its schedule cannot be computed here: it may be written by a later lsh.
func slotsOf(job Job, zones *schedule.Locations) slots {
	set, err := job.Spec.Slots(zones)
	if err != nil {
		return slots{}
	}
	return slots{set, job.Spec.DueAfter()}
}

// next is when the next slot is due that no pause in force holds; zero when there is none.
func (s slots) next(pause *Pause, now time.Time) time.Time {
	after := now.Add(-s.delay)
	if pause.holds(now) {
		if pause.Until.IsZero() {
			return time.Time{}
		}
		after = pause.end().Add(-s.delay)
	}
	slot, ok := s.set.Next(after)
	if !ok {
		return time.Time{}
	}
	return slot.At.Add(s.delay)
}

// absent are the slots that were due by a time and have no outcome: the first one, and how many; more tells that the count was
// ended. What a pause in force holds is not among them.
func (s slots) absent(job Job, by time.Time) (first time.Time, count int, more bool) {
	if job.Cursor.IsZero() {
		return first, 0, false
	}
	at, covered := job.Cursor, job.Covered
	for {
		slot, ok := s.set.Next(at)
		due := slot.At.Add(s.delay)
		if !ok || due.After(by) {
			return first, count, false
		}
		at = slot.At
		for len(covered) > 0 && covered[0].To.Before(at) {
			covered = covered[1:]
		}
		switch {
		case len(covered) > 0 && !covered[0].From.After(at):
			at = covered[0].To
		case !job.Pause.holds(due):
			if count == mostAbsent {
				return first, count, true
			}
			if count++; count == 1 {
				first = slot.At
			}
		case job.Pause.Until.IsZero():
			return first, count, false
		default:
			at = job.Pause.end().Add(-s.delay)
		}
	}
}
