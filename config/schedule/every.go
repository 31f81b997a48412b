package schedule

import (
	"math"
	"time"
)

// nextEvery returns the first instant after the given one that lies at the
// schedule's offset plus a multiple of its distance from the Unix epoch. Times
// are counted in nanoseconds, so it covers the years 1678 to 2262.
func (s *Schedule) nextEvery(after time.Time) (Slot, bool) {
	distance, offset := int64(s.distance), int64(s.offset)
	if after.After(time.Unix(0, math.MaxInt64)) {
		return Slot{}, false
	}
	// Early enough that subtracting the offset stays within the range.
	if first := time.Unix(0, math.MinInt64+distance); after.Before(first) {
		after = first
	}
	since := after.UnixNano() - offset
	step := distance - (since - floorDiv(since, distance)*distance)
	if after.UnixNano() > math.MaxInt64-step {
		return Slot{}, false
	}
	instant := time.Unix(0, after.UnixNano()+step).In(s.loc)
	_, zone := instant.Zone()
	return Slot{At: instant, Nominal: localOf(instant.Unix() + int64(zone))}, true
}
