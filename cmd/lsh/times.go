package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

const day = 24 * time.Hour

// clock is a moment as people say it near now: "03:00" today, "Tue 03:00"
// within a week, "28 Mar 03:00" within the year, "2027-03-28 03:00" beyond.
// Seconds show only where there are any. It is told in t's own zone, with its
// offset where that is not now's.
func clock(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return clockHere(t, now) + offset(t, now)
}

// moment is clock with the seconds always: for what has happened, which is
// seldom on the minute.
func moment(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return dated("15:04:05", t, now) + offset(t, now)
}

// clockHere is clock without the offset.
func clockHere(t, now time.Time) string {
	if t.Second() != 0 {
		return dated("15:04:05", t, now)
	}
	return dated("15:04", t, now)
}

// dated is the time of day in that layout, after the day that it takes to
// know which.
func dated(layout string, t, now time.Time) string {
	here := now.In(t.Location())
	distance := t.Sub(now)
	switch {
	case sameDay(t, here):
	case -6*day < distance && distance < 6*day:
		layout = "Mon " + layout
	case t.Year() == here.Year():
		layout = "2 Jan " + layout
	default:
		layout = "2006-01-02 " + layout
	}
	return t.Format(layout)
}

// offset is t's offset from UTC after a space, nothing where it is ours.
func offset(t, now time.Time) string {
	_, theirs := t.Zone()
	if _, ours := t.In(now.Location()).Zone(); ours == theirs {
		return ""
	}
	return t.Format(" -07:00")
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// clocks are several moments in one line; an offset is told where it changes.
func clocks(times []time.Time, now time.Time) string {
	texts := make([]string, len(times))
	for i, t := range times {
		texts[i] = clockHere(t, now)
		if i+1 == len(times) || offset(times[i+1], now) != offset(t, now) {
			texts[i] += offset(t, now)
		}
	}
	return strings.Join(texts, ", ")
}

// ago is how long t lies back, rounded down, or ahead, rounded to the nearest:
// "2 h ago", "in 5 min", "now".
func ago(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d == math.MaxInt64: // or more: a duration holds 292 years
		return fmt.Sprintf("%d years ago", now.Year()-t.Year())
	case d == math.MinInt64:
		return fmt.Sprintf("in %d years", t.Year()-now.Year())
	case d >= time.Second:
		return age(d) + " ago"
	case d <= -time.Second:
		return "in " + age(nearest(-d))
	}
	return "now"
}

// age is a duration in its largest unit, rounded down: "4 min", "2 h", "6 d".
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d d", d/day)
}

// nearest is d rounded to the unit in which age tells it.
func nearest(d time.Duration) time.Duration {
	for _, u := range []struct{ unit, below time.Duration }{
		{time.Second, time.Minute}, {time.Minute, time.Hour}, {time.Hour, 2 * day},
	} {
		if rounded := d.Round(u.unit); rounded < u.below {
			return rounded
		}
	}
	return d.Round(day)
}

// span is a duration in at most two units: "240 ms", "1.2 s", "3 min 5 s".
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "–"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	case d < 10*time.Second && d%time.Second >= 100*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return twoUnits(d, time.Minute, "min", time.Second, "s")
	case d < day:
		return twoUnits(d, time.Hour, "h", time.Minute, "min")
	}
	return twoUnits(d, day, "d", time.Hour, "h")
}

func twoUnits(d, big time.Duration, bigName string, small time.Duration, smallName string) string {
	if rest := d % big / small; rest != 0 {
		return fmt.Sprintf("%d %s %d %s", d/big, bigName, rest, smallName)
	}
	return fmt.Sprintf("%d %s", d/big, bigName)
}
