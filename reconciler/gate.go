package reconciler

import (
	"fmt"
	"time"

	"github.com/lsh-project/lsh/config"
)

// begin takes the oldest request, else the next slot that is due, to the
// gate. Without either it says when to look again, and when the next slot is
// due.
func begin(d Desired, o Observed, places Places, now time.Time) (a Action, wake, next time.Time) {
	if len(d.Requests) > 0 {
		r := d.Requests[0]
		a := admit(d, o, places, r.Trigger)
		switch a.Op {
		case Drop:
			return a, wake, next // makes room; the request is looked at again
		case Skip:
			a.Op = Refuse
		}
		switch {
		case a.Op == Start && r.Why != "":
			a.Reason = Because(r.Reason, r.Why)
		case a.Op == Start, a.Op == Enqueue:
			a.Reason = Because(r.Words(), a.Reason)
		}
		a.Request, a.Trigger, a.Slot = r.ID, r.Trigger, r.Slot
		return a, wake, next
	}
	if d.Job == nil || d.Shutdown || !Scheduled(d.Job) {
		return Action{}, wake, next
	}
	slot, passed, ok := o.open(d.Job, o.Cursor)
	if !ok {
		return Action{}, wake, next
	}
	due := slot.Add(d.Job.Delay)
	if due.After(now) {
		return Action{}, due, due
	}
	if passed.After(o.Cursor) {
		first, _ := d.Job.Slots.Next(o.Cursor)
		return Action{Op: Pass, Slot: first.At, Last: passed, Reason: "it has been accounted for already"}, wake, next
	}
	if a := skipped(d, slot); a.Op != None {
		return a, wake, next
	}
	if now.Sub(due) > Late {
		return late(d, o, slot, now), wake, next
	}
	if until := held(d, o, slot); until.After(now) {
		if slot, _, ok := o.open(d.Job, now.Add(-d.Job.Delay)); ok {
			next = slot.Add(d.Job.Delay)
		}
		return Action{}, earliest(until, next), next
	}
	a = scheduled(d, o, places, TriggerSchedule)
	if a.Op != Drop {
		a.Slot = slot
	}
	return a, wake, next
}

// held is until when a slot waits for the run that it would meet; zero when it
// does not. Both were found late: had they been on time, the run would have been
// let in when it was due, and the slot would have met it as much later as their
// instants are apart. Only then does overlap decide, so that a short stall costs
// no slot that the run had left alone. A slot that has fallen due since the daemon is
// awake meets overlap in its own time, so that a job that is always busy is not late for ever.
func held(d Desired, o Observed, slot time.Time) time.Time {
	r, in := o.busy()
	if !in || d.Job.Overlap == config.OverlapAllow {
		r, in = o.queued()
	}
	switch {
	case !in, r.Trigger != TriggerSchedule, r.Attempt != 1:
		return time.Time{}
	case !slot.After(r.Slot), slot.Add(d.Job.Delay).After(r.Admitted), slot.Add(d.Job.Delay).After(o.Awake):
		return time.Time{}
	}
	return r.Admitted.Add(slot.Sub(r.Slot))
}

// dealtWith passes over a slot that has been accounted for already.
func dealtWith(o Observed, slot time.Time) Action {
	for _, s := range o.Dealt {
		if slot.Before(s.From) || slot.After(s.To) {
			continue
		}
		last := s.To
		if o.Absence.Has(slot) && last.After(o.Absence.To) {
			last = o.Absence.To
		}
		return Action{Op: Pass, Slot: slot, Last: last, Reason: "it has been accounted for already"}
	}
	return Action{}
}

// Because puts the operator's words, which may be "", to ours.
func Because(said, ours string) string {
	if said == "" {
		return ours
	}
	return fmt.Sprintf("%s: %q", ours, said)
}

// Scheduled tells whether slots of the job come due on this host at all.
func Scheduled(j *config.Job) bool { return j.Enabled && j.Here && len(j.Slots) > 0 }

