package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// bigPlan has one change of each kind, and an override.
func bigPlan() ipc.Plan {
	tue := time.Date(2026, 3, 24, 3, 0, 0, 0, time.UTC)
	days := func(from time.Time) []time.Time {
		return []time.Time{from, from.AddDate(0, 0, 1), from.AddDate(0, 0, 2)}
	}
	run := ipc.Run{ID: "0198c0de-0000-7000-8000-00005e01a9c4", State: ipc.RunRunning, Pid: 991, StartedAt: monday.Add(-4 * time.Minute)}
	me := ipc.Owner{UID: os.Getuid()}
	return ipc.Plan{
		ID: "p-9c1e04", BaseGeneration: 41, AcceptedAt: monday.Add(-2 * time.Hour),
		Path: "/home/you/.config/lsh/jobs.yaml", RealPath: "/home/you/dotfiles/jobs.yaml",
		Changes: []ipc.Change{
			{
				Job: "backup", Action: ipc.ActionChange, Class: ipc.ClassHot, Reason: "schedule changed; slots count from now",
				Fields:     []ipc.Field{{Key: "schedule", Before: `"0 3 * * *"`, After: `"30 3 * * 1-5"`}},
				NextBefore: days(tue), NextAfter: days(tue.Add(30 * time.Minute)), WeekBefore: 7, WeekAfter: 5,
			},
			{
				Job: "report", Action: ipc.ActionChange, Class: ipc.ClassNextRun,
				Reason: "command changed; the run in progress (pid 991, 4m) finishes under the old one",
				Fields: []ipc.Field{{Key: "command", Before: "make report", After: "make -j report"}, {Key: "env.TOKEN"}},
				Runs:   []ipc.Run{run},
			},
			{Job: "metrics", Action: ipc.ActionAdd, Class: ipc.ClassStart, Reason: "new job", NextAfter: days(tue)},
			{Job: "oldsync", Action: ipc.ActionRemove, Class: ipc.ClassStop, Reason: "no longer in the file", NextBefore: days(tue)},
			{Job: "mail", From: "post", Action: ipc.ActionRename, Class: ipc.ClassHot, Reason: "the same job under a new name"},
		},
		Overrides: []ipc.Override{{
			Job: "report", Kind: ipc.OverridePause, Until: monday.Add(30 * time.Minute),
			Owner: me, Reason: "migration", CreatedAt: monday.Add(-2 * time.Hour),
		}},
		Summary: map[string]int{"hot": 2, "next_run": 1, "start": 1, "stop": 1},
	}
}

func planText(p ipc.Plan, width int) string {
	var b strings.Builder
	home := func(path, real string) string {
		return strings.ReplaceAll(path+" → "+real, "/home/you", "~")
	}
	planPrinter{&b, monday, width, style{}, home}.plan(p)
	return b.String()
}

func TestPlanText(t *testing.T) {
	want := `~/.config/lsh/jobs.yaml → ~/dotfiles/jobs.yaml    running: generation 41, 2 h ago

  ~ backup   hot       schedule changed; slots count from now
                       schedule "0 3 * * *" → "30 3 * * 1-5"
                       next Tue 03:00, Wed 03:00, Thu 03:00 → Tue 03:30, Wed 03:30, Thu 03:30   (7 → 5 runs a week)
  ~ report   next run  command changed; the run in progress (pid 991, 4m) finishes under the old one
                       command make report → make -j report
                       env.TOKEN changed
  + metrics  start     new job
                       next Tue 03:00, Wed 03:00, Thu 03:00
  - oldsync  stop      no longer in the file
                       next Tue 03:00, Wed 03:00, Thu 03:00 → none
  → mail     hot       renamed from post
                       the same job under a new name
  ! report   paused    until 14:00 ("migration", by you, 2 h ago): the change takes effect then

Plan p-9c1e04: 1 start, 1 stop, 2 hot, 1 next run; 1 override in force.
`
	if got := planText(bigPlan(), 0); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPlanTextFitsTheTerminal(t *testing.T) {
	for _, width := range []int{20, 40, 60, 80, 200} {
		for _, line := range strings.Split(planText(bigPlan(), width), "\n") {
			if textWidth(line) > width {
				t.Errorf("at width %d a line takes %d columns: %q", width, textWidth(line), line)
			}
		}
	}
}

func TestPlanTimesAreInTheZoneOfWhoAsks(t *testing.T) {
	tokyo := time.FixedZone("", 9*3600)
	nine := time.Date(2026, 3, 24, 9, 0, 0, 0, tokyo)
	c := ipc.Change{NextBefore: []time.Time{nine}, NextAfter: []time.Time{nine.Add(time.Hour)}}
	if got, want := (planPrinter{now: monday}).next(c), "next Tue 00:00 → Tue 01:00"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlanTextOfNothing(t *testing.T) {
	p := ipc.Plan{ID: "p-1", BaseGeneration: 3, Path: "/a", RealPath: "/b"}
	want := "/a → /b    running: generation 3\nPlan p-1: no changes.\n"
	if got := planText(p, 80); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlanTextSaysWhyItIsHeld(t *testing.T) {
	p := ipc.Plan{ID: "p-1", BaseGeneration: 3, Held: "it removes 5 of 6 jobs"}
	if got := planText(p, 80); !strings.Contains(got, "Held: it removes 5 of 6 jobs. lsh apply confirms it.\n") {
		t.Errorf("got %q", got)
	}
}
