package reconciler

import (
	"iter"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// Coming is a slot that will come due, and what is known of it already.
type Coming struct {
	schedule.Slot
	Due  time.Time // its instant and the job's share of jitter
	Skip string    // why it will not run; "" when it will
}

// Slots are the coming slots of a job after a time, with those that a pause
// or the operator's word will skip marked as such.
func Slots(d Desired, after time.Time) iter.Seq[Coming] {
	return func(yield func(Coming) bool) {
		if d.Job == nil || !Scheduled(d.Job) {
			return
		}
		skips := d.Skips
		for slot := range d.Job.Slots.Slots(after) {
			c := Coming{Slot: slot, Due: slot.At.Add(d.Job.Delay)}
			switch {
			case d.Pause != nil && !d.Pause.ended(c.Due):
				c.Skip = closed(d)
			case len(skips) > 0:
				c.Skip = Because(skips[0].Reason, "skipped by the operator")
				skips = skips[1:]
			}
			if !yield(c) {
				return
			}
		}
	}
}

// promised is when the next slot that will run is due, given when the next
// slot is.
func promised(d Desired, o Observed, next time.Time) time.Time {
	switch {
	case d.Pause == nil && len(d.Skips) == 0:
		return next
	case d.Pause != nil && d.Pause.Until.IsZero():
		return time.Time{}
	}
	after := next.Add(-d.Job.Delay - time.Nanosecond)
	if d.Pause != nil && d.Pause.Until.After(after) {
		after = d.Pause.Until.Add(-d.Job.Delay - time.Second)
	}
	for c := range Slots(d, after) {
		if c.Skip == "" && dealtWith(o, c.At).Op == None {
			return c.Due
		}
	}
	return time.Time{}
}
