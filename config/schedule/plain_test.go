package schedule

import (
	"testing"
	"time"
)

// What is read elsewhere, without the seed, comes due at the same instants.
func TestPlainMeansTheSameWithoutTheSeed(t *testing.T) {
	from := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, text := range []string{
		"0 3 * * *", "H 3 * * *", "H H * * *", "H/15 * * * *", "H(0-29)/10 8-18 * * mon-fri", "H 3 1,H * *", "*/20,H * * * *",
		"H 3 */5 * 1", "H 3 */5,H * 1", "0 3 H * sun", "H 30 4 * * *", "30 H 4 * * 7", "0 0 H H *", "15 4 * * thu,sat",
		"@daily", "@every 15m", "@every 1d2h", "@every 90s", "@every 1500ms", "@hourly", "@start", "@boot",
	} {
		for _, seed := range []string{"a1b2/backup", "laptop/report", "x/y"} {
			here, err := Parse(text, Options{Location: time.UTC, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			there, err := ParsePlain(here.Plain(), Options{Location: time.UTC, Seed: "another"})
			if err != nil {
				t.Errorf("%s: plain %s: %v", text, here.Plain(), err)
				continue
			}
			if !here.Same(there) {
				a, _ := here.Next(from)
				b, _ := there.Next(from)
				t.Errorf("%s: plain %s: first slot %s, want %s", text, here.Plain(), b.At, a.At)
			}
		}
	}
}

func TestPlainKeepsWhatHasNoSeed(t *testing.T) {
	for _, text := range []string{"0 3 * * *", "  0  3 * * THU ", "@daily", "@boot"} {
		s, err := Parse(text, Options{Location: time.UTC, Seed: "a/b"})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Plain(); got != text {
			t.Errorf("plain of %q is %q", text, got)
		}
	}
}

func TestParsePlainRefusesOtherTexts(t *testing.T) {
	for _, text := range []string{"", "0 3 * * *+5m", "@every 15m+", "@every 15m+x", "@daily+1h", "61 * * * *"} {
		if s, err := ParsePlain(text, Options{Location: time.UTC}); err == nil {
			t.Errorf("%q is taken for %v", text, s)
		}
	}
}
