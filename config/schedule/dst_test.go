package schedule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// The days on which New York changes its clocks, and what each expression does.
// The times are instants: the offset tells the passes of a doubled hour apart.
func TestChangeOfClocks(t *testing.T) {
	const (
		spring = "2026-03-08" // 01:59 EST → 03:00 EDT
		autumn = "2026-11-01" // 01:59 EDT → 01:00 EST
	)
	tests := []struct {
		day, text, want string
	}{
		{spring, "30 2 * * *", "03:00-04"},
		{spring, "*/15 2 * * *", "03:00-04"},
		{spring, "0 1-3 * * *", "01:00-05 03:00-04"},
		{spring, "0 */2 * * *", "00:00-05 03:00-04 04:00-04 06:00-04 08:00-04 10:00-04 12:00-04 14:00-04 16:00-04 18:00-04 20:00-04 22:00-04"},
		{spring, "30 1 * * *", "01:30-05"},
		{spring, "*/15 * * * *", "00:00-05 00:15-05 00:30-05 00:45-05 01:00-05 01:15-05 01:30-05 01:45-05 03:00-04 03:15-04 …"},
		{spring, "5 * * * *", "00:05-05 01:05-05 03:05-04 04:05-04 …"},
		{spring, "0,30 2,3 * * *", "03:00-04 03:30-04"},
		{spring, "15 2-3 * * *", "03:00-04 03:15-04"},
		{spring, "*/20 30 2 * * *", "03:00-04"},

		{autumn, "30 2 * * *", "02:30-05"},
		{autumn, "*/15 2 * * *", "02:00-05 02:15-05 02:30-05 02:45-05"},
		{autumn, "0 1-3 * * *", "01:00-04 02:00-05 03:00-05"},
		{autumn, "0 */2 * * *", "00:00-04 02:00-05 04:00-05 06:00-05 08:00-05 10:00-05 12:00-05 14:00-05 16:00-05 18:00-05 20:00-05 22:00-05"},
		{autumn, "30 1 * * *", "01:30-04"},
		{autumn, "*/15 * * * *", "00:00-04 00:15-04 00:30-04 00:45-04 01:00-04 01:15-04 01:30-04 01:45-04 01:00-05 01:15-05 01:30-05 01:45-05 02:00-05 …"},
		{autumn, "5 * * * *", "00:05-04 01:05-04 01:05-05 02:05-05 …"},
		{autumn, "*/20 30 1 * * *", "01:30-04 01:30:20-04 01:30:40-04"},
	}
	for _, tt := range tests {
		t.Run(tt.day+" "+tt.text, func(t *testing.T) {
			s := parse(t, tt.text, schedule.Options{Location: zone(t, "America/New_York")})
			compare(t, day(t, s, tt.day), tt.want)
		})
	}
}

func TestChangeOfClocksByOption(t *testing.T) {
	skip := schedule.DST{Gap: schedule.GapSkip}
	both := schedule.DST{Overlap: schedule.OverlapBoth}
	tests := []struct {
		day, text string
		dst       schedule.DST
		want      string
	}{
		{"2026-03-08", "30 2 * * *", skip, ""},
		{"2026-03-08", "0 1-3 * * *", skip, "01:00-05 03:00-04"},
		{"2026-03-08", "30 2 * * *", both, "03:00-04"},
		{"2026-11-01", "30 1 * * *", skip, "01:30-04"},
		{"2026-11-01", "30 1 * * *", both, "01:30-04 01:30-05"},
		{"2026-11-01", "0 1-3 * * *", both, "01:00-04 01:00-05 02:00-05 03:00-05"},
	}
	for _, tt := range tests {
		t.Run(tt.day+" "+tt.text, func(t *testing.T) {
			s := parse(t, tt.text, schedule.Options{Location: zone(t, "America/New_York"), DST: tt.dst})
			compare(t, day(t, s, tt.day), tt.want)
		})
	}
}

// Zones whose clocks change in ways of their own.
func TestUnusualChanges(t *testing.T) {
	tests := []struct {
		zone, day, text, want string
	}{
		// Midnight does not exist.
		{"America/Sao_Paulo", "2018-11-04", "0 0 * * *", "01:00-02"},
		{"America/Sao_Paulo", "2018-11-04", "@daily", "01:00-02"},
		{"America/Sao_Paulo", "2018-11-04", "0 0 4 11 *", "01:00-02"},
		// The hour before midnight happens twice.
		{"America/Sao_Paulo", "2018-02-17", "30 23 * * *", "23:30-02"},
		// The date line: 30 December is missing, and is not made up.
		{"Pacific/Apia", "2011-12-29", "0 12 * * *", "12:00-10"},
		{"Pacific/Apia", "2011-12-30", "0 12 * * *", ""},
		{"Pacific/Apia", "2011-12-31", "0 0,12 * * *", "00:00+14 12:00+14"},
		// Half an hour.
		{"Australia/Lord_Howe", "2026-10-04", "*/10 2 * * *", "02:30+11 02:40+11 02:50+11"},
		{"Australia/Lord_Howe", "2026-04-05", "*/10 1 * * *", "01:00+11 01:10+11 01:20+11 01:30+11 01:40+11 01:50+11"},
		{"Australia/Lord_Howe", "2026-04-05", "45 * * * *", "00:45+11 01:45+11 01:45+1030 02:45+1030 …"},
		// The last day of a local mean time, whose offset has seconds.
		{"Europe/Lisbon", "1911-12-31", "0 23 * * *", "23:00-003645"},
		// Changes that the zone's yearly rule does not know.
		{"America/Ciudad_Juarez", "2022-11-30", "30 0 * * *", "00:30-07"},
		{"America/Metlakatla", "2019-01-20", "30 2 * * *", "02:30-09"},
	}
	for _, tt := range tests {
		t.Run(tt.zone+" "+tt.day+" "+tt.text, func(t *testing.T) {
			s := parse(t, tt.text, schedule.Options{Location: zone(t, tt.zone)})
			compare(t, day(t, s, tt.day), tt.want)
		})
	}
}

