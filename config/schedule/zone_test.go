package schedule

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The tests read the zones that Go brings, which are those embedded: they give most
// changes by a yearly rule, where many systems list each one. Without a Go
// installation at hand the system's zones are used.
func TestMain(m *testing.M) {
	if root, err := exec.Command("go", "env", "GOROOT").Output(); err == nil {
		zones := filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip")
		if _, err := os.Stat(zones); err == nil {
			os.Setenv("ZONEINFO", zones)
		}
	}
	os.Exit(m.Run())
}

// A period holds the instant asked for and has one offset, also where the library's
// bounds are wrong: on the last day of a leap year, and where a list of changes
// ends with one that the rule after it does not know.
func TestPeriodAt(t *testing.T) {
	loc := ruledLocation(t, "2019-01-20T10:00:00Z")
	tests := []struct{ at, start, end string }{
		{"2026-07-01T00:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"},
		{"2028-12-31T12:00:00Z", "2028-11-05T06:00:00Z", "2028-12-31T13:00:00Z"},
		{"2019-01-20T09:59:59Z", "", "2019-01-20T10:00:00Z"},
		{"2019-01-20T10:00:00Z", "2019-01-20T10:00:00Z", "2019-03-10T07:00:00Z"},
		{"2019-02-01T00:00:00Z", "2019-01-20T10:00:00Z", "2019-03-10T07:00:00Z"},
	}
	for _, tt := range tests {
		p := periodAt(loc, unixOf(t, tt.at))
		if p.start != unixOf(t, tt.start) || p.end != unixOf(t, tt.end) {
			t.Errorf("at %s: from %s to %s", tt.at, time.Unix(p.start, 0).UTC(), time.Unix(p.end, 0).UTC())
		}
	}
}

// ruledLocation is three hours behind UTC up to an instant, and from then on keeps
// New York's rule.
func ruledLocation(t *testing.T, from string) *time.Location {
	t.Helper()
	return location(t, "EST5EDT,M3.2.0,M11.1.0", -3, shift{from, -5})
}

// shift is an instant and the offset, in hours, that a zone has from then on.
type shift struct {
	from  string
	hours int32
}

// location builds a zone: its first offset in hours, what changes, and the rule for
// all that follows. The format is RFC 8536's: an empty block of version 1, then
// instants, offsets, a name and the rule.
func location(t *testing.T, rule string, hours int32, shifts ...shift) *time.Location {
	t.Helper()
	const name = "ZZZ\x00"
	header := func(times, types, chars int) []byte {
		b := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []int{0, 0, 0, times, types, chars} {
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		}
		return b
	}
	data := append(header(0, 0, 0), header(len(shifts), len(shifts)+1, len(name))...)
	for _, s := range shifts {
		data = binary.BigEndian.AppendUint64(data, uint64(unixOf(t, s.from)))
	}
	for i := range shifts {
		data = append(data, byte(i+1))
	}
	for _, s := range append([]shift{{"", hours}}, shifts...) {
		data = append(binary.BigEndian.AppendUint32(data, uint32(s.hours*3600)), 0, 0)
	}
	data = append(data, name+"\n"+rule+"\n"...)
	loc, err := time.LoadLocationFromTZData("Made", data)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// Two changes within an hour: the clock goes from 02:00 to 03:00, and half an hour
// later from 03:30 back to 02:30. So 02:15 never comes, 02:45 comes once, though it
// was left out before, and 03:10 comes twice.
func TestTwoChangesAnHour(t *testing.T) {
	loc := location(t, "ZZZ0", 0, shift{"2026-05-05T02:00:00Z", 1}, shift{"2026-05-05T02:30:00Z", 0})
	tests := []struct{ text, want string }{
		{"15,45 2 * * *", "03:00+01 02:45+00"},
		{"15 2 * * *", "03:00+01"},
		{"45 2 * * *", "02:45+00"},
		{"10 3 * * *", "03:10+01"},
		{"*/15 2-3 * * *", "03:00+01 03:15+01 02:30+00 02:45+00 03:30+00 03:45+00"},
		{"10 * * * *", "00:10+00 01:10+00 03:10+01 03:10+00 04:10+00 05:10+00"},
	}
	for _, tt := range tests {
		s, err := Parse(tt.text, Options{Location: loc})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for slot := range s.Slots(time.Date(2026, 5, 4, 23, 59, 0, 0, time.UTC)) {
			if slot.At.Day() != 5 || len(got) == 6 {
				break
			}
			got = append(got, slot.At.Format("15:04-07"))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// unixOf reads an instant; none is the beginning of time.
func unixOf(t *testing.T, text string) int64 {
	t.Helper()
	if text == "" {
		return -eternity
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Unix()
}
