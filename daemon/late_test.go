package daemon

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
)

// became is what has become of the slots of a job up to an instant, by how far
// they are from midnight.
func (w *world) became(job string, every time.Duration, to time.Time) map[time.Duration]string {
	w.t.Helper()
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	all := map[time.Duration]string{}
	for _, s := range w.slots(job) {
		for at := s.At; !at.After(s.Last) && !at.After(to); at = at.Add(every) {
			all[at.Sub(midnight)] = s.Outcome
		}
	}
	return all
}

// An absence of less than a minute costs no slot that would have run without it,
// and lets none run that would not have.
func TestAShortAbsenceCostsNoSlot(t *testing.T) {
	for _, life := range []string{"1ms", "1900ms", "3100ms", "4900ms"} {
		for _, overlap := range []string{"skip", "queue", "replace", "allow"} {
			t.Run(life+" "+overlap, func(t *testing.T) {
				file := `jobs: {tick: {command: [` + life + `], schedule: "*/2 * * * * *", overlap: ` + overlap + `}}`
				to := time.Date(2000, 1, 1, 0, 0, 12, 0, time.UTC)
				if overlap == "replace" {
					to = to.Add(-2 * time.Second) // the last one may be replaced by the first that is on time
				}
				var want map[time.Duration]string
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					defer w.end()
					w.load(file)
					pass(70*time.Second + 300*time.Millisecond)
					want = w.became("tick", 2*time.Second, to)
				})
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.load(file)
					pass(time.Second)
					w = w.restart(12*time.Second + 300*time.Millisecond) // 2 s to 12 s are late
					defer w.end()
					for range 57 {
						pass(time.Second)
						if next := w.job("tick").Next; time.Until(next) > 2*time.Second || !next.After(time.Now()) {
							t.Errorf("at %s next is %s", time.Now(), next)
						}
					}
					if got := w.became("tick", 2*time.Second, to); !maps.Equal(got, want) {
						t.Errorf("slots are\n%v, want\n%v", got, want)
					}
					const behind = 6 * time.Second // a run, and the time to the slot after it
					for _, r := range w.runs("tick") {
						if r.ScheduledAt.Sub(to) > 18*time.Second && overlap != "queue" && r.Lateness.Duration() > behind {
							t.Errorf("the slot of %s runs %s late", r.ScheduledAt, r.Lateness.Duration())
						}
					}
				})
				if len(want) < 5 {
					t.Errorf("on time the slots are %v", want)
				}
				if ran := slices.Collect(maps.Values(want)); life == "1ms" && slices.Contains(ran, ipc.OutcomeSkipped) {
					t.Errorf("on time the slots are %v", want)
				}
			})
		}
	}
}

func TestALateRunIsReplacedAfterAsLongAsOneOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {tick: {command: [1h], schedule: "*/10 * * * * *", overlap: replace}}`)
		pass(time.Second)
		w = w.restart(41 * time.Second)
		defer w.end()
		pass(time.Minute)
		runs := w.runs("tick")
		if len(runs) < 6 {
			t.Fatalf("%d runs: %v", len(runs), w.slots("tick"))
		}
		for _, r := range runs[:3] {
			if r.Duration == nil || r.Duration.Duration() != 10*time.Second {
				t.Errorf("the run of %s took %v: %s", r.ScheduledAt, r.Duration, r.Reason)
			}
		}
		// A job that is always busy is not late for ever.
		if last := runs[len(runs)-1]; last.Lateness == nil || last.Lateness.Duration() > time.Second {
			t.Errorf("the last run is still late: %+v", last)
		}
	})
}

func TestLateSlotsWaitForARunThatWaitsForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`groups: {heavy: {max_parallel: 1}}
jobs:
  a: {command: [30s], schedule: "2 0 0 * * *", group: heavy}
  b: {command: [1ms], schedule: "*/2 * * * * *", group: heavy}
`)
		pass(time.Second)
		w = w.restart(12*time.Second + 300*time.Millisecond)
		pass(10 * time.Millisecond)
		if b, got := w.job("b"), w.outcomes("b"); len(b.Queued) != 1 || got[ipc.OutcomeSkipped] != 0 {
			t.Fatalf("behind a, b has %v waiting, and %v", b.Queued, got)
		}
		a := w.runs("a")[0]
		w.left = map[string]process.Exit{a.ID: {ID: a.ID, Pid: a.Pid, Ended: time.Now()}}
		w = w.restart(time.Second)
		defer w.end()
		pass(time.Minute)
		if got := w.outcomes("b"); got[ipc.OutcomeRan] != len(w.runs("b")) || len(got) != 1 {
			t.Errorf("outcomes are %v", got)
		}
	})
}

func TestLateSlotsWaitForAStartThatIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {tick: {command: [1ms], schedule: "*/2 * * * * *"}}`)
		w.killedBeforeTheFork()
		w = w.restart(12 * time.Second)
		defer w.end()
		pass(time.Second)
		if got := w.outcomes("tick"); got[ipc.OutcomeRan] != 7 || len(got) != 1 {
			t.Errorf("outcomes are %v", got)
		}
	})
}
