package daemon

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// addAdHoc adds an operator's own job, as lsh job add does.
func (w *world) addAdHoc(name, definition string) {
	w.t.Helper()
	r := reader{host: testHost(""), key: []byte("key"), env: &envMemory{texts: map[string][]byte{}}}
	var groups map[string]config.Group
	w.box.do(func(l *loop) { groups = groupsOf(l.applied) })
	job, spec, err := r.parseAdHoc(name, definition, groups)
	if err != nil {
		w.t.Fatal(err)
	}
	w.box.do(func(l *loop) {
		if _, err := l.addAdHoc(job, spec, definition, &ipc.Owner{UID: 7, User: "ann"}); err != nil {
			w.t.Error(err)
		}
	})
}

// together has f done at the beginning of the turn in which what then posts is.
func (w *world) together(f func(*loop), then func()) {
	held := make(chan struct{})
	w.box.post(func(*loop) { <-held })
	synctest.Wait()
	w.box.post(f)
	time.AfterFunc(time.Millisecond, func() { close(held) })
	then()
}

func TestTheFileTakesAnAdHocJobOver(t *testing.T) {
	for _, c := range []struct {
		name, definition, file string
		next                   int // hour
	}{
		{"by hand before: it counts from now", "command: [1s]", `schedule: "@hourly", catch_up: one`, 73},
		{"another schedule: it counts from now", `{command: [1s], schedule: "0 1 5 * *", timezone: UTC}`, `schedule: "@hourly", catch_up: one`, 73},
		{"the same schedule goes on", `{command: [1s], schedule: "0 */5 * * *", timezone: UTC, catch_up: one}`, `schedule: "0 */5 * * *", catch_up: one`, 77},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.end()
				w.load("jobs: {}")
				w.addAdHoc("cleanup", c.definition)
				began := time.Now()
				pass(72*time.Hour + 30*time.Minute)
				ran := w.outcomes("cleanup")[ipc.OutcomeRan]
				w.load("jobs: {cleanup: {command: [1s], " + c.file + "}}")
				pass(time.Second)
				if got := w.outcomes("cleanup"); len(got) > 1 || got[ipc.OutcomeRan] != ran {
					t.Errorf("outcomes are %v: %v", got, w.slots("cleanup"))
				}
				if hours := int(w.job("cleanup").Next.Sub(began).Hours()); c.next == 73 && hours != 73 {
					t.Errorf("next after %d hours", hours)
				}
			})
		})
	}
}

func TestSlotsOfAScheduleThatEndsAreAccountedFor(t *testing.T) {
	const file = `jobs: {a: {command: [90m], schedule: "@hourly", catch_up: all}, b: {command: [1s]}}`
	for _, c := range []struct{ name, file, why string }{
		{"edited", strings.Replace(file, "@hourly", "30 1 * * *", 1), "its schedule was changed"},
		{"disabled", strings.Replace(file, "catch_up", "enabled: false, catch_up", 1), "the job was disabled (enabled: false)"},
		{"of another host", strings.Replace(file, "catch_up", "only: {hosts: [web]}, catch_up", 1), "the job is not for this host any more: only.hosts is web, this is laptop"},
		{"removed", `jobs: {b: {command: [1s]}}`, "the job is gone from the file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.load(file)
				pass(30 * time.Minute)
				w = w.restart(4 * time.Hour) // 01:00 to 04:00 are missed; it is 04:30
				defer w.end()
				pass(time.Minute) // 01:00 is being caught up
				w.load(c.file)
				pass(time.Second)
				want := map[string]int{ipc.OutcomeCaughtUp: 1, ipc.OutcomeMissed: 3}
				for outcome, n := range w.outcomes("a") {
					if want[outcome] != n {
						t.Errorf("%d slots are %s: %v", n, outcome, w.slots("a"))
					}
				}
				slots := w.slots("a")
				if last := slots[len(slots)-1]; last.Reason != c.why || last.Count != 3 || last.Nominal == "" {
					t.Errorf("the slots that came to nothing are %+v", last)
				}
				if c.name == "edited" {
					if next := w.job("a").Next.UTC(); next.Hour() != 1 || next.Minute() != 30 {
						t.Errorf("next is %s", next)
					}
				}
			})
		})
	}
}

func TestJitterOfAnEditedScheduleLosesNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		file := `jobs: {a: {command: [1s], schedule: "@hourly", jitter: 50m}}`
		w.load(file)
		w.do("a", func(_ *loop, e *entry) {
			if d := e.job.Load().Delay; d < time.Minute {
				t.Fatalf("the delay of this name is %s: choose another", d)
			}
		})
		pass(time.Hour + 30*time.Second)
		w.load(strings.Replace(file, "@hourly", "@daily", 1))
		pass(time.Second)
		if got := w.slots("a"); len(got) != 1 || got[0].Outcome != ipc.OutcomeMissed || got[0].At.UTC().Hour() != 1 {
			t.Errorf("slots are %v", got)
		}
	})
}

func TestARenameTakesEveryRunThatWaitsAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		file := `groups: {g: {max_parallel: 1}}
jobs:
  old: {command: [1m], schedule: "0 * * * *", group: g, overlap: allow}
  other: {command: [20m], group: g}
`
		w.load(file)
		w.do("other", func(l *loop, e *entry) { l.request(e, "", nil) })
		pass(time.Second)
		w.do("old", func(l *loop, e *entry) { // two attempts wait
			for range 2 {
				r := l.admit(e, reconciler.Action{
					Op: reconciler.Enqueue, Trigger: reconciler.TriggerRetry, Attempt: 2, Reason: "a test",
				})
				r.waited = l.now
				l.save(r)
			}
			l.mark(e)
		})
		w.together(func(l *loop) { l.mark(l.entries["old"]) }, func() { w.load(strings.Replace(file, "old:", "new:", 1)) })
		pass(30 * time.Minute)
		w.do("other", func(l *loop, e *entry) { l.request(e, "", nil) })
		pass(time.Second)
		if got := w.job("other"); got.State != ipc.JobRunning {
			t.Errorf("a ghost holds a place: other is %s, %v", got.State, got.Queued)
		}
		pass(2 * time.Hour)
		if got := w.slots("old"); len(got) > 0 {
			t.Errorf("slots go on under the old name: %v", got)
		}
		if got := len(w.runs("new")); got != 4 {
			t.Errorf("%d runs of the new name, want two that waited and two of slots", got)
		}
	})
}

func TestARenameIntoAnAdHocJobLeavesNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		file := `jobs: {old: {command: [1m], schedule: "0 * * * *"}}`
		w.load(file)
		w.addAdHoc("new", "command: [2m]")
		w.do("new", func(l *loop, e *entry) {
			l.pause(e, ipc.Override{ID: "p", Job: "new", Kind: ipc.OverridePause, CreatedAt: l.now})
		})
		answered := make(chan error, 1)
		ask := func(l *loop) { l.request(l.entries["new"], "", func(_ *ipc.Run, err error) { answered <- err }) }
		w.together(ask, func() { w.load(`jobs: {new: {command: [1m], schedule: "0 * * * *"}}`) })
		pass(time.Second)
		select {
		case <-answered:
		default:
			t.Error("who asked for a run waits for ever")
		}
		w = w.restart(time.Second)
		defer w.end()
		if got := w.job("new"); len(got.Overrides) != 0 {
			t.Errorf("the pause of the former job is back: %v", got.Overrides)
		}
	})
}

func TestARenameThatMovesTheSlotsCountsFromNow(t *testing.T) {
	for _, schedule := range []string{"H H * * *", "@every 5h"} {
		t.Run(schedule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.end()
				file := `jobs: {old: {command: [1s], schedule: "` + schedule + `", catch_up: all}}`
				w.load(file)
				pass(72*time.Hour + 10*time.Minute)
				before := w.outcomes("old")
				p := w.load(strings.Replace(file, "old", "new", 1))
				if c := p.Changes[0]; !c.Reschedules || !strings.Contains(c.Reason, "count from now") {
					t.Errorf("the plan is %+v", c)
				}
				pass(time.Second)
				if after := w.outcomes("new"); after[ipc.OutcomeRan] != before[ipc.OutcomeRan] || len(after) != 1 {
					t.Errorf("outcomes were %v and are %v", before, after)
				}
			})
		})
	}
}
