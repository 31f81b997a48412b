package daemon

import (
	"cmp"
	"slices"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// draft is a plan with what its answer needs of live state, taken in the turn
// that made the plan. To put it into words takes long for many jobs, and is
// done outside.
type draft struct {
	plan       reconciler.Plan
	file       *loaded
	acceptedAt time.Time
	runs       map[string]*ipc.Run // in progress of the jobs that change
	missed     []ipc.CatchUp
}

// draft compares a file with what is applied.
func (l *loop) draft(f *loaded, p ipc.ApplyParams) draft {
	d := draft{plan: l.diff(f, p), file: f, acceptedAt: l.acceptedAt, runs: map[string]*ipc.Run{}}
	for _, c := range d.plan.Changes {
		for _, r := range c.Runs {
			if _, live := l.whose(r.ID); live != nil && !live.Lingering {
				d.runs[r.ID] = live.record
			}
		}
	}
	d.missed = l.missed(func(e *entry) bool { return e.absence.Open() }) // any other has nothing that waits
	return d
}

// missed is what becomes of the slots that the jobs in question have missed.
func (l *loop) missed(of func(*entry) bool) []ipc.CatchUp {
	var all []ipc.CatchUp
	for name, e := range l.entries {
		if !of(e) {
			continue
		}
		if m := reconciler.CatchUp(e.desired(false), e.observed(), l.now); m.Slots > 0 {
			all = append(all, ipc.CatchUp{Job: name, From: m.From, To: m.To, Slots: m.Slots, Runs: m.Runs, Reason: m.Reason})
		}
	}
	slices.SortFunc(all, func(a, b ipc.CatchUp) int { return cmp.Compare(a.Job, b.Job) })
	return all
}

// wire is the plan as it is answered.
func (d draft) wire(t *table) *ipc.Plan {
	p := d.plan
	w := &ipc.Plan{
		ID: p.ID, BaseGeneration: p.BaseGeneration, Hash: p.Hash, Path: d.file.path, RealPath: d.file.real,
		AcceptedAt: d.acceptedAt, CatchUp: d.missed, Changes: make([]ipc.Change, 0, len(p.Changes)), Summary: map[string]int{}, Held: p.Hold(),
	}
	for class, n := range p.Summary() {
		w.Summary[class.String()] = n
	}
	for _, c := range p.Changes {
		w.Changes = append(w.Changes, d.wireChange(c))
	}
	for _, e := range t.all() {
		w.Overrides = append(w.Overrides, e.view.Load().lives().overrides...)
	}
	return w
}

func (d draft) wireChange(c reconciler.Change) ipc.Change {
	now := d.plan.Now
	w := ipc.Change{
		Job: c.Job, From: c.From, Action: string(c.Action), Class: c.Class.String(), Reason: c.Reason,
		NextBefore: reconciler.Next(c.Before, now), NextAfter: reconciler.Next(c.After, now), Warnings: c.Warnings,
	}
	for _, field := range c.Fields {
		w.Fields = append(w.Fields, ipc.Field(field))
	}
	if c.Reschedules && c.Before != nil && c.After != nil {
		w.WeekBefore, w.WeekAfter = reconciler.Week(c.Before, now), reconciler.Week(c.After, now)
	}
	for _, r := range c.Runs {
		if record := d.runs[r.ID]; record != nil {
			w.Runs = append(w.Runs, *record)
		}
	}
	return w
}
