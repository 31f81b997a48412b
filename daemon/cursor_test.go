package daemon

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// onceEach checks that each slot of a job has one outcome, from the first that
// the ledger has up to now, by the distance of the slots.
func (w *world) onceEach(job string, every time.Duration) {
	w.t.Helper()
	var last time.Time
	for _, s := range w.slots(job) {
		if !last.IsZero() && !s.At.Equal(last.Add(every)) {
			w.t.Errorf("after %s the ledger goes on with %s: %v", last, s.At, w.slots(job))
			return
		}
		if n := int(s.Last.Sub(s.At)/every) + 1; n != s.Count {
			w.t.Errorf("%d slots from %s to %s are counted as %d", n, s.At, s.Last, s.Count)
		}
		last = s.Last
	}
	if late := time.Since(last); late >= every {
		w.t.Errorf("the ledger ends with %s", last)
	}
}

func TestEachMissedSlotRunsInOrderWhateverFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {hourly: {command: [2m], success: [9], schedule: "@hourly", catch_up: all, retry: {max: 1, delay: 1m}}}`)
		pass(30 * time.Minute)
		w = w.restart(4*time.Hour + 10*time.Minute) // 01:00 to 04:00 are missed; it is 04:40
		defer w.end()
		pass(19 * time.Minute)
		runs := w.runs("hourly")
		if len(runs) != 8 {
			t.Fatalf("%d runs, want two attempts of four slots: %v", len(runs), w.slots("hourly"))
		}
		for i, r := range runs {
			if r.ScheduledAt.UTC().Hour() != 1+i/2 || r.Attempt != 1+i%2 {
				t.Errorf("run %d is attempt %d of %s", i, r.Attempt, r.ScheduledAt)
			}
			if i > 0 && r.StartedAt.Before(runs[i-1].EndedAt) {
				t.Errorf("run %d began before the one before it had ended", i)
			}
		}
	})
}

// While missed slots are caught up, those that come due are ordinary ones.
func TestSlotsThatComeDueMeanwhileAreNotMissed(t *testing.T) {
	for overlap, skips := range map[string]bool{"skip": true, "queue": false, "allow": false} {
		t.Run(overlap, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.load(`jobs: {tick: {command: [50s], schedule: "* * * * *", catch_up: all, overlap: ` + overlap + `}}`)
				pass(30 * time.Second)
				w = w.restart(9*time.Minute + 5*time.Second) // 00:01 to 00:09 are missed; it is 00:09:35
				defer w.end()
				for range 60 {
					pass(time.Minute)
					if next := w.job("tick").Next; time.Until(next) > time.Minute || !next.After(time.Now()) {
						t.Errorf("at %s next is %s", time.Now(), next)
					}
				}
				w.onceEach("tick", time.Minute)
				got := w.outcomes("tick")
				if got[ipc.OutcomeMissed] != 0 || got[ipc.OutcomeCaughtUp] != 9 {
					t.Errorf("outcomes are %v", got)
				}
				for _, s := range w.slots("tick") {
					if caught := s.Outcome == ipc.OutcomeCaughtUp; caught != s.At.Before(time.Date(2000, 1, 1, 0, 9, 30, 0, time.UTC)) {
						t.Errorf("%s %s: %s", s.At, s.Outcome, s.Reason)
					}
				}
				if skipped := got[ipc.OutcomeSkipped] > 0; skipped != skips {
					t.Errorf("outcomes are %v", got)
				}
			})
		})
	}
}

func TestASlotIsNotLateForATicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {tick: {command: [1s], schedule: "*/10 * * * * *", catch_up: one, overlap: allow}}`)
		pass(30 * time.Second)
		w.box.do(func(l *loop) { l.nextTicket = l.now })
		w = w.restart(5*time.Minute + 5*time.Second)
		defer w.end()
		w.do("tick", func(l *loop, e *entry) { // hundreds of other jobs catch up too
			e.catchUpAt = l.now.Add(45 * time.Second)
			l.mark(e)
		})
		pass(time.Minute)
		w.onceEach("tick", 10*time.Second)
		caught := 0
		for _, r := range w.runs("tick") {
			if r.Trigger == "catch_up" {
				caught++
			} else if late := r.Lateness.Duration(); late > 0 {
				t.Errorf("slot %s ran %s late", r.ScheduledAt, late)
			}
		}
		if caught != 1 {
			t.Errorf("%d catch-up runs", caught)
		}
	})
}

