package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// clocked is a subject at a time, with a journal that was written at another.
func clocked(t *testing.T, now, written, newest time.Time) *subject {
	t.Helper()
	s := &subject{app: &app{now: func() time.Time { return now }, getenv: func(string) (string, bool) { return "", false }}, stateDir: t.TempDir()}
	path := filepath.Join(s.stateDir, "journal.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, written, written); err != nil {
		t.Fatal(err)
	}
	if !newest.IsZero() {
		s.inside = &ipc.Examination{Integrity: ipc.Integrity{NewestAt: newest}}
	}
	return s
}

func TestCheckClock(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name                 string
		now, written, newest time.Time
		want                 string // "" where it is right
	}{
		{"right", now, now, now, ""},
		{"steered back a little", now, now.Add(30 * time.Second), now.Add(30 * time.Second), ""},
		{"set back, by the events", now, now, now.Add(49 * time.Hour), "the clock was set back: the journal knows of "},
		{"set back, by the file", now, now.Add(2 * time.Hour), now, "the clock was set back, or the journal comes from elsewhere: "},
		{"set back, without an examination", now, now.Add(2 * time.Hour), time.Time{}, "the clock was set back, or the journal comes from elsewhere: "},
		{"not set at all", time.Unix(0, 0), time.Unix(0, 0), time.Time{}, "the clock is not right: lsh was written to this disk at "},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &diagnosis{name: "clock"}
			checkClock(t.Context(), clocked(t, c.now, c.written, c.newest), r)
			var wrong []string
			for _, f := range r.findings {
				if f.State == stateError {
					wrong = append(wrong, f.Message)
				}
			}
			switch {
			case c.want == "" && len(wrong) > 0:
				t.Errorf("it finds %q", wrong)
			case c.want != "" && (len(wrong) != 1 || !strings.HasPrefix(wrong[0], c.want)):
				t.Errorf("it finds %q, want %q", wrong, c.want)
			}
		})
	}
}
