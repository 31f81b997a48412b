package schedule

import (
	"sort"
	"time"
)

// maxOffset bounds the distance of any wall clock from UTC, in seconds. POSIX
// rules go up to 24:59:59.
const maxOffset = 25 * 60 * 60

// eternity stands for "no transition on this side", in Unix seconds. It is far
// enough from the limits of int64 that offsets can be added to it.
const eternity = 1 << 60

// period is a stretch of real time with one offset from UTC: [start, end) in Unix
// seconds. The offset may go on beyond either bound; it never changes inside.
type period struct {
	start, end, offset int64
}

// shows reports whether the wall clock shows the civil second within the period.
func (p period) shows(second int64) bool {
	return p.start+p.offset <= second && second < p.end+p.offset
}

// periodAt returns the period that holds an instant.
//
// ZoneBounds is taken with care. Where a zone is described by a yearly rule it
// counts a year as 365 days, so on a leap year's last day its end has passed
// already; and between the last listed transition and the first one by the rule
// its start can be too early, with another offset.
func periodAt(loc *time.Location, unix int64) period {
	at := time.Unix(unix, 0).In(loc)
	_, offset := at.Zone()
	p := period{start: -eternity, end: eternity, offset: int64(offset)}
	start, end := at.ZoneBounds()
	if !start.IsZero() {
		p.start = start.Unix()
		if offsetAt(loc, p.start) != p.offset {
			p.start = firstWithin(p.start, unix, func(u int64) bool { return offsetAt(loc, u) == p.offset })
		}
	}
	if !end.IsZero() {
		p.end = end.Unix()
		if p.end <= unix {
			p.end = firstWithin(unix, unix+3600, func(u int64) bool { return offsetAt(loc, u) != p.offset })
		}
	}
	return p
}

func offsetAt(loc *time.Location, unix int64) int64 {
	_, offset := time.Unix(unix, 0).In(loc).Zone()
	return int64(offset)
}

// firstWithin returns the first instant in (from, to] where is holds, or to.
func firstWithin(from, to int64, is func(int64) bool) int64 {
	n := sort.Search(int(to-from), func(i int) bool { return is(from + int64(i)) })
	return from + int64(n)
}

// twins looks for other periods in which the wall clock shows a civil second,
// near p. It returns how many come before and after p, and the civil second at
// which the last of those before ends. Neighbours are cut where the one before
// them ends, since two periods of one offset may lap.
func twins(loc *time.Location, p period, second int64) (before, after int, until int64) {
	for q := p; q.start > second-maxOffset; {
		edge := q.start
		q = periodAt(loc, edge-1)
		q.end = edge
		if q.shows(second) {
			before++
			until = max(until, q.end+q.offset)
		}
	}
	for q := p; q.end <= second+maxOffset; {
		edge := q.end
		q = periodAt(loc, edge)
		q.start = edge
		if q.shows(second) {
			after++
		}
	}
	return before, after, until
}
