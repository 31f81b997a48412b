package daemon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// legacyNumber is a number, also one that is written as a string.
type legacyNumber float64

// UnmarshalJSON reads 5, "5" and "".
func (n *legacyNumber) UnmarshalJSON(raw []byte) error {
	raw = bytes.Trim(raw, `"`)
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, (*float64)(n)); err != nil {
		return fmt.Errorf("%s is no number", raw)
	}
	return nil
}

// legacyTime is a time as JavaScript's toISOString writes it.
type legacyTime struct{ time.Time }

// MarshalJSON writes the time in UTC with milliseconds.
func (t legacyTime) MarshalJSON() ([]byte, error) {
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

// oneOrMore is a text or a list of them.
type oneOrMore []string

// UnmarshalJSON reads "a" and ["a","b"].
func (o *oneOrMore) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		*o = []string{""}
		return json.Unmarshal(raw, &(*o)[0])
	}
	return json.Unmarshal(raw, (*[]string)(o))
}

// legacyDate is a time as JavaScript writes it: a text, or milliseconds since
// the epoch.
type legacyDate struct{ time.Time }

// UnmarshalJSON reads both.
func (d *legacyDate) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] != '"' {
		var ms float64
		err := json.Unmarshal(raw, &ms)
		if ms != 0 {
			d.Time = time.UnixMilli(int64(ms))
		}
		return err
	}
	text := strings.Trim(string(raw), `"`)
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		t, err := time.Parse(layout, text)
		if err == nil {
			d.Time = t
			return nil
		}
	}
	return fmt.Errorf("%s is no date", raw)
}
