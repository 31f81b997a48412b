package schedule

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// Set is the schedules of one job: it is due when any of them is.
type Set []*Schedule

// Next returns the earliest slot of any schedule strictly after the given instant,
// or false when none has one. Slots at one instant are one: a real slot is
// preferred to one moved there from a gap, and keeps the other's note.
func (s Set) Next(after time.Time) (Slot, bool) {
	var next Slot
	found := false
	for _, schedule := range s {
		slot, ok := schedule.Next(after)
		switch {
		case !ok:
		case !found || slot.At.Before(next.At):
			next, found = slot, true
		case slot.At.Equal(next.At):
			next = merge(next, slot)
		}
	}
	return next, found
}

func merge(a, b Slot) Slot {
	if a.moved() && !b.moved() {
		a, b = b, a
	}
	a.Note = cmp.Or(a.Note, b.Note)
	return a
}

// Slots yields the slots strictly after the given instant, in order.
func (s Set) Slots(after time.Time) iter.Seq[Slot] {
	return slots(s.Next, after)
}

// Has reports whether a schedule of the kind is among the set's.
func (s Set) Has(k Kind) bool {
	return slices.ContainsFunc(s, func(schedule *Schedule) bool { return schedule.kind == k })
}
