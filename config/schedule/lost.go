package schedule

import (
	"iter"
	"slices"
	"time"
)

// Lost is a nominal time that a gap of the clock swallows.
type Lost struct {
	Nominal Local
	End     time.Time // of the gap
	Why     string    // why it does not run; "" when it does, at End
}

// Lost yields the nominal times of a wall-clock schedule that the gaps which end
// from one instant to another, both included, swallow. Elapsed-time schedules have
// no nominal times.
func (s *Schedule) Lost(from, to time.Time) iter.Seq[Lost] {
	return func(yield func(Lost) bool) {
		if s.kind != KindCron || s.Elapsed() {
			return
		}
		for before := periodAt(s.loc, from.Unix()-1); before.end <= to.Unix(); {
			p := periodAt(s.loc, before.end)
			p.start = before.end
			for nominal := range s.lostIn(before, p) {
				if !yield(Lost{nominal, s.instant(p.start), s.notMadeUp(p.offset - before.offset)}) {
					return
				}
			}
			before = p
		}
	}
}

// lostIn yields the nominal times of the gap between two periods. A time that
// another period near by shows is not lost.
func (s *Schedule) lostIn(before, p period) iter.Seq[Local] {
	return func(yield func(Local) bool) {
		for second, end := p.start+before.offset, p.start+p.offset; second < end; second++ {
			var ok bool
			if second, ok = s.match(second); !ok || second >= end {
				return
			}
			if earlier, later, _ := twins(s.loc, p, second); earlier+later == 0 && !yield(localOf(second)) {
				return
			}
		}
	}
}

// notMadeUp says why what a gap of so many seconds swallows does not run at its end.
func (s *Schedule) notMadeUp(gap int64) string {
	switch {
	case gap > maxGap:
		return "the calendar was corrected there, which is not made up"
	case s.dst.Gap == GapSkip:
		return "dst.gap is skip"
	}
	return ""
}

// Lost returns what gaps swallow of any schedule of the set, in order.
func (s Set) Lost(from, to time.Time) []Lost {
	var all []Lost
	for _, schedule := range s {
		all = slices.AppendSeq(all, schedule.Lost(from, to))
	}
	slices.SortStableFunc(all, func(a, b Lost) int { return a.Nominal.compare(b.Nominal) })
	return slices.CompactFunc(all, func(a, b Lost) bool { return a.Nominal == b.Nominal })
}

func (l Local) compare(other Local) int {
	return slices.Compare([]int{l.Year, int(l.Month), l.Day, l.Hour, l.Minute, l.Second},
		[]int{other.Year, int(other.Month), other.Day, other.Hour, other.Minute, other.Second})
}
