package main

import (
	"testing"
	"time"
)

// monday is a moment to tell times from.
var monday = time.Date(2026, 3, 23, 13, 30, 0, 0, time.UTC)

func TestClock(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "–"},
		{monday.Add(90 * time.Minute), "15:00"},
		{monday.Add(-30*time.Minute + 5*time.Second), "13:00:05"},
		{time.Date(2026, 3, 24, 3, 0, 0, 0, time.UTC), "Tue 03:00"},
		{time.Date(2026, 3, 30, 3, 0, 0, 0, time.UTC), "30 Mar 03:00"},
		{time.Date(2027, 1, 2, 3, 0, 0, 0, time.UTC), "2027-01-02 03:00"},
		{time.Date(2026, 3, 24, 3, 0, 0, 0, berlin), "Tue 03:00 +01:00"},
	} {
		if got := clock(c.at, monday); got != c.want {
			t.Errorf("clock(%v) = %q, want %q", c.at, got, c.want)
		}
	}
}

func TestAMomentHasItsSeconds(t *testing.T) {
	for at, want := range map[time.Time]string{
		{}:                           "–",
		monday:                       "13:30:00",
		monday.Add(-49 * time.Hour):  "Sat 12:30:00",
		monday.Add(-5 * time.Second): "13:29:55",
	} {
		if got := moment(at, monday); got != want {
			t.Errorf("moment(%v) = %q, want %q", at, got, want)
		}
	}
}

func TestClocksTellAnOffsetWhereItChanges(t *testing.T) {
	winter, summer := time.FixedZone("", 3600), time.FixedZone("", 7200)
	times := []time.Time{
		time.Date(2026, 3, 27, 3, 0, 0, 0, winter),
		time.Date(2026, 3, 28, 3, 0, 0, 0, winter),
		time.Date(2026, 3, 29, 3, 0, 0, 0, summer),
	}
	if got, want := clocks(times, monday), "Fri 03:00, Sat 03:00 +01:00, Sun 03:00 +02:00"; got != want {
		t.Errorf("clocks = %q, want %q", got, want)
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                      "now",
		500 * time.Millisecond: "now",
		-42 * time.Second:      "42 s ago",
		-4 * time.Minute:       "4 min ago",
		-47 * time.Hour:        "47 h ago",
		-6 * 24 * time.Hour:    "6 d ago",
		5 * time.Minute:        "in 5 min",

		// What comes is rounded to the nearest: a pause of 2 h that has just
		// begun ends in 2 h.
		2*time.Hour - time.Millisecond:    "in 2 h",
		3*time.Second - time.Millisecond:  "in 3 s",
		59*time.Second + 700000000:        "in 1 min",
		89 * time.Minute:                  "in 1 h",
		47*time.Hour + 45*time.Minute:     "in 2 d",
		-(2*time.Hour - time.Millisecond): "1 h ago",
	} {
		if got := ago(monday.Add(d), monday); got != want {
			t.Errorf("ago(%v) = %q, want %q", d, got, want)
		}
	}
}

// A duration holds 292 years; a schedule can name later slots.
func TestAgoOfAnotherAge(t *testing.T) {
	for at, want := range map[time.Time]string{
		time.Date(9992, 2, 29, 0, 0, 0, 0, time.UTC): "in 7966 years",
		time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC):     "2025 years ago",
	} {
		if got := ago(at, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("ago(%v) = %q, want %q", at, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                             "0 ms",
		240 * time.Millisecond:        "240 ms",
		1290 * time.Millisecond:       "1.2 s",
		5 * time.Second:               "5 s",
		42*time.Second + 900000000:    "42 s",
		3*time.Minute + 5*time.Second: "3 min 5 s",
		2 * time.Hour:                 "2 h",
		26*time.Hour + 30*time.Minute: "1 d 2 h",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestParseWhen(t *testing.T) {
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, time.UTC)
	}
	for _, c := range []struct {
		text string
		dir  toward
		want time.Time
	}{
		{"2026-03-24T03:00:00Z", ahead, at(3, 24, 3, 0)},
		{"2026-03-24T03:00:00+02:00", ahead, at(3, 24, 1, 0)},
		{"2026-03-24 03:00", ahead, at(3, 24, 3, 0)},
		{"2026-03-24", ahead, at(3, 24, 0, 0)},
		{"14:00", ahead, at(3, 23, 14, 0)},
		{"13:00", ahead, at(3, 24, 13, 0)},
		{"13:30", ahead, at(3, 24, 13, 30)},
		{"14:00", back, at(3, 22, 14, 0)},
		{"tomorrow 8:00", ahead, at(3, 24, 8, 0)},
		{"yesterday", back, at(3, 22, 0, 0)},
		{"2h", back, at(3, 23, 11, 30)},
	} {
		got, err := parseWhen(c.text, monday, c.dir)
		if err != nil || !got.Equal(c.want) {
			t.Errorf("parseWhen(%q) = %v, %v; want %v", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"", "soon", "25:00", "2026-13-01", "tomorrow noon"} {
		if got, err := parseWhen(text, monday, ahead); err == nil {
			t.Errorf("parseWhen(%q) = %v, want an error", text, got)
		}
	}
}
