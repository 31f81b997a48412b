package reconciler_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/reconciler"
)

// world is the least that carries out actions: what the daemon does to its
// state, without processes.
type world struct {
	now  time.Time
	d    reconciler.Desired
	o    reconciler.Observed
	next int
	// begun counts the runs that slots began.
	begun map[time.Time]int
	// outcomes counts what became of each slot.
	outcomes map[time.Time]int
}

// account notes what became of a stretch of slots, and moves on over it.
func (w *world) account(t *rapid.T, a reconciler.Action) {
	last := a.Slot
	if a.Last.After(last) {
		last = a.Last
	}
	n := 0
	for s := range w.d.Job.Slots.Slots(a.Slot.Add(-time.Nanosecond)) {
		if s.At.After(last) {
			break
		}
		w.outcomes[s.At]++
		n++
	}
	if n != max(1, a.Count) {
		t.Fatalf("%s of %d slots, of which there are %d", a.Op, a.Count, n)
	}
	w.advance(last)
}

func (w *world) advance(to time.Time) {
	if w.o.Absence.Has(to) {
		w.o.Absence.After, w.o.CatchUpAt = to, time.Time{}
		return
	}
	w.o.Cursor = to
}

func (w *world) act(t *rapid.T, a reconciler.Action) {
	if a.Reason == "" {
		t.Fatalf("%s without a reason", a.Op)
	}
	find := func() *reconciler.Run {
		i := slices.IndexFunc(w.o.Runs, func(r reconciler.Run) bool { return r.ID == a.Run })
		if i < 0 {
			t.Fatalf("%s names run %q, which is not there", a.Op, a.Run)
		}
		return &w.o.Runs[i]
	}
	drop := func() { w.o.Runs = slices.DeleteFunc(w.o.Runs, func(r reconciler.Run) bool { return r.ID == a.Run }) }
	switch a.Op {
	case reconciler.Start, reconciler.Enqueue:
		w.next++
		r := reconciler.Run{ID: string(rune('a'+w.next%26)) + strings.Repeat("x", w.next/26), Spec: w.d.Spec, Slot: a.Slot, Trigger: a.Trigger, Attempt: a.Attempt, Admitted: w.now}
		if a.Op == reconciler.Start {
			r.Phase = reconciler.Running
		}
		switch {
		case a.Request != "":
			w.d.Requests = w.d.Requests[1:]
		case a.Attempt == 1:
			w.account(t, a)
			w.begun[a.Slot]++
		}
		w.o.Runs = append(w.o.Runs, r)
	case reconciler.Launch:
		r := find()
		r.Phase, r.Spec = reconciler.Running, w.d.Spec
	case reconciler.Drop:
		if find().Phase != reconciler.Queued {
			t.Fatalf("a run that has begun is dropped")
		}
		drop()
	case reconciler.Skip:
		w.account(t, a)
		if a.Override != "" {
			w.d.Skips = w.d.Skips[1:]
		}
	case reconciler.Miss, reconciler.Collapse:
		w.account(t, a)
	case reconciler.Pass:
		w.advance(a.Last)
	case reconciler.SetAside:
		switch {
		case !w.o.Absence.Open():
			w.o.Absence.After = w.o.Cursor
		case w.o.Cursor.After(w.o.Absence.To):
			w.o.Dealt = append(w.o.Dealt, reconciler.Span{From: w.o.Absence.To.Add(1), To: w.o.Cursor})
		}
		w.o.Absence.To, w.o.Cursor = a.Last, a.Last
	case reconciler.Spread:
		w.o.CatchUpAt = w.now.Add(time.Second)
	case reconciler.Refuse:
		w.d.Requests = w.d.Requests[1:]
	case reconciler.Terminate:
		r := find()
		if r.Phase != reconciler.Running {
			t.Fatalf("a run that is not running is asked to end")
		}
		r.Phase, r.StopBy = reconciler.Stopping, a.StopBy
	case reconciler.Kill:
		find().Killed = true
	case reconciler.Tell:
		find().Told = w.d.Spec
	case reconciler.Expire:
		w.d.Pause = nil
	case reconciler.None:
	}
}

