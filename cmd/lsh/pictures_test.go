package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

var update = flag.Bool("update", false, "write the pictures in testdata anew")

// variousJobs are jobs in each state, with names, texts and times that are long, or
// wide, or both.
func variousJobs() []ipc.Job {
	at := func(hours float64) time.Time { return monday.Add(time.Duration(hours * float64(time.Hour))) }
	me := ipc.Owner{UID: os.Getuid()}
	ended := func(state string, code int, hours float64) *ipc.Run {
		return &ipc.Run{ID: "0198c0de-0000-7000-8000-00005e01a9c4", State: state, ExitCode: &code, EndedAt: at(hours)}
	}
	return []ipc.Job{
		{
			Name: "backup", State: ipc.JobScheduled, Schedule: []string{"30 3 * * 1-5"}, Next: at(14), LastRun: ended(ipc.RunFailed, 23, -9), Failures: 12,
			Tags: []string{"disk", "night"}, Description: "The whole disk, to the machine in the cellar",
		},
		{
			Name: "thumbnails-of-every-picture-in-the-archive-of-the-last-century", State: ipc.JobRunning, Schedule: []string{"H/10 * * * *"}, Next: at(0.1),
			Running: []ipc.Run{{ID: "0198c0de-0000-7000-8000-000000000001", State: ipc.RunRunning, Pid: 4194303, StartedAt: at(-50)}},
		},
		{
			Name: "mail", State: ipc.JobWaiting, Schedule: []string{"@hourly"}, Next: at(1), LastRun: ended(ipc.RunSucceeded, 0, -1),
			Queued: []ipc.Run{{ID: "0198c0de-0000-7000-8000-000000000002", State: ipc.RunQueued, Reason: "waits for a place in group disk (max_parallel: 1)"}},
		},
		{
			Name: "photos", State: ipc.JobPaused, Schedule: []string{"0 0 1 1 *"}, Next: at(24 * 280), LastRun: ended(ipc.RunSucceeded, 0, -24*80),
			Overrides:   []ipc.Override{{Kind: ipc.OverridePause, Owner: me, Until: at(0.5), CreatedAt: at(-2), Reason: "ディスクを交換しています 💾"}},
			Description: "写真を毎年バックアップします", Tags: []string{"disk"},
		},
		{
			Name: "café", State: ipc.JobScheduled, Schedule: []string{"0 8 * * *"}, Next: at(18.5), LastRun: &ipc.Run{State: ipc.RunTimedOut, Signal: "SIGKILL", EndedAt: at(-0.01)},
			Description: "cafe\u0301 au lait 👩‍🍳",
		},
		{Name: "by-hand", State: ipc.JobManual},
		{Name: "retired", State: ipc.JobDisabled, Schedule: []string{"@daily"}},
		{Name: "server-only", State: ipc.JobNotHere, Schedule: []string{"@daily"}},
	}
}

// longPlan has names and commands that find no room.
func longPlan() ipc.Plan {
	p := bigPlan()
	p.Changes = append(p.Changes, ipc.Change{
		Job: "thumbnails-of-every-picture-in-the-archive-of-the-last-century", Action: ipc.ActionChange, Class: ipc.ClassRestart,
		Reason: "command changed; pid 4194303, up 2 d: TERM, at most 10 s, start",
		Fields: []ipc.Field{{
			Key: "command", Before: `["convert", "/srv/写真/*.tiff"]`,
			After: `["convert", "https://pictures.example.org/` + strings.Repeat("a-very-long-path/", 9) + `first.tiff", "日本語の出力"]`,
		}},
	})
	return p
}

// pictures are what a terminal of some width shows.
var pictures = map[string]func(width int, s style) string{
	"status": func(width int, s style) string { return tableText(statusTable(variousJobs(), monday, s), width, s) },
	"list":   func(width int, s style) string { return tableText(jobsTable(variousJobs(), monday, s), width, s) },
	"plan": func(width int, s style) string {
		var b strings.Builder
		home := func(path, real string) string {
			return strings.ReplaceAll(path+" → "+real, "/home/you", "~")
		}
		planPrinter{&b, monday, width, s, home}.plan(longPlan())
		return b.String()
	},
}

func tableText(t *table, width int, s style) string {
	var b strings.Builder
	_ = t.write(&b, width, s) // to memory
	return b.String()
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestPictures holds what is seen at the usual widths to pictures of it, and
// that nothing runs over the edge. In colour it is the same text.
func TestPictures(t *testing.T) {
	for name, draw := range pictures {
		for _, width := range []int{40, 80, 120, 200} {
			got := draw(width, style{})
			path := filepath.Join("testdata", "pictures", fmt.Sprintf("%s-%d.txt", name, width))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s at %d columns; -update writes it anew:\n%s\nwant\n%s", name, width, got, want)
			}
			coloured := draw(width, style{on: true})
			if plain := colour.ReplaceAllString(coloured, ""); plain != got || plain == coloured {
				t.Errorf("%s at %d columns says another thing in colour:\n%s", name, width, coloured)
			}
		}
	}
}

// TestPicturesFit holds every width to its edge.
func TestPicturesFit(t *testing.T) {
	for name, draw := range pictures {
		for width := 12; width < 250; width++ {
			for line := range strings.Lines(draw(width, style{})) {
				if w := textWidth(strings.TrimSuffix(line, "\n")); w > width {
					t.Errorf("%s at %d columns has a line of %d: %q", name, width, w, line)
				}
			}
		}
	}
}

// TestNothingIsCutWhereThereIsRoom has each text whole in a wide terminal.
func TestNothingIsCutWhereThereIsRoom(t *testing.T) {
	for name, draw := range pictures {
		if got := draw(300, style{}); strings.Contains(got, ellipsis) {
			t.Errorf("%s at 300 columns is cut:\n%s", name, got)
		}
	}
}

// TestAPlanIsNeverCut: what is cut might be what changes.
func TestAPlanIsNeverCut(t *testing.T) {
	for width := 12; width < 250; width++ {
		if got := pictures["plan"](width, style{}); strings.Contains(got, ellipsis) {
			t.Errorf("the plan at %d columns is cut:\n%s", width, got)
		}
	}
}
