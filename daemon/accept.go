package daemon

import (
	"slices"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/daemon/internal/journal"
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
		AdHoc: func(job string) bool {
			e := l.entries[job]
			return e != nil && e.addedBy != nil
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
func (l *loop) accept(f *loaded, p reconciler.Plan, by origin) {
	first := l.applied == nil
	l.applied, l.acceptedAt, l.zone = f.config, l.now, f.zone
	l.generation++
	l.batch.AddGeneration(generationRow(l.generation, l.now, f, p, by))
	l.batch.Durable = true
	for _, c := range p.Changes {
		l.carry(c, f)
	}
	for _, job := range f.config.Jobs {
		// Where it stands in the file may have changed, and the former
		// file's memory must not be held.
		if e := l.entries[job.Name]; e != nil && e.job.Load() != nil {
			l.declare(e, job)
		}
	}
	l.mark(l.places.limit(f.config.Groups)...)
	if first && !l.restart {
		l.triggerStart()
	}
	l.counts.reloads.add(ipc.SourceAccepted, 1)
	l.log.Info("jobs file accepted", "generation", l.generation, "plan", p.ID, "changes", p.String(), "jobs", len(f.config.Jobs))
	l.emit(ipc.Event{Kind: "config.accepted", Message: p.String()})
}

// carry carries one change of a plan into live state.
func (l *loop) carry(c reconciler.Change, f *loaded) {
	switch c.Action {
	case reconciler.ActionAdd:
		l.enlist(c.After, f.specs[c.Job])
	case reconciler.ActionChange:
		e := l.entries[c.Job]
		if c.Reschedules {
			l.countFromNow(e, scheduleEnds(c.After))
		}
		l.regroup(e, c.After)
		e.spec, e.generation = f.specs[c.Job], l.generation
		l.mark(e)
	case reconciler.ActionRemove:
		l.delist(c.Job, "the job is gone from the file")
	case reconciler.ActionRename:
		l.rename(l.entries[c.From], c, f)
	}
}

// scheduleEnds says why the slots that are still open come to nothing.
func scheduleEnds(after *config.Job) string {
	switch {
	case !after.Here:
		return "the job is not for this host any more: " + after.NotHere
	case !after.Enabled:
		return "the job was disabled (enabled: false)"
	}
	return "its schedule was changed"
}

// rename moves a job's live state to its new name: history, cursor, overrides
// and the runs in progress. Nothing of it stays with the old one, which may
// have been marked in this turn.
func (l *loop) rename(old *entry, c reconciler.Change, f *loaded) {
	e := l.entries[c.Job]
	if e == nil {
		e = newEntry(c.Job)
		l.entries[c.Job] = e
		e.view.Store(newView(e))
	}
	if c.Reschedules {
		l.countFromNow(old, "its schedule was changed")
	}
	l.countFromNow(e, "another job has got its name")
	for _, o := range e.overrides() {
		l.batch.EndOverride(o.ID, l.now, "another job has got its name")
	}
	l.places.leave(old)
	l.places.leave(e)
	l.declare(e, c.After)
	e.spec, e.generation, e.addedBy, e.definition, e.broken = f.specs[c.Job], l.generation, nil, "", ""
	e.cursor, e.absence, e.dealt, e.catchUpAt = old.cursor, old.absence, old.dealt, old.catchUpAt
	e.failures, e.last = old.failures, old.last
	e.pause, e.skips, e.requests = old.pause, old.skips, append(e.requests, old.requests...)
	l.batch.RenameJob(old.name, e.name)
	for _, o := range e.overrides() {
		o.Job = e.name
		l.batch.PutOverride(overrideRow(o))
	}
	e.relabel()
	e.survivors = append(e.survivors, old.survivors...)
	for _, r := range old.runs {
		e.runs = append(e.runs, r)
		l.live[r.ID] = e
		l.change(r, func(rec *ipc.Run) { rec.Job = e.name })
	}
	old.job.Store(nil)
	old.runs, old.requests = nil, nil
	delete(l.entries, old.name)
	l.wakes.set(old, time.Time{})
	l.listed = true
	l.mark(e)
}

// relabel puts the job's new name on what it has taken over.
func (e *entry) relabel() {
	if e.pause != nil {
		e.pause = new(*e.pause)
		e.pause.Job = e.name
	}
	e.skips = slices.Clone(e.skips)
	for i := range e.skips {
		e.skips[i].Job = e.name
	}
	if e.last != nil {
		e.last = new(*e.last)
		e.last.Job = e.name
	}
}

// enlist begins a job. A former job of the same name whose run is still in
// progress goes on in it, so that overlap holds between the two.
func (l *loop) enlist(job *config.Job, spec string) *entry {
	e := l.entries[job.Name]
	if e == nil {
		e = newEntry(job.Name)
		l.entries[job.Name] = e
		e.view.Store(newView(e))
	}
	// Of an ad-hoc job that the file now has, the schedule may go on.
	if before := e.job.Load(); before == nil || reconciler.Rescheduled(before, job) {
		l.countFromNow(e, scheduleEnds(job))
	}
	l.regroup(e, job)
	e.spec, e.generation, e.addedBy, e.definition = spec, l.generation, nil, ""
	l.listed = true
	l.mark(e)
	return e
}

// delist ends a job: what runs of it finishes, what waits is dropped.
func (l *loop) delist(name, why string) {
	e := l.entries[name]
	l.countFromNow(e, why)
	l.regroup(e, nil)
	for _, o := range e.overrides() {
		l.batch.EndOverride(o.ID, l.now, "the job is gone")
	}
	e.pause, e.skips = nil, nil
	l.listed = true
	l.mark(e)
}

// declare says of a job what is declared, nil when nothing is any more. Whoever keeps something of it looks anew.
func (l *loop) declare(e *entry, job *config.Job) {
	e.job.Store(job)
	l.declared.Add(1)
}

// regroup swaps what is said of a job. A run that waits does so where the new
// side says.
func (l *loop) regroup(e *entry, job *config.Job) {
	waits := e.inGroup != nil
	if waits {
		l.leave(e)
	}
	l.declare(e, job)
	e.broken = ""
	if waits {
		l.places.enter(e)
	}
}

// triggerStart asks for the runs of @start, and of @boot once a boot. Both
// belong to the daemon's start, so a job that is added later waits for the
// next one.
func (l *loop) triggerStart() {
	for _, e := range l.entries {
		job := e.job.Load()
		if job == nil {
			continue
		}
		slots := job.Slots
		boot := l.newBoot && slots.Has(schedule.KindBoot)
		if !boot && !slots.Has(schedule.KindStart) {
			continue
		}
		reason := "the daemon has started"
		if boot {
			reason = "the machine has been booted"
		}
		q := reconciler.Request{ID: newID(), Trigger: reconciler.TriggerSchedule, Slot: l.started, Why: reason}
		e.requests = append(e.requests, request{Request: q})
		l.batch.PutRequest(journal.Request{
			ID: q.ID, Job: e.name, Trigger: string(q.Trigger), Slot: q.Slot, Why: q.Why, Created: l.now,
		})
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
