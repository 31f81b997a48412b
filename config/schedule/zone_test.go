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
	// RFC 8536: an empty block of version 1, then times, types, names and the rule.
	header := func(times, types, chars uint32) []byte {
		b := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []uint32{0, 0, 0, times, types, chars} {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	zone := func(b []byte, hours int32, name byte) []byte {
		return append(binary.BigEndian.AppendUint32(b, uint32(hours*3600)), 0, name)
	}
	data := append(header(0, 0, 0), header(1, 2, 8)...)
	data = binary.BigEndian.AppendUint64(data, uint64(unixOf(t, from)))
	data = append(data, 1)
	data = zone(zone(data, -3, 0), -5, 4)
	data = append(data, "OLD\x00EST\x00\nEST5EDT,M3.2.0,M11.1.0\n"...)
	loc, err := time.LoadLocationFromTZData("Ruled", data)
	if err != nil {
		t.Fatal(err)
	}
	return loc
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
