package schedule

import (
	"testing"
	"time"
)

// The civil calendar is the library's, on every day of 400 years and before year 1.
func TestCivilCalendar(t *testing.T) {
	check := func(at time.Time) {
		second := at.Unix()
		got := localOf(second)
		want := Local{at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second()}
		if got != want {
			t.Fatalf("%d is %s, want %s", second, got, want)
		}
		day := floorDiv(second, daySeconds)
		if dayOf(got.Year, got.Month, got.Day) != day || weekdayOf(day) != int(at.Weekday()) {
			t.Fatalf("%s is day %d, weekday %d", got, dayOf(got.Year, got.Month, got.Day), weekdayOf(day))
		}
		if last := time.Date(at.Year(), at.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day(); monthLength(got.Year, got.Month) != last {
			t.Fatalf("%s %d has %d days, want %d", got.Month, got.Year, monthLength(got.Year, got.Month), last)
		}
	}
	for at := time.Date(1900, 1, 1, 23, 59, 59, 0, time.UTC); at.Year() < 2301; at = at.AddDate(0, 0, 1) {
		check(at)
	}
	for at := time.Date(-500, 1, 1, 0, 0, 1, 0, time.UTC); at.Year() < 1; at = at.AddDate(0, 0, 17) {
		check(at)
	}
}
