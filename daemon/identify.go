package daemon

import (
	"maps"
	"slices"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/reconciler"
)

// identify finds the process of a run whose start nobody has noted. There is one such run at most, since one is started at a
// time. Its leader is the oldest of those that lead a session and either bear the run's mark or have died since the
// start was decided and are of no other run: a member of the run may have made a session of its own.
func (d *Daemon) identify(f *former, sighted []process.Proc) {
	known := map[child]bool{}
	for _, p := range f.begun {
		known[child{p.Pid, p.StartTime}] = true
	}
	since := map[string]time.Time{} // when the start was decided, by run
	for _, row := range f.boot.Open {
		r, facts := restored(row, d.files.Path(outputJob(row), row.ID))
		known[child{r.proc.Pid, r.proc.StartTime}] = true
		if _, noted := f.begun[r.ID]; !noted && !r.started && !f.unbegun(r) && facts.Phase == reconciler.Starting {
			since[r.ID] = facts.Launched
		}
	}
	if len(since) == 0 {
		return
	}
	for _, p := range process.FindMarked(slices.Collect(maps.Keys(since))) {
		sighted = append(sighted, p)
	}
	for _, p := range sighted {
		first, found := f.begun[p.ID]
		if _, open := since[p.ID]; open && (!found || p.StartTime < first.StartTime) {
			f.begun[p.ID] = p
		}
	}
	if len(since) > 1 {
		return
	}
	for run, decided := range since {
		dead := slices.DeleteFunc(slices.Clone(f.nobody), func(p process.Proc) bool {
			return known[child{p.Pid, p.StartTime}] || !d.within(p.Started, decided)
		})
		if first, found := f.begun[run]; len(dead) == 1 && (!found || dead[0].StartTime < first.StartTime) {
			p := dead[0]
			p.ID = run
			f.begun[run] = p
		}
	}
}

// within tells whether a process of the last worker may have begun at an instant, since another. The kernel tells it
// to a hundredth of a second.
func (d *Daemon) within(began, since time.Time) bool {
	const tick = 20 * time.Millisecond
	k := d.options.Keeper
	return k != nil && k.Last() != nil && !began.Before(since.Add(-tick)) && !began.After(k.Last().Ended.Add(tick))
}
