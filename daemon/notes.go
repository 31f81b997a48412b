package daemon

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/lsh-project/lsh/daemon/internal/helm"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/tally"
	"github.com/lsh-project/lsh/daemon/keeper"
)

// openNotes opens the plain files beside the journal and reads what an
// earlier worker, and the keeper, have left in them.
func (d *Daemon) openNotes(boot string) (*former, error) {
	f := &former{begun: map[string]process.Proc{}, ends: map[string]process.Exit{}, orphan: map[child]process.Exit{}}
	var err error
	if f.boot, err = d.journal.Boot(); err != nil {
		return f, err
	}
	dir := d.options.Paths.StateDir
	notes, left, err := tally.Open(filepath.Join(dir, "tally"), boot)
	if err != nil {
		return f, err
	}
	d.tally, f.forking = notes, left.Forking
	for run, s := range left.Started {
		f.begun[run] = process.Proc{ID: run, Pid: s.Pid, StartTime: s.Start, Started: s.At}
	}
	for run, e := range left.Ended {
		f.ends[run] = process.Exit{
			ID: run, Pid: e.Pid, Code: e.Code, Signal: syscall.Signal(e.Signal), Ended: e.At, CPU: e.CPU, MaxRSS: e.MaxRSS, Survivors: e.Survivors,
		}
	}
	if d.ends, err = os.OpenFile(filepath.Join(dir, "ends"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return f, err
	}
	f.read = func() ([]keeper.Record, int64) { return helm.Records(d.ends, boot) }
	f.settled = f.review()
	f.identify()
	return f, nil
}

// review takes in the keeper's record as it now is, and gives its size.
func (f *former) review() int64 {
	records, size := f.read()
	f.leaders = map[uint64][]process.Proc{}
	for _, r := range records {
		f.orphan[child{r.Pid, r.Start}] = exitOf(r)
		if r.Leader && r.Tag != 0 {
			p := process.Proc{Pid: r.Pid, StartTime: r.Start, Started: process.Began(r.Start)}
			f.leaders[r.Tag] = append(f.leaders[r.Tag], p)
		}
	}
	return size
}

func exitOf(r keeper.Record) process.Exit {
	return process.Exit{Pid: r.Pid, Code: r.Code, Signal: syscall.Signal(r.Signal), Ended: r.Ended, CPU: r.CPU, MaxRSS: r.RSS}
}

// recall brings the loop to where the last worker has left it.
func (d *Daemon) recall(f *former) error {
	l := d.loop
	g := f.boot.Generation
	if g.Number > 0 {
		was, err := d.source.quiet.generation(g)
		if err != nil {
			d.log.Error("last good generation cannot be read", "generation", g.Number, "err", err)
			l.generation = g.Number
		} else {
			l.recallConfig(g, was)
		}
	}
	d.source.former = readFormerSource(f.boot.Source)
	if s := d.source.former; s != nil {
		copy(l.zone[:], s.Zone)
	}
	parse := func(row journal.Job) (parsedJob, error) {
		job, spec, err := d.source.quiet.parseAdHoc(row.Name, row.Definition, groupsOf(l.applied))
		return parsedJob{job, spec}, err
	}
	l.recallAdHoc(f.boot.Jobs, parse)
	l.recall(f, d.spawner.files.Path)
	if k := d.options.Keeper; k != nil {
		l.endsRead = k.Base() + f.settled
	}
	if l.applied != nil {
		if !l.restart {
			l.triggerStart()
		}
		d.log.Info("last good generation is taken up", "generation", l.generation, "jobs", len(l.applied.Jobs), "running", len(l.live))
	}
	d.tellBegin()
	l.commit()
	if l.journal.OK() {
		d.forgetNotes()
	}
	l.publish()
	return nil
}

// forgetNotes empties what earlier workers have noted, now that the journal has all of it.
func (d *Daemon) forgetNotes() {
	d.tally.Empty()
	if d.options.Keeper == nil {
		_ = d.ends.Truncate(0) // nobody else does
	}
	if err := rememberBoot(d.options.Paths.StateDir, d.loop.boot); err != nil {
		d.log.Warn("remember boot", "err", err)
	}
}
