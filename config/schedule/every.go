package schedule

import (
	"math"
	"time"
)

// nextEvery returns the first instant after the given one that lies at the
// schedule's offset plus a multiple of its distance from the Unix epoch. Times
// are counted in nanoseconds, so it covers the years 1678 to 2262.
func (s *Schedule) nextEvery(after time.Time) (Slot, bool) {
	if after.After(time.Unix(0, math.MaxInt64-int64(s.distance))) {
		return Slot{}, false
	}
	if first := time.Unix(0, math.MinInt64+2*int64(s.distance)); after.Before(first) {
		after = first
	}
	since := after.UnixNano() - int64(s.offset)
	at := (floorDiv(since, int64(s.distance))+1)*int64(s.distance) + int64(s.offset)
	instant := time.Unix(0, at).In(s.loc)
	_, zone := instant.Zone()
	return Slot{At: instant, Nominal: localOf(instant.Unix() + int64(zone))}, true
}
