package daemon

import (
	"maps"
	"slices"

	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/reconciler"
)

// identify finds the processes of runs whose start nobody has noted: those that live by their mark, those that have died
// by their tag. The leader of a run is the oldest of them that leads a session, since a member of the run may have made a
// session of its own.
func (f *former) identify() {
	open := map[string]uint64{} // tags by run
	for _, row := range f.boot.Open {
		r, facts := restored(row, "")
		if _, noted := f.begun[r.ID]; !noted && !r.started && facts.Phase == reconciler.Starting && f.forking[r.ID] {
			open[r.ID] = process.Tag(r.ID)
		}
	}
	if len(open) == 0 {
		return
	}
	found := process.FindMarked(slices.Collect(maps.Keys(open)))
	for run, tag := range open {
		first, known := found[run]
		for _, p := range f.leaders[tag] {
			if !known || p.Before(first) {
				first, known = p, true
			}
		}
		if known {
			first.ID = run
			f.begun[run] = first
		}
	}
}
