package schedule

import (
	"cmp"
	"time"
)

// maxGap is the longest gap, in seconds, that counts as daylight saving. Longer
// ones are corrections of the calendar, such as a day left out at the date line.
const maxGap = 3 * 60 * 60

// The instants that slots can have, in Unix seconds: the years 1 to 9999, which
// RFC 3339 can write.
const (
	minInstant = -62135596800
	maxInstant = 253402300799
)

// horizon bounds the search for a slot, in seconds: a hundred years. Only an
// expression all of whose times are lost to gaps comes near it.
const horizon = 100 * 366 * daySeconds

// nextCron returns the first slot of a cron expression after an instant.
func (s *Schedule) nextCron(after time.Time) (Slot, bool) {
	unix := max(after.Unix(), minInstant-1)
	if unix >= maxInstant {
		return Slot{}, false
	}
	unix++
	last := min(unix+horizon, maxInstant)
	for unix <= last {
		p := periodAt(s.loc, unix)
		if slot, ok := s.firstIn(p, unix); ok {
			return slot, slot.At.Unix() <= maxInstant
		}
		if p.end > last {
			return Slot{}, false
		}
		// A slot at or after p.end has a civil time no more than maxOffset before
		// it: look for the first such time, and skip the periods it is far from.
		second, ok := s.match(p.end - maxOffset)
		if !ok {
			return Slot{}, false
		}
		unix = max(p.end, second-maxOffset)
	}
	return Slot{}, false
}

// firstIn returns the first slot at or after an instant within its period.
func (s *Schedule) firstIn(p period, unix int64) (Slot, bool) {
	slot, ok := s.firstShown(p, unix+p.offset)
	if unix != p.start || s.Elapsed() || s.dst.Gap == GapSkip {
		return slot, ok
	}
	lost := s.lostBefore(p)
	if len(lost) == 0 {
		return slot, ok
	}
	note := gapNote(lost, localOf(p.start+p.offset))
	if ok && slot.At.Unix() == p.start {
		slot.Note = cmp.Or(slot.Note, note)
		return slot, true
	}
	return Slot{At: s.instant(p.start), Nominal: lost[0], Note: note}, true
}

// firstShown returns the first slot among the times that a period's wall clock
// shows, at or after a civil second.
func (s *Schedule) firstShown(p period, second int64) (Slot, bool) {
	for {
		var ok bool
		if second, ok = s.match(second); !ok || !p.shows(second) {
			return Slot{}, false
		}
		before, after, until := twins(s.loc, p, second)
		if before > 0 && !s.Elapsed() && s.dst.Overlap == OverlapFirst {
			second = until
			continue
		}
		slot := Slot{At: s.instant(second - p.offset), Nominal: localOf(second)}
		if before+after > 0 {
			slot.Note = overlapNote(slot.Nominal, before, before+after+1)
		}
		return slot, true
	}
}

// lostBefore returns the first few slots that the gap before a period swallowed.
// A time that another period near by shows is not lost.
func (s *Schedule) lostBefore(p period) []Local {
	from, to := p.start+offsetAt(s.loc, p.start-1), p.start+p.offset
	if to-from > maxGap {
		return nil
	}
	var lost []Local
	for len(lost) <= namedInNote {
		second, ok := s.match(from)
		if !ok || second >= to {
			break
		}
		if before, after, _ := twins(s.loc, p, second); before+after == 0 {
			lost = append(lost, localOf(second))
		}
		from = second + 1
	}
	return lost
}

func (s *Schedule) instant(unix int64) time.Time {
	return time.Unix(unix, 0).In(s.loc)
}