// skipped passes over the next slot after the operator said to skip it, be it
// missed or not: the word is about no other.
func skipped(d Desired, slot time.Time) Action {
	if len(d.Skips) == 0 || d.Pause != nil || slot.Add(d.Job.Delay).Before(d.Skips[0].Since) {
		return Action{}
	}
	skip := d.Skips[0]
	return Action{Op: Skip, Slot: slot, Override: skip.ID, Reason: Because(skip.Reason, "skipped by the operator")}
}

// scheduled takes a slot to the gate.
func scheduled(d Desired, o Observed, places Places, t Trigger) Action {
	a := admit(d, o, places, t)
	a.Trigger = t
	if t == TriggerCatchUp && a.Op == Start {
		a.Reason = "caught up: it was missed (catch_up: " + d.Job.CatchUp.String() + ")"
	}
	return a
}

// closed says why no run of the job may begin at all; "" when it may.
func closed(d Desired) string {
	switch {
	case d.Broken != "":
		return d.Broken
	case d.Job == nil:
		return "the job is gone from the file"
	case !d.Job.Here:
		return "not for this host: " + d.Job.NotHere
	case !d.Job.Enabled:
		return "the job is disabled (enabled: false)"
	case d.Pause != nil:
		return PauseReason(*d.Pause)
	}
	return ""
}

// admit is the gate, the same for every trigger: may a run begin now, must
// it wait, or is the answer no?
func admit(d Desired, o Observed, places Places, t Trigger) Action {
	no := func(format string, args ...any) Action {
		return Action{Op: Skip, Reason: fmt.Sprintf(format, args...)}
	}
	if d.Shutdown {
		return no("the daemon stops")
	}
	if reason := closed(d); reason != "" {
		return no("%s", reason)
	}
	before, waiting := o.queued()
	delayed := waiting && !before.NotBefore.IsZero()
	if r, in := o.busy(); in {
		busy := r.short()
		switch d.Job.Overlap {
		case config.OverlapSkip:
			return no("run %s is in progress (overlap: skip)", busy)
		case config.OverlapQueue:
			if waiting {
				return no("run %s is in progress and run %s waits (overlap: queue)", busy, before.short())
			}
			return Action{Op: Enqueue, Attempt: 1, Reason: fmt.Sprintf("waits for run %s (overlap: queue)", busy)}
		case config.OverlapReplace:
			if waiting {
				return Action{Op: Drop, Run: before.ID, Reason: "replaced by a newer run before it began (overlap: replace)"}
			}
			return Action{Op: Enqueue, Attempt: 1, Reason: fmt.Sprintf("replaces run %s (overlap: replace)", busy)}
		case config.OverlapAllow:
		}
	}
	switch {
	case waiting && d.Job.Overlap == config.OverlapReplace:
		return Action{Op: Drop, Run: before.ID, Reason: "replaced by a newer run before it began (overlap: replace)"}
	case delayed && d.Job.Overlap == config.OverlapAllow:
		// The further attempt of another slot is no reason to wait.
	case delayed:
		return no("run %s waits to be attempt %d (overlap: %s)", before.short(), before.Attempt, d.Job.Overlap)
	case waiting:
		return no("run %s waits already", before.short())
	}
	switch {
	case places.Taken != "":
		return Action{Op: Enqueue, Attempt: 1, Reason: places.Taken}
	case t == TriggerManual:
		return Action{Op: Start, Attempt: 1, Reason: "asked for by hand"}
	}
	return Action{Op: Start, Attempt: 1, Reason: "its slot is due"}
}

// PauseReason is a pause in words.
func PauseReason(o Override) string {
	if o.Until.IsZero() {
		return Because(o.Reason, "paused until it is resumed")
	}
	return Because(o.Reason, "paused until "+o.Until.Format("2006-01-02 15:04 -07:00"))
}
