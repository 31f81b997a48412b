package daemon

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/tally"
	"github.com/lsh-project/lsh/ipc"
)

// restart ends a world as kill -9 would, but for what runs, lets time go by, and
// begins another on what it has left. The file is not read again: the journal has
// the last generation.
func (w *world) restart(away time.Duration) *world {
	w.t.Helper()
	w.box.post(func(l *loop) { l.leaving, l.leaveBy = true, l.now })
	dir := w.dir
	w.shut()
	time.Sleep(away)
	next := newStoppedWorld(w.t, dir)
	boot, err := next.loop.journal.Boot()
	if err != nil {
		w.t.Fatal(err)
	}
	notes, left, err := tally.Open(filepath.Join(dir, "tally"), "boot")
	if err != nil {
		w.t.Fatal(err)
	}
	notes.Close()
	f := &former{forking: left.Forking, boot: boot, begun: map[string]process.Proc{}, ends: w.left, orphan: map[child]process.Exit{}}
	r := reader{host: testHost(""), key: []byte("key"), env: &envMemory{texts: map[string][]byte{}}}
	was, err := r.generation(boot.Generation)
	if err != nil {
		w.t.Fatal(err)
	}
	next.loop.restart = true
	next.recallConfig(boot.Generation, was)
	next.recallAdHoc(boot.Jobs, func(row journal.Job) (parsedJob, error) {
		job, spec, err := r.parseAdHoc(row.Name, row.Definition, groupsOf(next.applied))
		return parsedJob{job, spec}, err
	})
	next.recall(f, next.spawn.files.Path)
	next.commit()
	next.publish()
	next.begin()
	return next
}

// slots are the ledger's entries of a job.
func (w *world) slots(job string) []journal.Slot {
	w.t.Helper()
	slots, err := w.loop.journal.Slots(job, time.Unix(0, 0), time.Now().Add(time.Hour), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return slots
}

// outcomes counts the slots of a job by outcome.
func (w *world) outcomes(job string) map[string]int {
	counts := map[string]int{}
	for _, s := range w.slots(job) {
		counts[s.Outcome] += s.Count
	}
	return counts
}

func TestMissedSlotsAreCaughtUpByPolicy(t *testing.T) {
	for _, c := range []struct {
		policy string
		want   map[string]int
	}{
		{"none", map[string]int{ipc.OutcomeRan: 3, ipc.OutcomeMissed: 5}},
		{"one", map[string]int{ipc.OutcomeRan: 3, ipc.OutcomeCollapsed: 4, ipc.OutcomeCaughtUp: 1}},
		{"all", map[string]int{ipc.OutcomeRan: 3, ipc.OutcomeCaughtUp: 5}},
		{"all, catch_up_within: 2h30m", map[string]int{ipc.OutcomeRan: 3, ipc.OutcomeMissed: 2, ipc.OutcomeCaughtUp: 3}},
	} {
		t.Run(c.policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t) // it is midnight
				w.load(`jobs: {hourly: {command: [2s], schedule: "@hourly", catch_up: ` + c.policy + `}}`)
				pass(3*time.Hour + 10*time.Minute)
				w = w.restart(5*time.Hour + 10*time.Minute) // 04:00 to 08:00 are missed; it is 08:20
				defer w.end()
				pass(10 * time.Minute)
				got := w.outcomes("hourly")
				for outcome, n := range c.want {
					if got[outcome] != n {
						t.Errorf("%d slots are %s, want %d: %v", got[outcome], outcome, n, w.slots("hourly"))
					}
				}
				seen := map[time.Time]bool{}
				for _, r := range w.runs("hourly") {
					if seen[r.ScheduledAt] {
						t.Errorf("slot %s ran twice", r.ScheduledAt)
					}
					seen[r.ScheduledAt] = true
				}
			})
		})
	}
}

func TestAShortRestartMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {tick: {command: [1s], schedule: "* * * * * *", overlap: allow}}`)
		for range 20 {
			pass(1500 * time.Millisecond)
			w = w.restart(2500 * time.Millisecond)
		}
		defer w.end()
		pass(5 * time.Second)
		if got := w.outcomes("tick"); got[ipc.OutcomeRan] != 85 || len(got) != 1 {
			t.Errorf("outcomes of 85 seconds are %v", got)
		}
		if n := len(w.runs("tick")); n != 85 {
			t.Errorf("%d runs", n)
		}
	})
}

func TestAPauseIsNoAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {hourly: {command: [2s], schedule: "@hourly", catch_up: all}}`)
		pass(90 * time.Minute)
		w.do("hourly", func(l *loop, e *entry) {
			l.pause(e, ipc.Override{ID: "p", Job: e.name, Kind: ipc.OverridePause, Until: l.now.Add(4 * time.Hour), CreatedAt: l.now, Reason: "move"})
		})
		w = w.restart(6 * time.Hour) // paused from 01:30 to 05:30; it is 07:30
		defer w.end()
		if o := w.job("hourly").Overrides; len(o) != 0 {
			t.Errorf("the pause is still there: %v", o)
		}
		pass(5 * time.Minute)
		if got := w.outcomes("hourly"); got[ipc.OutcomeSkipped] != 4 || got[ipc.OutcomeCaughtUp] != 2 || got[ipc.OutcomeRan] != 1 {
			t.Errorf("outcomes are %v: %v", got, w.slots("hourly"))
		}
	})
}

func TestASkipIsSpentByASlotThatIsMissed(t *testing.T) {
	for policy, want := range map[string]map[string]int{
		"none": {ipc.OutcomeSkipped: 1, ipc.OutcomeMissed: 2, ipc.OutcomeRan: 2},
		"one":  {ipc.OutcomeSkipped: 1, ipc.OutcomeCollapsed: 1, ipc.OutcomeCaughtUp: 1, ipc.OutcomeRan: 2},
		"all":  {ipc.OutcomeSkipped: 1, ipc.OutcomeCaughtUp: 2, ipc.OutcomeRan: 2},
	} {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.load(`jobs: {hourly: {command: [2s], schedule: "@hourly", catch_up: ` + policy + `}}`)
				pass(30 * time.Minute)
				w.do("hourly", func(l *loop, e *entry) {
					l.skipNext(e, ipc.Override{ID: "s", Job: e.name, Kind: ipc.OverrideSkip, CreatedAt: l.now})
				})
				w = w.restart(3 * time.Hour) // 01:00, which was to be skipped, to 03:00 are missed
				defer w.end()
				pass(2 * time.Hour)
				got := w.outcomes("hourly")
				for outcome, n := range want {
					if got[outcome] != n {
						t.Errorf("outcomes are %v, want %v", got, want)
						break
					}
				}
				if first := w.slots("hourly")[0]; first.Outcome != ipc.OutcomeSkipped || first.Count != 1 || len(w.job("hourly").Overrides) != 0 {
					t.Errorf("the first slot is %+v, and %v is left", first, w.job("hourly").Overrides)
				}
			})
		})
	}
}

func TestOverridesAndRequestsOutliveTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {a: {command: [1s], schedule: "@hourly"}, b: {command: [1s]}}`)
		w.do("a", func(l *loop, e *entry) {
			l.pause(e, ipc.Override{ID: "p", Job: "a", Kind: ipc.OverridePause, CreatedAt: l.now, Reason: "why", Owner: ipc.Owner{UID: 7, User: "ann", Pid: 3, Command: "lsh"}})
		})
		w.box.do(func(l *loop) {
			l.leaving, l.leaveBy = true, l.now // killed between the request and its look
			l.request(l.entries["b"], "by hand", nil)
		})
		w = w.restart(time.Minute)
		defer w.end()
		pass(5 * time.Second)
		o := w.job("a").Overrides
		if len(o) != 1 || o[0].Reason != "why" || o[0].Owner.User != "ann" || o[0].Owner.Pid != 3 {
			t.Errorf("overrides are %+v", o)
		}
		if runs := w.runs("b"); len(runs) != 1 || runs[0].State != ipc.RunSucceeded || runs[0].Trigger != "manual" {
			t.Errorf("the request has led to %+v", runs)
		}
	})
}

func TestARunThatNobodySawEndIsLostAndNotBegunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {long: {command: [1h], schedule: "0 * * * *", retry: {max: 3}}}`)
		pass(61 * time.Minute)
		w = w.restart(10 * time.Minute)
		defer w.end()
		pass(time.Minute)
		runs := w.runs("long")
		if len(runs) != 1 || runs[0].State != ipc.RunLost || runs[0].ExitCode != nil || runs[0].Duration != nil || runs[0].Reason == "" {
			t.Errorf("runs are %+v", runs)
		}
	})
}

func TestAnEndThatWasNotedIsTheRunsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {long: {command: [1h], schedule: "0 * * * *"}}`)
		pass(61 * time.Minute)
		r := w.runs("long")[0]
		ended := time.Now().Add(90 * time.Second)
		w.left = map[string]process.Exit{r.ID: {ID: r.ID, Pid: r.Pid, Code: 42, Ended: ended, CPU: time.Second}}
		w = w.restart(10 * time.Minute)
		defer w.end()
		pass(time.Second)
		r = w.runs("long")[0]
		if r.State != ipc.RunFailed || r.ExitCode == nil || *r.ExitCode != 42 || !r.EndedAt.Equal(ended) {
			t.Errorf("the run is %+v", r)
		}
	})
}

func TestAFailedRunIsTriedAgainAlsoByTheNextWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {flaky: {command: [1s], success: [9], retry: {max: 3, delay: 1m, max_delay: 2m}}}`)
		w.box.do(func(l *loop) { l.request(l.entries["flaky"], "", nil) })
		pass(1500 * time.Millisecond)
		if got := w.job("flaky"); got.State != ipc.JobWaiting || len(got.Queued) != 1 || got.Queued[0].Attempt != 2 || got.Queued[0].NotBefore.IsZero() {
			t.Fatalf("after the first failure the job is %+v", got)
		}
		w = w.restart(10 * time.Millisecond)
		defer w.end()
		pass(20 * time.Minute)
		runs := w.runs("flaky")
		if len(runs) != 4 {
			t.Fatalf("%d runs, want 4", len(runs))
		}
		for i, r := range runs {
			if r.Attempt != i+1 || r.State != ipc.RunFailed {
				t.Errorf("run %d is attempt %d, %s", i, r.Attempt, r.State)
			}
			if i > 0 && r.StartedAt.Sub(runs[i-1].EndedAt) > 2*time.Minute {
				t.Errorf("attempt %d came %s after the one before", i+1, r.StartedAt.Sub(runs[i-1].EndedAt))
			}
		}
	})
}

func TestAFurtherAttemptOutlivesTheDaemon(t *testing.T) {
	for name, stop := range map[string]func(*loop){
		"at once":            (*loop).killAll,
		"after a while":      func(l *loop) { l.stop(time.Minute) },
		"after its deadline": func(l *loop) { l.stop(time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.load(`jobs:
  waits: {command: [1s], success: [9], retry: {max: 1, delay: 1000h, max_delay: 1000h}}
  fails: {command: [10s], success: [9], retry: {max: 1, delay: 1000h, max_delay: 1000h}}
  long: {command: [5m], retry: {max: 1, delay: 1000h, max_delay: 1000h}}
`)
				for _, job := range []string{"waits", "fails", "long"} {
					w.do(job, func(l *loop, e *entry) { l.request(e, "", nil) })
				}
				pass(2 * time.Second)
				w.box.post(stop)
				<-w.done
				w = w.restart(time.Minute)
				defer w.end()
				pass(time.Second)
				if got := w.job("waits").Queued; len(got) != 1 || got[0].Attempt != 2 {
					t.Errorf("what waited was lost: %+v", w.runs("waits"))
				}
				want := 0
				if name == "after a while" {
					want = 1 // it failed by itself before the deadline
				}
				if got := w.job("fails").Queued; len(got) != want {
					t.Errorf("%d further attempts wait of a run that was in progress: %+v", len(got), w.runs("fails"))
				}
				if got := w.runs("long"); len(got) != 1 || got[0].State != ipc.RunStopped {
					t.Errorf("a run that was stopped has led to %+v", got)
				}
			})
		})
	}
}

func TestASlotOfTheLedgerNeverRunsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {tick: {command: [1s], schedule: "* * * * *"}}`)
		pass(10*time.Minute + time.Second)
		// The clock cannot be set back in a bubble: it was ahead, as far as the job knows.
		w.do("tick", func(l *loop, e *entry) {
			now := l.now
			l.now = now.Add(-5 * time.Minute)
			l.clockSetBack(e)
			l.now = now
		})
		pass(3 * time.Minute)
		if got := w.outcomes("tick"); got[ipc.OutcomeRan] != 13 || len(got) != 1 {
			t.Errorf("outcomes are %v", got)
		}
		if n := len(w.runs("tick")); n != 13 {
			t.Errorf("%d runs of 13 slots", n)
		}
	})
}

func TestASlotOfTheLedgerNeverRunsAgainAlsoByTheNextWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {tick: {command: [1s], schedule: "* * * * *"}}`)
		pass(10*time.Minute + time.Second)
		w.box.do(func(l *loop) {
			e, now := l.entries["tick"], l.now
			l.now = now.Add(-5 * time.Minute)
			l.clockSetBack(e)
			l.now, l.leaving, l.leaveBy = now, true, now
			l.touched = append(l.touched, e)
		})
		w = w.restart(time.Second)
		defer w.end()
		pass(3 * time.Minute)
		if got := w.outcomes("tick"); got[ipc.OutcomeRan] != 13 || len(got) != 1 {
			t.Errorf("outcomes are %v", got)
		}
		if n := len(w.runs("tick")); n != 13 {
			t.Errorf("%d runs of 13 slots", n)
		}
	})
}

// killedBeforeTheFork lets the worker die when it has decided the next start, and has done nothing for it.
func (w *world) killedBeforeTheFork() {
	w.t.Helper()
	died := make(chan struct{})
	w.box.do(func(l *loop) {
		l.spawn.probe = func(point string) {
			if point == "decided" && l.starting > 0 {
				l.effects, l.leaving, l.leaveBy, l.starting = nil, true, l.now, 0
				close(died)
			}
		}
	})
	<-died
}

func TestAStartThatWasOnlyDecidedIsMadeByTheNextWorker(t *testing.T) {
	for _, c := range []struct {
		name, policy string
		away         time.Duration
		forking      bool // it may have begun
		state        string
		outcome      string
	}{
		{"soon", "none", 30 * time.Second, false, ipc.RunSucceeded, ipc.OutcomeRan},
		{"too late", "none", 30 * time.Minute, false, ipc.RunStopped, ipc.OutcomeMissed},
		{"too late, and caught up", "one", 30 * time.Minute, false, ipc.RunSucceeded, ipc.OutcomeRan},
		{"it may have begun", "none", 30 * time.Second, true, ipc.RunLost, ipc.OutcomeRan},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t) // it is midnight
				w.load(`jobs: {hourly: {command: [2s], schedule: "@hourly", catch_up: ` + c.policy + `}}`)
				w.killedBeforeTheFork()
				if c.forking {
					if err := w.tally.Forking(w.runs("hourly")[0].ID); err != nil {
						t.Fatal(err)
					}
				}
				w = w.restart(c.away)
				defer w.end()
				pass(10 * time.Second)
				runs := w.runs("hourly")
				if len(runs) != 1 || runs[0].State != c.state {
					t.Errorf("runs are %+v, want one that is %s", runs, c.state)
				}
				if got := w.outcomes("hourly"); got[c.outcome] != 1 || len(got) != 1 {
					t.Errorf("outcomes are %v, want one %s", got, c.outcome)
				}
			})
		})
	}
}

func TestMovedFromCarriesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {old: {command: [30m], schedule: "0 * * * *"}}`)
		pass(70 * time.Minute)
		w.do("old", func(l *loop, e *entry) {
			l.pause(e, ipc.Override{ID: "p", Job: "old", Kind: ipc.OverridePause, CreatedAt: l.now})
		})
		w.load(`jobs: {new: {command: [20m], schedule: "0 * * * *", moved_from: old}}`)
		j := w.job("new")
		if len(j.Running) != 1 || j.Running[0].Job != "new" || len(j.Overrides) != 1 || j.Overrides[0].Job != "new" {
			t.Errorf("the moved job is %+v", j)
		}
		w.do("new", (*loop).resume)
		pass(time.Hour)
		w = w.restart(time.Second)
		defer w.end()
		pass(time.Second)
		if got := w.outcomes("new"); got[ipc.OutcomeRan] != 2 {
			t.Errorf("outcomes of the moved job are %v", got)
		}
		if runs := w.runs("old"); len(runs) != 0 {
			t.Errorf("runs stay under the old name: %v", runs)
		}
	})
}

func testHost(text string) config.Host {
	h := config.Host{
		Name: "laptop", OS: "linux", Home: "/home/ann", ID: "laptop",
		Getenv: func(string) (string, bool) { return "", false },
	}
	if text != "" {
		h.ReadFile = func(string) ([]byte, error) { return []byte(text), nil }
	}
	return h
}
