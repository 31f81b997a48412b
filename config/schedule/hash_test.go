package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// The same host and job hash to the same times, today and in the next release.
func TestHashIsStable(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct{ text, want string }{
		{"H H * * *", "2026-01-01T08:42:00 2026-01-02T08:42:00"},
		{"H H H H *", "2026-08-26T08:42:00 2027-08-26T08:42:00"},
		{"0 0 * * H", "2026-01-05T00:00:00 2026-01-12T00:00:00"},
		{"H/15 3 * * *", "2026-01-01T03:12:00 2026-01-01T03:27:00"},
		{"H(10-20) 3 * * *", "2026-01-01T03:12:00 2026-01-02T03:12:00"},
		{"H(30-59)/10 3 * * *", "2026-01-01T03:32:00 2026-01-01T03:42:00"},
		{"H H H * * *", "2026-01-01T08:42:41 2026-01-02T08:42:41"},
		{"@every 15m", "2026-01-01T00:02:23 2026-01-01T00:17:23"},
	}
	for _, tt := range tests {
		s := parse(t, tt.text, schedule.Options{Location: time.UTC, Seed: "machine/backup"})
		if got := strings.TrimSpace(firstSlots(s, from, 2)); got != tt.want {
			t.Errorf("%q yields %q, want %q", tt.text, got, tt.want)
		}
	}
	if got, want := schedule.Jitter(10*time.Minute, "machine/backup"), 9*time.Minute+2035*time.Millisecond; got != want {
		t.Errorf("jitter %s, want %s", got, want)
	}
}

// H spreads jobs over its whole range and never leaves it.
func TestHashSpreads(t *testing.T) {
	tests := []struct {
		text      string
		field     func(schedule.Local) int
		low, high int
	}{
		{"H * * * *", func(l schedule.Local) int { return l.Minute }, 0, 59},
		{"0 H * * *", func(l schedule.Local) int { return l.Hour }, 0, 23},
		{"0 0 H * *", func(l schedule.Local) int { return l.Day }, 1, 28},
		{"0 0 1 H *", func(l schedule.Local) int { return int(l.Month) }, 1, 12},
		{"H(5-9) * * * *", func(l schedule.Local) int { return l.Minute }, 5, 9},
		{"0 H(22-23) * * *", func(l schedule.Local) int { return l.Hour }, 22, 23},
		{"0 0 1 H(feb-apr) *", func(l schedule.Local) int { return int(l.Month) }, 2, 4},
	}
	for _, tt := range tests {
		seen := map[int]bool{}
		for i := range 1000 {
			s := parse(t, tt.text, schedule.Options{Location: time.UTC, Seed: fmt.Sprintf("host/job%d", i)})
			slot, _ := s.Next(time.Unix(0, 0))
			value := tt.field(slot.Nominal)
			if value < tt.low || value > tt.high {
				t.Fatalf("%q gives %d", tt.text, value)
			}
			seen[value] = true
		}
		if want := tt.high - tt.low + 1; len(seen) != want {
			t.Errorf("%q uses %d values of %d", tt.text, len(seen), want)
		}
	}
}

// H/n begins somewhere in its first step and goes on to the end of its range.
func TestHashStep(t *testing.T) {
	for i := range 100 {
		s := parse(t, "H/20 0 * * *", schedule.Options{Location: time.UTC, Seed: fmt.Sprint(i)})
		var minutes []int
		for slot := range s.Slots(time.Date(2026, 1, 1, 0, 0, 0, -1, time.UTC)) {
			if slot.At.Day() != 1 {
				break
			}
			minutes = append(minutes, slot.At.Minute())
		}
		if len(minutes) != 3 || minutes[0] >= 20 || minutes[1] != minutes[0]+20 || minutes[2] != minutes[0]+40 {
			t.Fatalf("seed %d: minutes %v", i, minutes)
		}
	}
}

// @every keeps its distance over changes of the clock, and does not depend on when
// it is asked: neither a reload nor a restart shifts it.
func TestEvery(t *testing.T) {
	for text, distance := range map[string]time.Duration{
		"@every 1s":     time.Second,
		"@every 1.5s":   1500 * time.Millisecond,
		"@every 15m":    15 * time.Minute,
		"@every 1h30m":  90 * time.Minute,
		"@every 1d12h":  36 * time.Hour,
		"@every 1.5d":   36 * time.Hour,
		"@every 2w":     14 * 24 * time.Hour,
		"@every 52w1d":  365 * 24 * time.Hour,
		"@every 1h1us":  time.Hour + time.Microsecond,
		"@every 30000d": 30000 * 24 * time.Hour,
	} {
		s := parse(t, text, schedule.Options{Location: zone(t, "America/New_York"), Seed: "host/job"})
		from := time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)
		first, ok := s.Next(from)
		if !ok || first.At.Sub(from) > distance {
			t.Errorf("%q: first slot %v", text, first)
		}
		second, ok := s.Next(first.At)
		if !ok || second.At.Sub(first.At) != distance {
			t.Errorf("%q: %s follows %s", text, second.At, first.At)
		}
		for _, between := range []time.Duration{1, distance / 3, distance - 1} {
			if slot, ok := s.Next(first.At.Add(between)); !ok || !slot.At.Equal(second.At) {
				t.Errorf("%q: asked %s after a slot: %s, want %s", text, between, slot.At, second.At)
			}
		}
		if early, ok := s.Next(time.Time{}); !ok {
			t.Errorf("%q: from the zero time: %v", text, early)
		}
	}
}

func TestJitter(t *testing.T) {
	seen := map[time.Duration]bool{}
	for i := range 1000 {
		seed := fmt.Sprintf("host/job%d", i)
		got := schedule.Jitter(time.Minute, seed)
		if got < 0 || got >= time.Minute || got != schedule.Jitter(time.Minute, seed) {
			t.Fatalf("jitter of %s: %s", seed, got)
		}
		seen[got.Truncate(time.Second)] = true
	}
	if len(seen) != 60 {
		t.Errorf("jitter uses %d seconds of 60", len(seen))
	}
	for _, most := range []time.Duration{0, -time.Second} {
		if got := schedule.Jitter(most, "x"); got != 0 {
			t.Errorf("jitter of %s: %s", most, got)
		}
	}
}