// TestEveryWorldComesToRest: whatever is desired and observed, a bounded
// number of looks leaves nothing to do; every action has a reason; no slot
// begins two runs; every slot that was due has one outcome, whatever is caught
// up meanwhile; at most one run waits; and only overlap: allow lets two runs be
// active at once.
func TestEveryWorldComesToRest(t *testing.T) {
	often, seldom := parse(t, "*/10 * * * * *"), parse(t, "*/5 * * * *")
	rapid.Check(t, func(t *rapid.T) {
		now, every := noon, seldom
		if rapid.Bool().Draw(t, "often") {
			every = often
		}
		w := &world{begun: map[time.Time]int{}, outcomes: map[time.Time]int{}}
		began := now.Add(-time.Duration(rapid.IntRange(0, 7200).Draw(t, "behind")) * time.Second)
		w.o.Cursor = began
		w.d.Spec = "a"
		w.d.Job = &config.Job{
			Name: "j", Enabled: true, Here: true, Slots: schedule.Set{every},
			CatchUp: config.CatchUp(rapid.IntRange(0, 2).Draw(t, "catch_up")), CatchUpWithin: time.Hour,
			Overlap:  config.Overlap(rapid.IntRange(0, 3).Draw(t, "overlap")),
			OnChange: config.OnChange{Action: config.ChangeAction(rapid.IntRange(0, 2).Draw(t, "on_change")), Signal: "HUP"},
		}
		allow := w.d.Job.Overlap == config.OverlapAllow
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "event") {
			case 0:
				w.d.Requests = append(w.d.Requests, reconciler.Request{ID: "q", Trigger: reconciler.TriggerManual})
			case 1:
				w.d.Pause = &reconciler.Override{ID: "o", Until: now.Add(time.Minute)}
			case 2:
				w.d.Skips = append(w.d.Skips, reconciler.Override{ID: "s"})
			case 3:
				w.d.Spec += "'"
			case 4:
				if len(w.o.Runs) > 0 {
					w.o.Runs[0].Halt = "stopped by the operator"
				}
			case 5, 6: // the oldest ends
				w.o.Runs = slices.DeleteFunc(w.o.Runs, func(r reconciler.Run) bool {
					return r.Phase != reconciler.Queued && r.ID == w.o.Runs[0].ID
				})
			case 7:
				now = now.Add(time.Duration(rapid.IntRange(0, 60_000).Draw(t, "milliseconds")) * time.Millisecond)
			default:
				now = now.Add(time.Duration(rapid.IntRange(-60, 900).Draw(t, "seconds")) * time.Second)
			}
			w.now = now
			taken := ""
			if rapid.Bool().Draw(t, "full") {
				taken = "the group is full"
			}
			rested := false
			for range 200 {
				v := reconciler.Reconcile(w.d, w.o, reconciler.Places{Taken: taken}, now)
				if v.Action.Op == reconciler.None {
					if v.Next.IsZero() && w.d.Pause == nil && len(w.d.Skips) == 0 {
						t.Fatal("no next slot")
					}
					if !v.WakeAt.IsZero() && !v.WakeAt.After(now) {
						t.Fatalf("rests until %s, which is not after %s", v.WakeAt, now)
					}
					rested = true
					break
				}
				w.act(t, v.Action)
			}
			if !rested {
				t.Fatal("does not come to rest")
			}
			queued, active := 0, 0
			for _, r := range w.o.Runs {
				if r.Phase == reconciler.Queued {
					queued++
				} else {
					active++
				}
			}
			if queued > 1 || (active > 1 && !allow) {
				t.Fatalf("%d wait and %d are active", queued, active)
			}
		}
		for s := range every.Slots(began) {
			if s.At.After(w.o.Cursor) {
				break
			}
			if n := w.outcomes[s.At]; n != 1 && !w.o.Absence.Has(s.At) || n > 1 {
				t.Fatalf("slot %s has %d outcomes", s.At, n)
			}
		}
		for slot, n := range w.begun {
			if n > 1 {
				t.Fatalf("slot %s began %d runs", slot, n)
			}
		}
	})
}
