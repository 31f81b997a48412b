package schedule

import (
	"fmt"
	"time"
)

// Slot is one nominal time of a schedule and the instant at which it comes.
type Slot struct {
	At      time.Time // in the schedule's location
	Nominal Local     // the wall clock the schedule names; in a gap the first time collapsed
	Note    string    // what a change of the clock did to the slot; mostly empty
}

// Local is a civil date and time, without a zone.
type Local struct {
	Year                      int
	Month                     time.Month
	Day, Hour, Minute, Second int
}

// String returns the time as in 2026-03-08T02:30:00.
func (l Local) String() string {
	return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", l.Year, int(l.Month), l.Day, l.Hour, l.Minute, l.Second)
}

// clock returns the time of day, with seconds only where there are any.
func (l Local) clock() string {
	if l.Second == 0 {
		return fmt.Sprintf("%02d:%02d", l.Hour, l.Minute)
	}
	return fmt.Sprintf("%02d:%02d:%02d", l.Hour, l.Minute, l.Second)
}

// date returns the day as in "8 March".
func (l Local) date() string {
	return fmt.Sprintf("%d %s", l.Day, l.Month)
}

// moved reports whether the slot comes at another time than it names.
func (s Slot) moved() bool {
	_, offset := s.At.Zone()
	return localOf(s.At.Unix()+int64(offset)) != s.Nominal
}
