package daemon

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

func TestEverySlotRunsOnceAcrossReloads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		file := `jobs: {tick: {command: [3s], schedule: "* * * * * *", overlap: allow}, other: {command: [1s]}}`
		w.load(file)
		for i := range 30 {
			pass(2 * time.Second)
			w.load(file + fmt.Sprintf("\n# touched %d\n", i))
		}
		pass(5 * time.Second)
		seen := map[time.Time]bool{}
		for _, r := range w.runs("tick") {
			if seen[r.ScheduledAt] {
				t.Errorf("slot %s ran twice", r.ScheduledAt)
			}
			seen[r.ScheduledAt] = true
			if late := r.Lateness.Duration(); late != 0 {
				t.Errorf("slot %s ran %s late", r.ScheduledAt, late)
			}
		}
		if len(seen) != 65 {
			t.Errorf("%d slots ran in 65 s", len(seen))
		}
	})
}

func TestAYearOfNightsHasNoGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {backup: {command: [20m], schedule: "30 2 * * *", timezone: America/New_York}}`)
		pass(365 * 24 * time.Hour)
		runs := w.runs("backup")
		if len(runs) != 365 {
			t.Errorf("%d runs in 365 days", len(runs))
		}
		days := map[string]bool{}
		for _, r := range runs {
			days[r.ScheduledAt.Format(time.DateOnly)] = true
			if r.State != ipc.RunSucceeded {
				t.Errorf("%s: %s", r.ScheduledAt, r.State)
			}
		}
		if len(days) != 365 {
			t.Errorf("runs on %d days of 365", len(days))
		}
	})
}

func TestAReloadTouchesNothingThatDidNotChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		file := `jobs: {long: {command: [1h], schedule: "* * * * *"}, a: {command: [1s], schedule: "@every 7s"}, b: {command: [1s], schedule: "0 5 * * *"}}`
		w.load(file)
		pass(2 * time.Minute)
		before := w.job("long")
		next := w.job("a").Next
		w.load(strings.Replace(file, "0 5", "0 6", 1))
		after := w.job("long")
		if before.Running[0].Pid != after.Running[0].Pid || after.Generation != 1 {
			t.Errorf("long was touched: %+v, then %+v", before.Running[0], after)
		}
		if got := w.job("a").Next; !got.Equal(next) {
			t.Errorf("next slot of a moved from %s to %s", next, got)
		}
		if got := w.job("b"); got.Next.Hour() != 6 || got.Generation != 2 {
			t.Errorf("b is %+v", got)
		}
	})
}

func TestAChangedTaskFinishesUnderItsOldCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [90s], schedule: "* * * * *"}}`)
		pass(time.Minute)
		p := w.load(`jobs: {a: {command: [5s], schedule: "* * * * *"}}`)
		if got := p.String(); got != "1 next_run" {
			t.Errorf("plan %q", got)
		}
		pass(time.Minute)
		if got := w.runs("a"); len(got) != 1 || got[0].State != ipc.RunRunning {
			t.Fatalf("the run did not go on: %+v", got)
		}
		pass(2 * time.Minute)
		got := w.runs("a")
		if got[0].Duration.Duration() != 90*time.Second || got[1].Duration.Duration() != 5*time.Second {
			t.Errorf("durations %v and %v", *got[0].Duration, *got[1].Duration)
		}
	})
}

func TestOnChangeRestartStopsAndBeginsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [1h], schedule: "0 * * * *", on_change: restart}}`)
		pass(time.Hour)
		w.load(`jobs: {a: {command: [2h], schedule: "0 * * * *", on_change: restart}}`)
		pass(time.Second)
		got := w.runs("a")
		if len(got) != 2 || got[0].State != ipc.RunStopped || got[1].State != ipc.RunRunning || got[1].Attempt != 2 {
			t.Fatalf("runs %+v", got)
		}
		if !got[0].ScheduledAt.Equal(got[1].ScheduledAt) {
			t.Errorf("slots %s and %s", got[0].ScheduledAt, got[1].ScheduledAt)
		}
	})
}

func TestARestartForAChangeSpendsNoRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		file := `jobs: {a: {command: [10m], success: [9], schedule: "0 5 * * *", on_change: restart, retry: {max: 1, delay: 1m}}}`
		w.load(file)
		pass(5*time.Hour + time.Minute)
		for i := range 2 {
			w.load(strings.Replace(file, "10m", fmt.Sprintf("%dm", 11+i), 1))
			pass(time.Minute)
		}
		w.load(strings.Replace(file, "10m", "20m", 1))
		pass(time.Hour)
		var states []string
		for _, r := range w.runs("a") {
			states = append(states, fmt.Sprintf("%d %s %s", r.Attempt, r.Trigger, r.State))
		}
		want := "1 schedule stopped, 2 schedule stopped, 3 schedule stopped, 4 schedule failed, 5 retry failed"
		if got := strings.Join(states, ", "); got != want {
			t.Errorf("attempts are %s", got)
		}
		if got := w.slots("a"); len(got) != 1 || got[0].Run != w.runs("a")[0].ID {
			t.Errorf("the ledger has %+v", got)
		}
	})
}

func TestATimeoutEscalates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {deaf: {command: [1h, stubborn], timeout: 30s, stop: {grace: 5s}}, good: {command: [1h], timeout: 30s}}`)
		for _, job := range []string{"deaf", "good"} {
			w.do(job, func(l *loop, e *entry) { l.request(e, "", nil) })
		}
		pass(time.Minute)
		for job, want := range map[string]struct {
			after  time.Duration
			signal string
		}{"deaf": {35 * time.Second, "KILL"}, "good": {30 * time.Second, "TERM"}} {
			r := w.runs(job)[0]
			if r.State != ipc.RunTimedOut || r.Duration.Duration() != want.after || r.Signal != want.signal {
				t.Errorf("%s: %s after %v by %s", job, r.State, r.Duration.Duration(), r.Signal)
			}
		}
	})
}

func TestAGroupIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		var b strings.Builder
		b.WriteString("groups: {heavy: {max_parallel: 2}}\njobs:\n")
		for i := range 6 {
			fmt.Fprintf(&b, "  j%d: {command: [10s], group: heavy}\n", i)
		}
		w.load(b.String())
		for i := range 6 {
			w.do(fmt.Sprintf("j%d", 5-i), func(l *loop, e *entry) { l.request(e, "", nil) })
			pass(time.Second)
		}
		pass(time.Minute)
		var order []string
		for _, s := range w.procs.started {
			for _, v := range s.Env {
				if job, is := strings.CutPrefix(v, "LSH_JOB="); is {
					order = append(order, job)
				}
			}
		}
		if got := strings.Join(order, " "); got != "j5 j4 j3 j2 j1 j0" {
			t.Errorf("order %s", got)
		}
		if together := w.procs.at[2].Sub(w.procs.at[0]); together != 10*time.Second {
			t.Errorf("the third began %s after the first", together)
		}
	})
}

func TestAGroupThatGrowsLetsMoreIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		file := "groups: {g: {max_parallel: 1}}\njobs: {a: {command: [1h], group: g}, b: {command: [1h], group: g}}"
		w.load(file)
		for _, job := range []string{"a", "b"} {
			w.do(job, func(l *loop, e *entry) { l.request(e, "", nil) })
		}
		pass(time.Second)
		if got := w.job("b"); got.State != ipc.JobWaiting || got.Queued[0].Reason != "waits for a place in group g (max_parallel: 1)" {
			t.Fatalf("b is %+v", got)
		}
		w.load(strings.Replace(file, "max_parallel: 1", "max_parallel: 2", 1))
		pass(time.Second)
		if got := w.job("b"); got.State != ipc.JobRunning {
			t.Errorf("b is %s", got.State)
		}
	})
}

func TestAPauseHoldsAndEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [1s], schedule: "* * * * *"}}`)
		pass(90 * time.Second)
		until := time.Now().Add(10 * time.Minute)
		w.do("a", func(l *loop, e *entry) {
			l.pause(e, ipc.Override{ID: "o", Job: "a", Kind: ipc.OverridePause, Until: until})
		})
		if got := w.job("a"); got.State != ipc.JobPaused || !got.Next.After(until) {
			t.Errorf("a is %s, next %s", got.State, got.Next)
		}
		pass(20 * time.Minute)
		if got := len(w.runs("a")); got != 1+10 { // one before, ten after
			t.Errorf("%d runs", got)
		}
	})
}

func TestSkipIsForOneSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [1s], schedule: "* * * * *"}}`)
		w.do("a", func(l *loop, e *entry) { l.skipNext(e, ipc.Override{ID: "o", Job: "a", Kind: ipc.OverrideSkip}) })
		pass(3*time.Minute + time.Second)
		if got := len(w.runs("a")); got != 2 {
			t.Errorf("%d runs of three slots with one skipped", got)
		}
		if got := w.job("a").Overrides; len(got) != 0 {
			t.Errorf("overrides %+v", got)
		}
	})
}

func TestARemovedJobFinishesAndIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [90s], schedule: "* * * * *"}, b: {command: [1s]}}`)
		pass(time.Minute)
		w.load(`jobs: {b: {command: [1s]}}`)
		if got := w.job("a"); got.State != ipc.JobRemoved || len(got.Running) != 1 {
			t.Errorf("a is %+v", got)
		}
		pass(2 * time.Minute)
		if _, there := w.table.find("a"); there {
			t.Error("a is still there")
		}
		if got := w.runs("a"); len(got) != 1 || got[0].State != ipc.RunSucceeded {
			t.Errorf("runs %+v", got)
		}
	})
}

func TestAPauseEndsWithItsJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		file := `jobs: {a: {command: [90s], schedule: "* * * * *"}, b: {command: [1s]}}`
		w.load(file)
		pass(time.Minute)
		w.load(`jobs: {b: {command: [1s]}}`)
		w.do("a", func(l *loop, e *entry) { // a run of it is in progress
			l.pause(e, ipc.Override{ID: "p", Job: "a", Kind: ipc.OverridePause, CreatedAt: l.now})
		})
		pass(2 * time.Minute)
		w.load(file)
		if got := w.job("a"); got.State != ipc.JobScheduled || len(got.Overrides) != 0 {
			t.Errorf("another job of that name is %s: %v", got.State, got.Overrides)
		}
		w = w.restart(time.Second)
		defer w.end()
		if got := w.job("a"); len(got.Overrides) != 0 {
			t.Errorf("the next worker has it %v", got.Overrides)
		}
	})
}

func TestARenameCarriesOverrides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {old: {command: [1s], schedule: "* * * * *"}}`)
		w.do("old", func(l *loop, e *entry) { l.pause(e, ipc.Override{ID: "o", Job: "old", Kind: ipc.OverridePause}) })
		w.load(`jobs: {new: {command: [1s], schedule: "* * * * *"}}`)
		got := w.job("new")
		if got.State != ipc.JobPaused || got.Overrides[0].Job != "new" {
			t.Errorf("new is %+v", got)
		}
		if _, there := w.table.find("old"); there {
			t.Error("old is still there")
		}
	})
}

func TestAWorkerThatLeavesTakesNothingOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {a: {command: [1s]}}`)
		w.box.do(func(l *loop) {
			l.depart("a test")
			l.starting++ // a start hangs, and is waited for
		})
		d := &Daemon{box: w.box, table: w.table}
		_, err := d.runJob(t.Context(), ipc.RunParams{Job: "a"})
		if e, is := errors.AsType[*ipc.Error](err); !is || e.Code != ipc.CodeStopping {
			t.Errorf("a run of which this worker would see nothing: %v", err)
		}
		w.shut()
	})
}

func TestShutdownWaitsThenStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {short: {command: [5s]}, long: {command: [1h]}, later: {command: [1s], schedule: "* * * * * *"}}`)
		for _, job := range []string{"short", "long"} {
			w.do(job, func(l *loop, e *entry) { l.request(e, "", nil) })
		}
		pass(time.Millisecond)
		began := time.Now()
		w.box.do(func(l *loop) { l.stop(30 * time.Second) })
		pass(time.Minute)
		if got := w.runs("short")[0]; got.State != ipc.RunSucceeded {
			t.Errorf("short %s: %s", got.State, got.Reason)
		}
		if got := w.runs("long")[0]; got.State != ipc.RunStopped || got.EndedAt.Sub(began) != 30*time.Second {
			t.Errorf("long %s after %s", got.State, got.EndedAt.Sub(began))
		}
		if got := len(w.runs("later")); got > 1 {
			t.Errorf("%d runs began while the daemon stopped", got)
		}
	})
}

func TestTheOperatorsWordsStayWithTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`groups: {g: {max_parallel: 1}}
jobs:
  other: {command: [1m], group: g}
  a: {command: [10s], success: [9], group: g, retry: {max: 1, delay: 1m}}
`)
		w.do("other", func(l *loop, e *entry) { l.request(e, "", nil) })
		pass(time.Second)
		w.do("a", func(l *loop, e *entry) { l.request(e, "disk swap", nil) })
		w = w.restart(time.Second) // other is lost, a begins
		defer w.end()
		pass(5 * time.Second)
		if got := w.job("a").Running; len(got) != 1 || !strings.HasPrefix(got[0].Reason, "its turn has come") || !strings.HasSuffix(got[0].Reason, `: "disk swap"`) {
			t.Errorf("while it runs: %+v", got)
		}
		pass(5 * time.Minute)
		runs := w.runs("a")
		if len(runs) != 2 {
			t.Fatalf("%d runs", len(runs))
		}
		for _, r := range runs {
			if r.Reason != `exit code 0: "disk swap"` {
				t.Errorf("attempt %d has failed by %q", r.Attempt, r.Reason)
			}
		}
	})
}