// A slot says what it was called before the clock was changed, and why it moved.
func TestNotes(t *testing.T) {
	tests := []struct {
		zone, day, text, nominal, note string
	}{
		{"America/New_York", "2026-03-08", "30 2 * * *", "2026-03-08T02:30:00", "02:30 does not exist on 8 March → 03:00"},
		{"America/New_York", "2026-03-08", "*/30 2 * * *", "2026-03-08T02:00:00", "02:00, 02:30 do not exist on 8 March → 03:00"},
		{"America/New_York", "2026-03-08", "* 2 * * *", "2026-03-08T02:00:00", "02:00, 02:01, 02:02, 02:03, … do not exist on 8 March → 03:00"},
		{"America/New_York", "2026-03-08", "0 2,3 * * *", "2026-03-08T03:00:00", "02:00 does not exist on 8 March → 03:00"},
		{"America/New_York", "2026-11-01", "30 1 * * *", "2026-11-01T01:30:00", "01:30 happens twice on 1 November: first pass"},
		{"America/New_York", "2026-11-01", "30 2 * * *", "2026-11-01T02:30:00", ""},
		{"America/Sao_Paulo", "2018-11-04", "5 0 0 * * *", "2018-11-04T00:00:05", "00:00:05 does not exist on 4 November → 01:00"},
	}
	for _, tt := range tests {
		t.Run(tt.day+" "+tt.text, func(t *testing.T) {
			s := parse(t, tt.text, schedule.Options{Location: zone(t, tt.zone)})
			slots := day(t, s, tt.day)
			if len(slots) == 0 {
				t.Fatal("no slot")
			}
			if got := slots[0].Nominal.String(); got != tt.nominal {
				t.Errorf("nominal %s, want %s", got, tt.nominal)
			}
			if slots[0].Note != tt.note {
				t.Errorf("note %q, want %q", slots[0].Note, tt.note)
			}
		})
	}
}

func TestNoteNamesThePass(t *testing.T) {
	s := parse(t, "5 1 * * *", schedule.Options{
		Location: zone(t, "America/New_York"),
		DST:      schedule.DST{Overlap: schedule.OverlapBoth},
	})
	slots := day(t, s, "2026-11-01")
	if len(slots) != 2 || !strings.HasSuffix(slots[0].Note, "first pass") || !strings.HasSuffix(slots[1].Note, "second pass") {
		t.Errorf("slots %v", slots)
	}
}

// day returns the slots of one local day of the schedule's zone.
func day(t *testing.T, s *schedule.Schedule, date string) []schedule.Slot {
	t.Helper()
	from, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	var slots []schedule.Slot
	for slot := range s.Slots(from.Add(-30 * time.Hour)) {
		switch got := slot.At.Format(time.DateOnly); {
		case got > date:
			return slots
		case got == date:
			slots = append(slots, slot)
		}
	}
	return slots
}

// compare checks slots against their clocks and offsets; … ends a list early.
func compare(t *testing.T, slots []schedule.Slot, want string) {
	t.Helper()
	wanted := strings.Fields(want)
	var got []string
	for _, slot := range slots {
		if len(wanted) > 0 && wanted[len(wanted)-1] == "…" && len(got) == len(wanted)-1 {
			got = append(got, "…")
			break
		}
		got = append(got, clock(slot.At))
	}
	if g := strings.Join(got, " "); g != want {
		t.Errorf("slots\n%s\nwant\n%s", g, want)
	}
}

func clock(at time.Time) string {
	layout := "15:04"
	if at.Second() != 0 {
		layout += ":05"
	}
	offset := at.Format("-070000")
	offset = strings.TrimSuffix(strings.TrimSuffix(offset, "00"), "00")
	return at.Format(layout) + offset
}

func parse(t testing.TB, text string, o schedule.Options) *schedule.Schedule {
	t.Helper()
	s, err := schedule.Parse(text, o)
	if err != nil {
		t.Fatalf("parse %q: %v", text, err)
	}
	return s
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := schedule.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
