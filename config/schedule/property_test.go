package schedule_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// rule is an expression and, written down a second time, what it means.
type rule struct {
	text    string
	elapsed bool
	matches func(civil time.Time) bool
}

func rules() []rule {
	at := func(hour, minute int) func(time.Time) bool {
		return func(c time.Time) bool { return c.Hour() == hour && c.Minute() == minute }
	}
	return []rule{
		{"30 2 * * *", false, at(2, 30)},
		{"30 1 * * *", false, at(1, 30)},
		{"0 0 * * *", false, at(0, 0)},
		{"59 23 * * *", false, at(23, 59)},
		{"*/15 2 * * *", false, func(c time.Time) bool { return c.Hour() == 2 && c.Minute()%15 == 0 }},
		{"0 1-3 * * *", false, func(c time.Time) bool { return c.Hour() >= 1 && c.Hour() <= 3 && c.Minute() == 0 }},
		{"0 */2 * * *", false, func(c time.Time) bool { return c.Hour()%2 == 0 && c.Minute() == 0 }},
		{"*/20 0-22 * * 0,6", false, func(c time.Time) bool {
			return c.Minute()%20 == 0 && c.Hour() <= 22 && (c.Weekday() == time.Sunday || c.Weekday() == time.Saturday)
		}},
		{"*/15 * * * *", true, func(c time.Time) bool { return c.Minute()%15 == 0 }},
		{"5 * * * *", true, func(c time.Time) bool { return c.Minute() == 5 }},
		{"10 * * * 7", true, func(c time.Time) bool { return c.Minute() == 10 && c.Weekday() == time.Sunday }},
	}
}

// change is an instant around which a zone is looked at, and the offsets, in
// seconds, on either side. They are equal at the turn of a year.
type change struct {
	unix          int64
	before, after int
}

func (c change) window() (from, to time.Time) {
	margin := 4*time.Hour + time.Duration(max(c.after-c.before, c.before-c.after))*time.Second
	at := time.Unix(c.unix, 0)
	return at.Add(-margin), at.Add(margin)
}

// Around every change of every zone from 2000 to 2037 the engine agrees with a
// model that knows nothing but what each minute's wall clock shows.
func TestEveryChangeOfEveryZone(t *testing.T) {
	if testing.Short() {
		t.Skip("walks all time zones")
	}
	rules := rules()
	// Zones that share a change share the model's answer, not the engine's; zones
	// that share all their changes are links to one another.
	answers := map[change][][]int64{}
	links := map[string]bool{}
	changed := 0
	for _, name := range zoneList(t) {
		loc := zone(t, name)
		all := changes(loc)
		key := fmt.Sprint(all)
		if links[key] {
			continue
		}
		links[key] = true
		var schedules []*schedule.Schedule
		for _, r := range rules {
			schedules = append(schedules, parse(t, r.text, schedule.Options{Location: loc}))
		}
		for _, c := range all {
			changed++
			if answers[c] == nil {
				answers[c] = model(loc, c, rules)
			}
			from, to := c.window()
			for i, r := range rules {
				want, got := answers[c][i], instants(schedules[i], from, to)
				if !slices.Equal(got, want) {
					t.Fatalf("%s: %q around %s:\ngot  %s\nwant %s", name, r.text, time.Unix(c.unix, 0).In(loc),
						clocks(loc, got), clocks(loc, want))
				}
				checkNext(t, schedules[i], c, want)
			}
		}
	}
	t.Logf("%d zones, %d changes, %d different ones", len(links), changed, len(answers))
	if changed < 5_000 {
		t.Errorf("looked at %d changes only", changed)
	}
}

// checkNext asks from within the window, where the walk has no slot to start from.
func checkNext(t *testing.T, s *schedule.Schedule, c change, want []int64) {
	t.Helper()
	for _, shift := range []time.Duration{-time.Second, -1, 0, 1, time.Second, 31 * time.Minute} {
		after := time.Unix(c.unix, 0).Add(shift)
		i := slices.IndexFunc(want, func(unix int64) bool { return time.Unix(unix, 0).After(after) })
		if i < 0 {
			continue
		}
		if slot, ok := s.Next(after); !ok || slot.At.Unix() != want[i] {
			t.Fatalf("%q: after %s comes %v, want %s", s.Text(), after, slot, time.Unix(want[i], 0))
		}
	}
}

func instants(s *schedule.Schedule, from, to time.Time) []int64 {
	var got []int64
	for slot := range s.Slots(from.Add(-time.Second)) {
		if slot.At.After(to) {
			return got
		}
		got = append(got, slot.At.Unix())
	}
	return got
}

