package schedule_test

import (
	"errors"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

func TestLoadLocation(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC"} {
		if loc := zone(t, name); loc.String() != name {
			t.Errorf("%s is %s", name, loc)
		}
	}
}

func TestSystemLocation(t *testing.T) {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, name := range []string{"", "Local"} {
		if got, want := at.In(zone(t, name)), at.In(time.Local); got.Format(time.RFC3339) != want.Format(time.RFC3339) {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestUnknownLocation(t *testing.T) {
	for name, hint := range map[string]string{
		"Europe/Berln":   "did you mean Europe/Berlin?",
		"europe/berlin":  "did you mean Europe/Berlin?",
		"utc":            "did you mean UTC?",
		"Berlin":         "did you mean Europe/Berlin?",
		"new york":       "did you mean America/New_York?",
		"Middle/Earth":   "write an IANA name such as Europe/Berlin, or UTC",
		"../etc/passwd":  "write an IANA name such as Europe/Berlin, or UTC",
		"/etc/localtime": "write an IANA name such as Europe/Berlin, or UTC",
	} {
		_, err := schedule.LoadLocation(name)
		e, ok := errors.AsType[*schedule.Error](err)
		if !ok || e.Hint != hint {
			t.Errorf("%q: %#v, want the hint %q", name, err, hint)
		}
	}
}

func TestLocationsAreShared(t *testing.T) {
	var locations schedule.Locations
	a, err := locations.Load("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	b, err := locations.Load("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Error("the zone was loaded twice")
	}
	if _, err := locations.Load("Asia/Katmandoo"); err == nil {
		t.Error("an unknown zone was loaded")
	}
}
