package schedule_test

import (
	"errors"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// Whatever the text: no panic, an error that points into it, and slots that rise.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "* * * * *", "*/15 1-3 * * mon-fri", "0 0 30 2 *", "0 0 29 2 */7", "H H(1-3) H/5 * 5-7", "@every 1w2d3h",
		"@every 1.5s", "@daily", "@dayly", "@reboot", "TZ=UTC 0 0 * * *", "CRON_TZ=", "TZ=", "59 59 23 31 12 ?",
		"1,,2 * * * *", "*-5 * * * *", "H(5-1)/0 * * * *", "99999999999999999999 * * * *", "@every 106751d", "+1 * * * *",
		"\u00a0* * * * *\n", "é * * * *",
	} {
		f.Add(text, int64(1772953200))
		f.Add(text, int64(-62135596800))
	}
	loc, err := schedule.LoadLocation("America/New_York")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		s, err := schedule.Parse(text, schedule.Options{Location: loc, Seed: "host/job"})
		if err != nil {
			e, ok := errors.AsType[*schedule.Error](err)
			if !ok || e.Message == "" || e.Hint == "" || e.Offset < 0 || e.Offset > len(text) {
				t.Fatalf("parse %q: %#v", text, err)
			}
			return
		}
		at, n := time.Unix(unix, 999), 0
		for slot := range s.Slots(at) {
			if !slot.At.After(at) {
				t.Fatalf("%q: %s after %s", text, slot.At, at)
			}
			if at = slot.At; n == 20 {
				break
			}
			n++
		}
	})
}
