package schedule_test

import (
	"testing"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

func TestWhatAGapSwallows(t *testing.T) {
	for _, c := range []struct {
		zone, text, day string
		dst             schedule.DST
		want            []string // nominal times, and why they do not run
	}{
		{"America/New_York", "30 2 * * *", "2026-03-08", schedule.DST{}, []string{"2026-03-08T02:30:00 "}},
		{"America/New_York", "30 2 * * *", "2026-03-08", schedule.DST{Gap: schedule.GapSkip}, []string{"2026-03-08T02:30:00 dst.gap is skip"}},
		{"America/New_York", "*/30 1-3 * * *", "2026-03-08", schedule.DST{}, []string{"2026-03-08T02:00:00 ", "2026-03-08T02:30:00 "}},
		{"America/New_York", "0 3 * * *", "2026-03-08", schedule.DST{}, nil},
		{"America/New_York", "*/15 * * * *", "2026-03-08", schedule.DST{}, nil},
		{"America/New_York", "30 2 * * *", "2026-11-01", schedule.DST{}, nil},
		{"Pacific/Apia", "0 12 * * *", "2011-12-31", schedule.DST{}, []string{"2011-12-30T12:00:00 the calendar was corrected there, which is not made up"}},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		s, err := schedule.Parse(c.text, schedule.Options{Location: zone, DST: c.dst})
		if err != nil {
			t.Fatal(err)
		}
		day, err := time.ParseInLocation(time.DateOnly, c.day, zone)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range (schedule.Set{s}).Lost(day, day.AddDate(0, 0, 1)) {
			got = append(got, l.Nominal.String()+" "+l.Why)
		}
		if len(got) != len(c.want) {
			t.Errorf("%s %s on %s: %q, want %q", c.zone, c.text, c.day, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s %s on %s: %q, want %q", c.zone, c.text, c.day, got[i], c.want[i])
			}
		}
	}
}
