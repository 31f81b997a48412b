package daemon

import (
	"slices"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// diff is what applying a file as asked for would change now.
func (l *loop) diff(f *loaded, p ipc.ApplyParams) reconciler.Plan {
	return reconciler.Diff(l.applied, f.config, reconciler.View{
		Now:        l.now,
		Generation: l.generation,
		StopGone:   p.StopRemoved,
		ZoneMoved:  l.applied != nil && l.zone != f.zone,
		Runs: func(job string) []reconciler.Run {
			if e := l.entries[job]; e != nil {
				return e.observed().Runs
			}
			return nil
		},
		Applied: func(job string) string {
			if e := l.entries[job]; e != nil {
				return e.spec
			}
			return ""
		},
		Proposed: func(job string) string { return f.specs[job] },
		Paused: func(job string) string {
			if e := l.entries[job]; e != nil && e.pause != nil && !p.ResetOverrides {
				return reconciler.PauseReason(asOverride(*e.pause))
			}
			return ""
		},
	})
}

// accept makes a file the applied one, and marks the jobs that the plan
// names. No other job is touched: each keeps its timers and its processes.
func (l *loop) accept(f *loaded, p reconciler.Plan) {
	first := l.applied == nil
	l.applied, l.acceptedAt, l.zone = f.config, l.now, f.zone
	l.generation++
	for _, job := range f.config.Jobs {
		// Where it stands in the file may have changed, and the former
		// file's memory must not be held.
		if e := l.entries[job.Name]; e != nil && e.job.Load() != nil {
			e.job.Store(job)
		}
	}
	for _, c := range p.Changes {
		l.carry(c, f)
	}
	l.mark(l.places.limit(f.config.Groups)...)
	if first {
		l.triggerStart()
	}
	l.log.Info("jobs file accepted", "generation", l.generation, "plan", p.ID, "changes", p.String(), "jobs", len(f.config.Jobs))
	l.emit(ipc.Event{Kind: "config.accepted", Message: p.String()})
}

// carry carries one change of a plan into live state.
func (l *loop) carry(c reconciler.Change, f *loaded) {
	switch c.Action {
	case reconciler.ActionAdd:
		l.enlist(c.After, f)
	case reconciler.ActionChange:
		e := l.entries[c.Job]
		l.regroup(e, c.After)
		e.spec, e.generation = f.specs[c.Job], l.generation
		if c.Reschedules {
			e.cursor = l.now
		}
		l.mark(e)
	case reconciler.ActionRemove:
		l.delist(c.Job)
	case reconciler.ActionRename:
		old := l.entries[c.From]
		e := l.enlist(c.After, f)
		e.inherit(old)
		l.delist(c.From)
	}
}

// inherit takes over the overrides of a job's former name.
func (e *entry) inherit(old *entry) {
	if old.pause != nil {
		e.pause = new(*old.pause)
		e.pause.Job = e.name
	}
	e.skips = slices.Clone(old.skips)
	for i := range e.skips {
		e.skips[i].Job = e.name
	}
}

// enlist begins a job. A former job of the same name whose run is still in
// progress goes on in it, so that overlap holds between the two.
func (l *loop) enlist(job *config.Job, f *loaded) *entry {
	e := l.entries[job.Name]
	if e == nil {
		e = newEntry(job.Name)
		l.entries[job.Name] = e
		e.view.Store(newView(e))
	}
	e.job.Store(job)
	e.spec, e.generation, e.cursor = f.specs[job.Name], l.generation, l.now
	l.listed = true
	l.mark(e)
	return e
}

// delist ends a job: what runs of it finishes, what waits is dropped.
func (l *loop) delist(name string) {
	e := l.entries[name]
	l.regroup(e, nil)
	e.pause, e.skips = nil, nil
	l.listed = true
	l.mark(e)
}

// regroup swaps what the file says of a job. A run that waits does so where
// the new side says.
func (l *loop) regroup(e *entry, job *config.Job) {
	waits := e.inGroup != nil
	if waits {
		l.leave(e)
	}
	e.job.Store(job)
	if waits {
		l.places.enter(e)
	}
}

// triggerStart asks for the runs of @start, and of @boot once a boot. Both
// belong to the daemon's start, so a job that is added later waits for the
// next one.
func (l *loop) triggerStart() {
	for _, e := range l.entries {
		slots := e.job.Load().Slots
		boot := l.newBoot && slots.Has(schedule.KindBoot)
		if !boot && !slots.Has(schedule.KindStart) {
			continue
		}
		reason := "the daemon has started"
		if boot {
			reason = "the machine has been booted"
		}
		e.requests = append(e.requests, request{Request: reconciler.Request{
			ID: newID(), Trigger: reconciler.TriggerSchedule, Slot: l.started, Why: reason,
		}})
		l.mark(e)
	}
}

// settling waits until what a plan changed has come to rest.
type settling struct {
	jobs []string
	done chan struct{}
}

// settle tells those whose jobs have come to rest: no run is on its way out
// for a change, and none waits to take its place.
func (l *loop) settle() {
	kept := l.settling[:0]
	for _, s := range l.settling {
		for len(s.jobs) > 0 && l.settled(s.jobs[0]) {
			s.jobs = s.jobs[1:]
		}
		if len(s.jobs) == 0 {
			close(s.done)
			continue
		}
		kept = append(kept, s)
	}
	clear(l.settling[len(kept):])
	l.settling = kept
}

// settled tells whether no run of a job is being started or stopped.
func (l *loop) settled(name string) bool {
	e := l.entries[name]
	if e == nil {
		return true
	}
	for _, r := range e.runs {
		if r.Phase == reconciler.Stopping || r.Phase == reconciler.Starting || r.Halt != "" {
			return false
		}
	}
	return true
}