// model returns the instants at which each rule is due within a change's window.
// It walks the window and some hours on either side minute by minute, notes when
// the wall clock shows each civil time, and then asks of every civil time where it
// went.
func model(loc *time.Location, c change, rules []rule) [][]int64 {
	from, to := c.window()
	type minute struct {
		civil time.Time // as if in UTC
		at    int64     // the first instant that shows it, or else the end of its gap
		again []int64   // later instants that show it
		gap   time.Duration
	}
	var minutes []minute
	seen := map[int64]int{}
	for at := from.Add(-4 * time.Hour).Unix(); at <= to.Add(4*time.Hour).Unix(); at += 60 {
		_, offset := time.Unix(at, 0).In(loc).Zone()
		civil := time.Unix(at+int64(offset), 0).UTC()
		if i, again := seen[civil.Unix()]; again {
			if m := &minutes[i]; m.gap > 0 {
				m.at, m.gap = at, 0
			} else {
				m.again = append(m.again, at)
			}
			continue
		}
		if len(minutes) > 0 {
			next := minutes[len(minutes)-1].civil.Add(time.Minute)
			gap := civil.Sub(next)
			for ; next.Before(civil); next = next.Add(time.Minute) {
				seen[next.Unix()] = len(minutes)
				minutes = append(minutes, minute{civil: next, at: at, gap: gap})
			}
		}
		seen[civil.Unix()] = len(minutes)
		minutes = append(minutes, minute{civil: civil, at: at})
	}
	want := make([][]int64, len(rules))
	for i, r := range rules {
		var due []int64
		for _, m := range minutes {
			if !r.matches(m.civil) || m.gap > 3*time.Hour || m.gap > 0 && r.elapsed {
				continue
			}
			due = append(due, m.at)
			if r.elapsed {
				due = append(due, m.again...)
			}
		}
		slices.Sort(due)
		want[i] = slices.DeleteFunc(slices.Compact(due), func(at int64) bool {
			return at < from.Unix() || at > to.Unix()
		})
	}
	return want
}

// changes returns the changes of a zone's offset from 2000 to 2037, and some turns
// of the year, where the library's bounds of a zone's rule are cut.
func changes(loc *time.Location) []change {
	offset := func(unix int64) int {
		_, offset := time.Unix(unix, 0).In(loc).Zone()
		return offset
	}
	const step = 3 * 24 * 3600
	var found []change
	end := time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	before := offset(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	for at := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC).Unix(); at < end; at += step {
		after := offset(at)
		if after == before {
			continue
		}
		low, high := at-step, at
		for high-low > 1 {
			if middle := (low + high) / 2; offset(middle) == before {
				low = middle
			} else {
				high = middle
			}
		}
		found = append(found, change{high, before, after})
		before = after
	}
	for _, year := range []int{2023, 2024, 2028} {
		for _, at := range []time.Time{
			time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC),
			time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC),
		} {
			found = append(found, change{at.Unix(), offset(at.Unix()), offset(at.Unix())})
		}
	}
	return found
}

// A wall-clock schedule runs once for every nominal time of 38 years, whatever
// the zone did to its clocks; only a correction of the calendar leaves days out.
func TestOneRunADay(t *testing.T) {
	from := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)
	to := time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{
		"America/New_York", "America/Sao_Paulo", "America/St_Johns", "America/Metlakatla", "America/Caracas",
		"Europe/London", "Europe/Moscow", "Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "Asia/Tehran",
		"Asia/Pyongyang", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "Pacific/Chatham", "UTC",
	} {
		for _, text := range []string{"30 2 * * *", "0 0 * * *", "30 1 * * *"} {
			s := parse(t, text, schedule.Options{Location: zone(t, name)})
			var last time.Time
			for slot := range s.Slots(from) {
				if slot.At.After(to) {
					break
				}
				n := slot.Nominal
				day := time.Date(n.Year, n.Month, n.Day, n.Hour, n.Minute, n.Second, 0, time.UTC)
				missing := name == "Pacific/Apia" && n.String()[:10] == "2011-12-31"
				if !last.IsZero() && day.Sub(last) != 24*time.Hour && !missing {
					t.Fatalf("%s %q: %s follows %s", name, text, day, last)
				}
				last = day
			}
		}
	}
}

func clocks(loc *time.Location, instants []int64) string {
	var b strings.Builder
	for _, at := range instants {
		b.WriteString(time.Unix(at, 0).In(loc).Format("02T15:04-0700 "))
	}
	return b.String()
}

func zoneList(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(data))
}