func TestAnAbsenceWithinAnAbsenceRunsNoSlotTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {tick: {command: [50s], schedule: "* * * * *", catch_up: all, overlap: allow}}`)
		pass(30 * time.Second)
		for range 4 {
			w = w.restart(7*time.Minute + 7*time.Second)
			pass(3*time.Minute + 11*time.Second)
		}
		defer w.end()
		pass(2 * time.Hour)
		w.onceEach("tick", time.Minute)
		seen := map[time.Time]bool{}
		for _, r := range w.runs("tick") {
			if seen[r.ScheduledAt] {
				t.Errorf("slot %s ran twice", r.ScheduledAt)
			}
			seen[r.ScheduledAt] = true
		}
		if got := w.outcomes("tick"); got[ipc.OutcomeMissed] != 0 {
			t.Errorf("outcomes are %v", got)
		}
	})
}

func TestAPauseWhileCatchingUpCoversItsOwnSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {hourly: {command: [50m], schedule: "@hourly", catch_up: all}}`)
		pass(30 * time.Minute)
		w = w.restart(4 * time.Hour) // 01:00 to 04:00 are missed; it is 04:30
		pass(20 * time.Minute)       // 01:00 is caught up
		w.do("hourly", func(l *loop, e *entry) {
			l.pause(e, ipc.Override{ID: "p", Job: e.name, Kind: ipc.OverridePause, Until: l.now.Add(4 * time.Hour), CreatedAt: l.now})
		})
		w = w.restart(5 * time.Hour) // paused from 04:50 to 08:50; it is 09:50
		defer w.end()
		pass(5 * time.Hour)
		w.onceEach("hourly", time.Hour)
		for _, s := range w.slots("hourly") {
			hour := s.At.UTC().Hour()
			if paused := 5 <= hour && hour <= 8; paused && (s.Outcome != ipc.OutcomeSkipped || s.Count != 4) {
				t.Errorf("%s %s (%d): %s", s.At, s.Outcome, s.Count, s.Reason)
			}
			if missed := 1 <= hour && hour <= 4 || hour == 9; missed && s.Outcome != ipc.OutcomeCaughtUp {
				t.Errorf("%s %s: %s", s.At, s.Outcome, s.Reason)
			}
		}
	})
}

func TestTheLedgerKeepsRoomForWhatIsStillToBeCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load(`jobs: {hourly: {command: [1m], schedule: "@hourly", catch_up: all}}`)
		skip := func(l *loop, e *entry) {
			l.skipNext(e, ipc.Override{ID: newID(), Job: e.name, Kind: ipc.OverrideSkip, CreatedAt: l.now})
		}
		w.do("hourly", skip)
		pass(90 * time.Minute)       // 01:00 is skipped
		w = w.restart(3 * time.Hour) // 02:00 to 04:00 are missed; it is 04:30
		defer w.end()
		w.do("hourly", func(l *loop, e *entry) {
			skip(l, e)
			e.catchUpAt = l.now.Add(time.Hour)
		})
		pass(2 * time.Hour) // 05:00 is skipped before 02:00 is caught up
		w.onceEach("hourly", time.Hour)
		if got := w.outcomes("hourly"); got[ipc.OutcomeSkipped] != 2 || got[ipc.OutcomeCaughtUp] != 3 {
			t.Errorf("outcomes are %v: %v", got, w.slots("hourly"))
		}
	})
}
