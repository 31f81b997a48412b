package schedule

import (
	"testing"
	"time"
)

// What a schedule says, in words.
func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"* * * * *":             "every minute",
		"*/15 * * * *":          "every 15 minutes",
		"0,15,30,45 * * * *":    "every 15 minutes",
		"5-59/15 * * * *":       "every 15 minutes, at minutes 5, 20, 35 and 50",
		"0,30 * * * *":          "every 30 minutes",
		"*/7 * * * *":           "at minutes 0, 7, 14 … 56 of every hour",
		"0 * * * *":             "every hour, on the hour",
		"5 * * * *":             "every hour, at :05",
		"5,10,50 * * * *":       "at minutes 5, 10 and 50 of every hour",
		"10-20 * * * *":         "at minutes 10 to 20 of every hour",
		"30 2 * * *":            "every day at 02:30",
		"0 9,12,18 * * *":       "every day at 09:00, 12:00 and 18:00",
		"0 9-17 * * 1-5":        "every hour from 09:00 to 17:00, Monday to Friday",
		"*/15 9-17 * * mon-fri": "every 15 minutes from 09:00 to 17:45, Monday to Friday",
		"* 2 * * *":             "every minute from 02:00 to 02:59",
		"*/20 2,3 * * *":        "every day at 02:00, 02:20, 02:40, 03:00, 03:20 and 03:40",
		"*/10 2,3 * * *":        "every 10 minutes from 02:00 to 03:50",
		"*/10 2,5 * * *":        "every day at minutes 0, 10, 20, 30, 40 and 50 of hours 2 and 5",
		"0 */2 * * *":           "every 2 hours from 00:00 to 22:00",
		"15 1-23/3 * * *":       "every 3 hours from 01:15 to 22:15",
		"30 0-6,12,20-22 * * *": "every day at :30 past the hours 0 to 6, 12 and 20 to 22",
		"0 9 * * 1":             "on Mondays at 09:00",
		"0 9 * * 7":             "on Sundays at 09:00",
		"0 9 * * sat,sun":       "on Saturdays and Sundays at 09:00",
		"0 9 * * fri-sun":       "Friday to Sunday at 09:00",
		"0 9 * * mon,wed,fri":   "on Mondays, Wednesdays and Fridays at 09:00",
		"0 9 1 * *":             "on the 1st of the month at 09:00",
		"0 9 1,15 * *":          "on the 1st and 15th of the month at 09:00",
		"0 9 1-7 * *":           "on the 1st to 7th of the month at 09:00",
		"0 9 */2 * *":           "on every 2nd day from the 1st to the 31st of the month at 09:00",
		"0 9 22,23,31 * *":      "on the 22nd, 23rd and 31st of the month at 09:00",
		"0 9 * mar *":           "every day in March at 09:00",
		"0 9 * 6-8 1":           "on Mondays in June to August at 09:00",
		"0 9 1 1,7 *":           "on the 1st of January and July at 09:00",
		"* * * 3 *":             "every minute, every day in March",

		// Either day counts where both are restricted; with a star both must match.
		"0 9 13 * 5":       "on the 13th of the month, and on Fridays too (either day counts) at 09:00",
		"0 9 13 3 5":       "on the 13th of March, and on Fridays in March too (either day counts) at 09:00",
		"0 9 */2 * 1":      "on Mondays that are also every 2nd day from the 1st to the 31st of the month at 09:00",
		"0 9 13 * */2":     "on Tuesdays, Thursdays, Saturdays and Sundays that are also the 13th of the month at 09:00",
		"0 9 1-31 * 5":     "every day at 09:00",
		"0 9 13 * 0-6":     "every day at 09:00",
		"0 9 ? * ?":        "every day at 09:00",
		"0 0 29 2 *":       "on the 29th of February at 00:00",
		"*/5 * 13 * 5":     "every 5 minutes, on the 13th of the month, and on Fridays too (either day counts)",
		"*/5 9-10 1 jan *": "every 5 minutes from 09:00 to 10:55, on the 1st of January",

		"* * * * * *":         "every second",
		"*/10 * * * * *":      "every 10 seconds",
		"5/10 * * * * *":      "every 10 seconds, at seconds 5, 15, 25, 35, 45 and 55",
		"*/10 * 9-17 * * 1-5": "every 10 seconds from 09:00:00 to 17:59:50, Monday to Friday",
		"15 30 2 * * *":       "every day at 02:30:15",
		"30 * * * * *":        "at second 30 of every minute",
		"30 5 * * * *":        "every hour, at :05:30",
		"*/30 5 * * * *":      "at seconds 0 and 30 of minute 5 of every hour",
		"0 0 9-17 * * *":      "every hour from 09:00 to 17:00",

		"@hourly":       "every hour, on the hour",
		"@daily":        "every day at 00:00",
		"@weekly":       "on Sundays at 00:00",
		"@monthly":      "on the 1st of the month at 00:00",
		"@yearly":       "on the 1st of January at 00:00",
		"@every 1h":     "every hour",
		"@every 15m":    "every 15 minutes",
		"@every 1h30m":  "every 1 hour 30 minutes",
		"@every 2d":     "every 2 days",
		"@every 1w":     "every week",
		"@every 8d":     "every 8 days",
		"@every 1500ms": "every 1 second 500ms",
		"@start":        "when the daemon starts",
		"@boot":         "once per boot of the machine",
	} {
		s, err := Parse(text, Options{Location: time.UTC, Seed: "host/job"})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := s.Words(); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// H is said as what it stands for: it comes due when the words say.
func TestWordsOfHash(t *testing.T) {
	s, err := Parse("H 3 * * *", Options{Location: time.UTC, Seed: "host/job"})
	if err != nil {
		t.Fatal(err)
	}
	slot, _ := s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if got, want := s.Words(), "every day at "+slot.At.Format("15:04"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Only what goes by the clock on the wall can be hit by its changes.
func TestClockWords(t *testing.T) {
	both := DST{Gap: GapSkip, Overlap: OverlapBoth}
	for _, c := range []struct {
		text string
		dst  DST
		want string
	}{
		{"30 2 * * *", DST{}, "a time that a change of the clock skips comes at the end of the gap, one that comes twice counts the first time"},
		{"30 2 * * *", both, "a time that a change of the clock skips does not come, one that comes twice counts both times"},
		{"*/15 * * * *", DST{}, "by elapsed time: no change of the clock adds or takes a slot"},
		{"@every 1h", DST{}, "by elapsed time: no change of the clock adds or takes a slot"},
		{"@start", DST{}, ""},
	} {
		s, err := Parse(c.text, Options{Location: time.UTC, DST: c.dst})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.ClockWords(); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}
