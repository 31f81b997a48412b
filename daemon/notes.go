package daemon

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/helm"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/tally"
	"github.com/lsh-project/lsh/daemon/keeper"
	"github.com/lsh-project/lsh/reconciler"
)

// openNotes opens the plain files beside the journal and reads what an
// earlier worker, and the keeper, have left in them.
func (d *Daemon) openNotes(boot string) (former, error) {
	f := former{begun: map[string]process.Proc{}, ends: map[string]process.Exit{}, orphan: map[child]process.Exit{}}
	var err error
	if f.boot, err = d.journal.Boot(); err != nil {
		return f, err
	}
	dir := d.options.Paths.StateDir
	notes, left, err := tally.Open(filepath.Join(dir, "tally"), boot)
	if err != nil {
		return f, err
	}
	d.tally, f.blind = notes, left.Blind
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
	records, size := helm.Records(d.ends, boot)
	f.settled = size
	for _, r := range records {
		if r.Mark != "" {
			if _, noted := f.begun[r.Mark]; !noted {
				f.begun[r.Mark] = process.Proc{ID: r.Mark, Pid: r.Pid, StartTime: r.Start, Started: process.Began(r.Start)}
			}
			continue
		}
		f.orphan[child{r.Pid, r.Start}] = exitOf(r)
		if r.Leader {
			f.nobody = append(f.nobody, process.Proc{Pid: r.Pid, StartTime: r.Start, Started: process.Began(r.Start)})
		}
	}
	f.find()
	f.infer(d.files.Path)
	return f, nil
}

// infer finds the process of a run that had begun and ended before anybody noted it. There is one such run at most, since
// one is started at a time, and nobody else can be its process when just one has died that is of no other run, led a session,
// and began after that was decided.
func (f former) infer(output func(job, run string) string) {
	known := map[child]bool{}
	for _, p := range f.begun {
		known[child{p.Pid, p.StartTime}] = true
	}
	var open []string // runs that have an output file and no process
	var since time.Time
	for _, row := range f.boot.Open {
		r, facts := restored(row, output(outputJob(row), row.ID))
		known[child{r.proc.Pid, r.proc.StartTime}] = true
		if _, has := f.begun[r.ID]; has || facts.Phase != reconciler.Starting || r.started {
			continue
		}
		if _, err := os.Lstat(r.output); err == nil {
			open, since = append(open, r.ID), facts.Launched
		}
	}
	const tick = 20 * time.Millisecond // the kernel tells a start to a hundredth of a second
	candidates := slices.DeleteFunc(f.nobody, func(p process.Proc) bool {
		return known[child{p.Pid, p.StartTime}] || p.Started.Before(since.Add(-tick))
	})
	if len(open) == 1 && len(candidates) == 1 {
		p := candidates[0]
		p.ID = open[0]
		f.begun[p.ID] = p
	}
}

// find looks for the processes of runs that nobody has noted.
func (f former) find() {
	var unknown []string
	for _, row := range f.boot.Open {
		if _, known := f.begun[row.ID]; !known && row.Pid == 0 {
			unknown = append(unknown, row.ID)
		}
	}
	for run, p := range process.FindMarked(unknown) {
		f.begun[run] = p
	}
}

func exitOf(r keeper.Record) process.Exit {
	return process.Exit{Pid: r.Pid, Code: r.Code, Signal: syscall.Signal(r.Signal), Ended: r.Ended, CPU: r.CPU, MaxRSS: r.RSS}
}

// recall brings the loop to where the last worker has left it.
func (d *Daemon) recall(f former) error {
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
	l.endsRead = f.settled
	if l.applied != nil {
		if !l.restart {
			l.triggerStart()
		}
		d.log.Info("last good generation is taken up", "generation", l.generation, "jobs", len(l.applied.Jobs), "running", len(l.live))
	}
	if k := d.options.Keeper; k != nil && k.Last() != nil {
		d.log.Warn("worker before this one has ended", "pid", k.Last().Pid, "reason", lastEnd(k.Last().Code, syscall.Signal(k.Last().Signal)), "worker", k.Workers())
	}
	l.commit()
	d.tally.Empty()
	l.publish()
	return nil
}

// listenToKeeper has the keeper hold what must not lapse, and takes in what it tells.
func (d *Daemon) listenToKeeper() {
	k := d.options.Keeper
	if k == nil {
		return
	}
	d.hold()
	k.Listen(helm.Handler{
		Signal: d.options.Signal,
		End: func(r keeper.Record, offset int64) {
			d.box.post(func(l *loop) { l.orphaned(exitOf(r), r.Start, offset) })
		},
		Gone: d.keeperLost,
	})
}

// hold gives the keeper the locks and the record of ends.
func (d *Daemon) hold() {
	k := d.options.Keeper
	if k == nil || d.keeperGone.Load() {
		return
	}
	files := d.lock.Files()
	if d.held != nil && slices.Equal(d.held, files) {
		return
	}
	if err := k.Hold(append(slices.Clone(files), d.ends)...); err != nil {
		d.log.Warn("tell keeper", "err", err)
		return
	}
	d.held = files
}

// keeperLost goes on without the keeper. Under systemd, which knows the keeper as the service, the worker makes way for both
// to be started anew.
func (d *Daemon) keeperLost() {
	d.keeperGone.Store(true)
	d.log.Error("keeper is gone")
	d.lock.Resign(d.pid)
	if os.Getenv("SYSTEMD_EXEC_PID") == strconv.Itoa(d.options.Keeper.Pid()) {
		d.box.post(func(l *loop) { l.depart("the keeper is gone; the service manager starts both anew") })
	}
}
