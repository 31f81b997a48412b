package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
)

// whenHint names every way to write a moment.
const whenHint = `write "15:04", "tomorrow 8:00", "2026-01-02 15:04" or 2026-01-02T15:04:05Z`

// toward says which of the days a time of day means.
type toward int

const (
	ahead toward = iota // the next one
	back                // the last one
)

// parseWhen reads a moment as people type it, in now's zone where it names
// none: RFC 3339, a date with or without a time, "today", "tomorrow" or
// "yesterday" with or without a time, or a time of day. A duration is a
// moment too when looking back: "2h" is two hours ago.
func parseWhen(text string, now time.Time, dir toward) (time.Time, error) {
	text = strings.TrimSpace(text)
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{
		"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02",
	} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	if t, ok := namedDay(text, now); ok {
		return t, nil
	}
	if t, ok := timeOfDay(text, now); ok {
		switch {
		case dir == ahead && !t.After(now):
			t = t.AddDate(0, 0, 1)
		case dir == back && t.After(now):
			t = t.AddDate(0, 0, -1)
		}
		return t, nil
	}
	if dir == back {
		if d, err := config.ParseDuration(text); err == nil {
			return now.Add(-d), nil
		}
	}
	return time.Time{}, usage(fmt.Sprintf("%q is no time", text), whenHint)
}

func namedDay(text string, now time.Time) (time.Time, bool) {
	name, clock, timed := strings.Cut(text, " ")
	shift, ok := map[string]int{"yesterday": -1, "today": 0, "tomorrow": 1}[strings.ToLower(name)]
	if !ok {
		return time.Time{}, false
	}
	that := now.AddDate(0, 0, shift)
	if !timed {
		return time.Date(that.Year(), that.Month(), that.Day(), 0, 0, 0, 0, now.Location()), true
	}
	return timeOfDay(strings.TrimSpace(clock), that)
}

// timeOfDay is the time of day in text on that day.
func timeOfDay(text string, that time.Time) (time.Time, bool) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return time.Date(that.Year(), that.Month(), that.Day(), t.Hour(), t.Minute(), t.Second(), 0, that.Location()), true
		}
	}
	return time.Time{}, false
}
