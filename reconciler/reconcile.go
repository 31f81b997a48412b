package reconciler

import (
	"fmt"
	"time"

	"github.com/lsh-project/lsh/config"
)

// Late is how late a slot still runs: a slot that falls into a restart, a
// reload or a short stall is not missed. Later than that it is accounted for
// as missed.
const Late = 60 * time.Second

// missAtOnce bounds how many slots one Miss covers, so that a look stays
// short also after a year of sleep.
const missAtOnce = 10_000

// lingerPoll is how often the members of a group that outlive their leader
// are looked for while they are being stopped: no exit tells of them.
const lingerPoll = 200 * time.Millisecond

// Verdict is the answer to one look at a job.
type Verdict struct {
	// Action is what to do now; its Op is None when there is nothing.
	Action Action
	// WakeAt is when to look again though nothing has happened; zero: never.
	// It is set when there is no Action: after one, look again at once.
	WakeAt time.Time
	// Next is when the next slot is due, set when there is no Action; zero
	// when there is none.
	Next time.Time
}

// Reconcile takes one look at one job.
func Reconcile(d Desired, o Observed, places Places, now time.Time) Verdict {
	if a := pausedSlots(d, o, now); a.Op != None {
		return Verdict{Action: a}
	}
	if a := expire(d, now); a.Op != None {
		return Verdict{Action: a}
	}
	a, wake := end(d, o, now)
	if a.Op != None {
		return Verdict{Action: a}
	}
	a, ready := wait(d, o, places, now)
	if a.Op != None {
		return Verdict{Action: a}
	}
	a, slot, next := begin(d, o, places, now)
	if a.Op != None {
		return Verdict{Action: a}
	}
	a, ticket := absent(d, o, places, now)
	if a.Op != None {
		return Verdict{Action: a}
	}
	wake = earliest(earliest(earliest(wake, ready), slot), ticket)
	if d.Pause != nil {
		wake = earliest(wake, d.Pause.Until)
	}
	if next.IsZero() {
		return Verdict{WakeAt: wake}
	}
	return Verdict{WakeAt: wake, Next: promised(d, o, next)}
}

// expire ends what has reached its end.
func expire(d Desired, now time.Time) Action {
	if d.Pause != nil && d.Pause.ended(now) {
		return Action{Op: Expire, Override: d.Pause.ID, Reason: "the pause has reached its end"}
	}
	return Action{}
}

// end sees to it that runs end that should: those past their time, those
// asked to, and those that make room.
func end(d Desired, o Observed, now time.Time) (Action, time.Time) {
	var wake time.Time
	waiting := ripe(o, now)
	for _, r := range o.Runs {
		switch r.Phase {
		case Stopping:
			if r.Lingering {
				wake = earliest(wake, now.Add(lingerPoll))
			}
			if r.Killed {
				continue
			}
			if !r.StopBy.After(now) {
				reason := fmt.Sprintf("still there %s after %s", config.FormatDuration(r.Stop.Grace), r.Stop.Signal)
				return Action{Op: Kill, Run: r.ID, Reason: reason}, wake
			}
			wake = earliest(wake, r.StopBy)
		case Running:
			if a := endRunning(d, r, waiting, now); a.Op != None {
				return a, wake
			}
			wake = earliest(wake, r.Timeout)
		case Queued, Starting:
			// One is not there yet; the other waits, see wait.
		}
	}
	return Action{}, wake
}

// ripe tells whether a run waits for nothing but those before it.
func ripe(o Observed, now time.Time) bool {
	for r := range o.waiting() {
		if !r.NotBefore.After(now) {
			return true
		}
	}
	return false
}

// endRunning decides about a run in progress: is it to end, and why? The
// successor of a replaced or restarted run waits in the queue already, so
// that it cannot be forgotten.
func endRunning(d Desired, r Run, waiting bool, now time.Time) Action {
	switch {
	case r.Halt != "":
		return terminate(r, EndStopped, r.Halt, now)
	case !r.Timeout.IsZero() && !r.Timeout.After(now):
		return terminate(r, EndTimedOut, "its timeout is up", now)
	case d.Job == nil || d.Shutdown:
		return Action{}
	case waiting && d.Job.Overlap == config.OverlapReplace:
		return terminate(r, EndStopped, "replaced by the next run (overlap: replace)", now)
	}
	return changed(d, r, waiting, now)
}

// changed carries out on_change for a run whose process spec is not the
// job's any more. Different hashes are the only sign: a reload that changes
// nothing cannot touch a run.
func changed(d Desired, r Run, waiting bool, now time.Time) Action {
	if r.Spec == d.Spec {
		return Action{}
	}
	switch d.Job.OnChange.Action {
	case config.ChangeRestart:
		if !waiting {
			return Action{
				Op: Enqueue, Trigger: r.Trigger, Slot: r.Slot, Attempt: r.Attempt + 1, Retries: r.Retries,
				Reason: "the job has changed (on_change: restart)",
			}
		}
		return terminate(r, EndStopped, "the job has changed (on_change: restart)", now)
	case config.ChangeSignal:
		if r.Told == d.Spec {
			return Action{}
		}
		sig := d.Job.OnChange.Signal
		return Action{Op: Tell, Run: r.ID, Signal: sig, Reason: "the job has changed (on_change: signal:" + sig + ")"}
	case config.ChangeFinish:
	}
	return Action{}
}

func terminate(r Run, end End, reason string, now time.Time) Action {
	return Action{
		Op: Terminate, Run: r.ID, Reason: reason,
		Signal: r.Stop.Signal, StopBy: now.Add(r.Stop.Grace), End: end,
	}
}

// wait decides about the runs in the queue: may one begin, or must it go?
// Without either it says when the delay of the next one is over.
func wait(d Desired, o Observed, places Places, now time.Time) (Action, time.Time) {
	var wake time.Time
	for r := range o.waiting() {
		drop := func(reason string) (Action, time.Time) {
			return Action{Op: Drop, Run: r.ID, Reason: reason}, time.Time{}
		}
		switch {
		case r.Halt != "":
			return drop(r.Halt)
		case d.Shutdown && r.NotBefore.IsZero():
			return drop("the daemon stops")
		case d.Shutdown:
			continue // a further attempt is made by the next daemon
		}
		if reason := closed(d); reason != "" {
			return drop(reason)
		}
		if a := outlasted(d, r, now); a.Op != None {
			return a, time.Time{}
		}
		if r.NotBefore.After(now) {
			wake = earliest(wake, r.NotBefore)
			continue
		}
		if _, busy := o.busy(); busy && d.Job.Overlap != config.OverlapAllow {
			continue
		}
		if places.Taken != "" {
			continue
		}
		reason := "its turn has come"
		if !r.NotBefore.IsZero() {
			reason = fmt.Sprintf("attempt %d: the delay is over", r.Attempt)
		}
		return Action{Op: Launch, Run: r.ID, Reason: reason}, time.Time{}
	}
	return Action{}, wake
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
