package schedule

import (
	"iter"
	"time"
)

// Gap says what becomes of wall-clock slots that a gap of the clock swallows.
type Gap uint8

// The answers to a gap.
const (
	GapRun  Gap = iota // they run once, at the gap's end
	GapSkip            // they do not run
)

// Overlap says which pass of a repeated hour wall-clock slots use.
type Overlap uint8

// The answers to an overlap.
const (
	OverlapFirst Overlap = iota // the first pass only
	OverlapBoth                 // every pass
)

// DST is what a wall-clock schedule does when the clock is changed. The zero
// value is the default. Elapsed-time schedules ignore it.
type DST struct {
	Gap     Gap
	Overlap Overlap
}

// Options are what a schedule's text leaves open.
type Options struct {
	Location *time.Location // the wall clock the text speaks of; nil is time.Local
	Seed     string         // names host and job; H and @every are spread by its hash
	DST      DST
}

// Kind is the sort of a schedule.
type Kind uint8

// The kinds of schedules.
const (
	KindCron  Kind = iota // a cron expression, or a name for one such as @daily
	KindEvery             // @every: a fixed distance
	KindStart             // @start: when the daemon starts; has no slots
	KindBoot              // @boot: once per boot of the machine; has no slots
)

// Schedule is a parsed schedule. It is immutable and safe for concurrent use.
// It is kept small, since a daemon holds one or more for each of its jobs.
type Schedule struct {
	text string
	loc  *time.Location

	// Cron: one bit for each value that matches.
	second, minute uint64
	hour, day      uint32
	month          uint16
	weekday        uint8
	bothDays       bool // day of month and day of week must both match, not either

	kind Kind
	dst  DST

	// @every: slots are at offset + n·distance after the Unix epoch.
	distance, offset time.Duration
}

// Kind returns the sort of the schedule.
func (s *Schedule) Kind() Kind { return s.kind }

// Text returns the schedule as it was written.
func (s *Schedule) Text() string { return s.text }

// Same reports whether t names the same slots in the same zone as s, however it
// is written: H and @every mean something else for each job.
func (s *Schedule) Same(t *Schedule) bool {
	a, b := *s, *t
	a.text, b.text = "", ""
	b.loc = a.loc // two readings of one zone
	return a == b && s.loc.String() == t.loc.String()
}

// Elapsed reports whether the schedule counts elapsed time and so ignores what
// is done to the wall clock: @every, and cron expressions whose hour field covers
// all 24 hours.
func (s *Schedule) Elapsed() bool {
	return s.kind == KindEvery || s.kind == KindCron && s.hour == allHours
}

// Next returns the first slot strictly after the given instant. It returns false
// when there is none: for @start and @boot, and beyond the year 9999 (for @every
// beyond 2262).
func (s *Schedule) Next(after time.Time) (Slot, bool) {
	var slot Slot
	var ok bool
	switch s.kind {
	case KindCron:
		slot, ok = s.nextCron(after)
	case KindEvery:
		slot, ok = s.nextEvery(after)
	case KindStart, KindBoot:
	}
	// A slot that is not later would make the caller's timer fire without end.
	if !ok || !slot.At.After(after) {
		return Slot{}, false
	}
	return slot, true
}

// Slots yields the slots strictly after the given instant, in order. For most
// schedules the sequence does not end within a lifetime.
func (s *Schedule) Slots(after time.Time) iter.Seq[Slot] {
	return slots(s.Next, after)
}

func slots(next func(time.Time) (Slot, bool), after time.Time) iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		for at := after; ; {
			slot, ok := next(at)
			if !ok || !yield(slot) {
				return
			}
			at = slot.At
		}
	}
}
