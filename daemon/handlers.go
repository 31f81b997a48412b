package daemon

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

// register gives every method of the table its handler.
func (d *Daemon) register(s *ipc.Server) {
	ipc.DaemonStatus.Handle(s, d.status)
	ipc.DaemonReload.Handle(s, d.reload)
	ipc.DaemonStop.Handle(s, d.stopDaemon)
	ipc.DaemonRestart.Handle(s, d.restart)
	ipc.DaemonMetrics.Handle(s, d.metrics)
	ipc.DaemonExamine.Handle(s, d.examine)
	ipc.ConfigPlan.Handle(s, d.plan)
	ipc.ConfigApply.Handle(s, d.apply)
	ipc.ConfigDiff.Handle(s, d.diff)
	ipc.ConfigGenerations.Handle(s, d.listGenerations)
	ipc.ConfigGeneration.Handle(s, d.getGeneration)
	ipc.ConfigRollback.Handle(s, d.rollback)
	ipc.ConfigExport.Handle(s, d.export)
	ipc.JobsList.Handle(s, d.listJobs)
	ipc.JobsGet.Handle(s, d.getJob)
	ipc.JobsExplain.Handle(s, d.explain)
	ipc.JobsRun.Handle(s, d.runJob)
	ipc.JobsStop.Handle(s, d.stopJobs)
	ipc.JobsPause.Handle(s, d.pauseJobs)
	ipc.JobsResume.Handle(s, d.resumeJobs)
	ipc.JobsSkip.Handle(s, d.skipJobs)
	ipc.JobsWhy.Handle(s, d.why)
	ipc.JobsAdd.Handle(s, d.addJob)
	ipc.JobsRemove.Handle(s, d.removeJob)
	ipc.JobsNext.Handle(s, d.nextSlots)
	ipc.RunsList.Handle(s, d.listRuns)
	ipc.RunsGet.Handle(s, d.getRun)
	ipc.RunsWait.Handle(s, d.waitRun)
	ipc.RunsOutput.Handle(s, d.runOutput)
	ipc.OverridesList.Handle(s, d.listOverrides)
	ipc.OverridesClear.Handle(s, d.clearOverrides)
	ipc.EventsList.Handle(s, d.listEvents)
	ipc.EventsSubscribe.Handle(s, d.subscribe)
	ipc.SyncStatus.Handle(s, d.syncStatus)
	ipc.SyncNow.Handle(s, d.syncNow)
	ipc.SyncFleet.Handle(s, d.fleet)
	d.registerLegacy(s)
}

// pageOf is a page's size: the limit asked for within bounds.
func pageOf(limit, usual, most int) int {
	if limit == 0 {
		return usual
	}
	return min(limit, most)
}

// notNegative refuses numbers that make no sense below zero.
func notNegative[N int | int64 | float64](what string, n N) error {
	if n < 0 {
		return ipc.Errorf(ipc.CodeInvalidParams, "%s is negative: %v", what, n)
	}
	return nil
}

// absolute refuses a path that means another file in the daemon's directory
// than in the client's.
func absolute(path string) error {
	if path != "" && !filepath.IsAbs(path) {
		return ipc.Errorf(ipc.CodeInvalidParams, "file is not an absolute path: %s", path)
	}
	return nil
}

const (
	jobsAPage    = 1000
	jobsAtMost   = 10_000
	runsAPage    = 100
	runsAtMost   = 10_000
	applySeconds = 30
	stopSeconds  = 30
)

// status is the daemon and a page of its jobs.
func (d *Daemon) status(_ context.Context, p ipc.StatusParams) (ipc.Status, error) {
	if err := notNegative("limit", p.Limit); err != nil {
		return ipc.Status{}, err
	}
	s := ipc.Status{Daemon: d.describe()}
	if len(p.Jobs) > 0 {
		entries, err := d.named(p.Jobs)
		if err != nil {
			return ipc.Status{}, err
		}
		s.Jobs = wireJobs(entries)
		return s, nil
	}
	s.Jobs, s.After = d.page(p.After, pageOf(p.Limit, jobsAPage, jobsAtMost), func(*entry, ipc.Job) bool { return true })
	return s, nil
}

// describe is the daemon itself.
func (d *Daemon) describe() ipc.Daemon {
	facts := d.facts.Load()
	w := ipc.Daemon{
		Pid: d.mainPid(), WorkerPid: d.pid, Version: d.options.Version, StartedAt: d.started,
		Keeper: d.describeKeeper(), Journal: d.describeJournal(),
		Generation: facts.generation, Stopping: facts.stopping, Config: d.source.describe(facts.acceptedAt),
		Sockets: d.doors.describe(), LogFile: d.options.Paths.LogFile,
		PidFile: d.options.Paths.PidFile, Apply: d.options.Apply, StateDir: d.options.Paths.StateDir,
	}
	if d.mirror != nil {
		w.Sync = new(d.describeSync())
	}
	w.Warnings = append(slices.Clone(d.options.Warnings), d.lock.Warnings()...)
	w.Warnings = append(w.Warnings, durabilityWarnings(w)...)
	if gone := d.source.gone.Load(); gone != nil {
		for _, path := range *gone {
			w.Warnings = append(w.Warnings, "the env file "+path+" is missing: what needs it cannot start")
		}
	}
	if polling, reason := d.source.watcher.Mode(); polling {
		w.Warnings = append(w.Warnings, "the jobs file is looked at every second: "+reason)
	}
	return w
}

// describeJournal is the journal as status shows it.
func (d *Daemon) describeJournal() ipc.Journal {
	j := d.journal.State()
	w := ipc.Journal{
		State: ipc.JournalOK, Path: j.Path, Bytes: j.Bytes, Reason: j.Reason, Pending: j.Pending, Lost: j.Lost.Rows, SetAside: j.SetAside,
	}
	if j.Lost.Rows > 0 {
		w.LostSince, w.LostUntil = j.Lost.Since, j.Lost.Until
	}
	if !j.OK {
		w.State = ipc.JournalDegraded
	}
	return w
}

// durabilityWarnings say what a crash now could cost.
func durabilityWarnings(w ipc.Daemon) []string {
	var warnings []string
	if w.Journal.State == ipc.JournalDegraded {
		warnings = append(warnings, "the journal cannot be written: "+w.Journal.Reason)
	}
	if w.Journal.Lost > 0 {
		warnings = append(warnings, lossWords(journal.Loss{Since: w.Journal.LostSince, Until: w.Journal.LostUntil, Rows: w.Journal.Lost}))
	}
	if w.Journal.SetAside != "" {
		warnings = append(warnings, "the journal was damaged and a new one was begun; the damaged one is "+w.Journal.SetAside+": move it away when you need it no more")
	}
	if w.Keeper.State == ipc.KeeperGone {
		warnings = append(warnings, "the keeper is gone: if the daemon dies now, nobody restarts it and the exit codes of running jobs are lost; lsh daemon stop, then lsh daemon start")
	}
	return warnings
}

// page is a page of the jobs that a filter takes, and the cursor of the next.
func (d *Daemon) page(after string, limit int, take func(*entry, ipc.Job) bool) (jobs []ipc.Job, next string) {
	jobs = []ipc.Job{}
	for _, e := range d.table.after(after) {
		w := wireJob(e)
		if !take(e, w) {
			continue
		}
		if len(jobs) == limit {
			return jobs, jobs[limit-1].Name
		}
		jobs = append(jobs, w)
	}
	return jobs, ""
}

func wireJobs(entries []*entry) []ipc.Job {
	jobs := make([]ipc.Job, len(entries))
	for i, e := range entries {
		jobs[i] = wireJob(e)
	}
	return jobs
}

// named finds jobs by name.
func (d *Daemon) named(names []string) ([]*entry, error) {
	var entries []*entry
	for _, name := range names {
		e, ok := d.table.find(name)
		if !ok {
			return nil, d.unknownJob(name)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// unknownJob says that there is no such job, and which is nearest.
func (d *Daemon) unknownJob(name string) error {
	err := ipc.Errorf(ipc.CodeUnknownJob, "no such job: %s", name)
	if near, ok := config.Nearest(name, d.table.names()); ok {
		return err.WithHint("did you mean %s?", near)
	}
	return err.WithHint("see them all: lsh list")
}

// reload reads the jobs file again and applies it.
func (d *Daemon) reload(ctx context.Context, _ ipc.ReloadParams) (ipc.ApplyResult, error) {
	return d.apply(ctx, ipc.ApplyParams{})
}

// apply applies a file and waits until the jobs stand as it says.
func (d *Daemon) apply(ctx context.Context, p ipc.ApplyParams) (ipc.ApplyResult, error) {
	if err := cmp.Or(absolute(p.File), notNegative("timeout", seconds(p.Timeout, applySeconds).Seconds())); err != nil {
		return ipc.ApplyResult{}, err
	}
	owner := ownerOf(ctx)
	got, err := d.source.ask(ctx, ask{ApplyParams: p, owner: &owner})
	return converge(ctx, got, err, p.Timeout)
}

// converge waits until the jobs stand as what was applied says.
func converge(ctx context.Context, got answer, err error, timeout *ipc.Seconds) (ipc.ApplyResult, error) {
	if err != nil || got.settled == nil {
		return got.result, err
	}
	limit := time.NewTimer(seconds(timeout, applySeconds))
	defer limit.Stop()
	select {
	case <-got.settled:
		got.result.Converged = true
		return got.result, nil
	case <-limit.C:
		return got.result, nil
	case <-ctx.Done():
		return got.result, ctx.Err()
	}
}

// seconds is a duration of the wire, or the usual one.
func seconds(s *ipc.Seconds, usual int) time.Duration {
	if s == nil {
		return time.Duration(usual) * time.Second
	}
	return s.Duration()
}

// plan says what applying a file would change.
func (d *Daemon) plan(_ context.Context, p ipc.PlanParams) (ipc.Plan, error) {
	f, err := d.read(p)
	if err != nil {
		return ipc.Plan{}, err
	}
	var plan draft
	if !d.box.do(func(l *loop) { plan = l.draft(f, ipc.ApplyParams{}) }) {
		return ipc.Plan{}, stopping()
	}
	return *plan.wire(d.table), nil
}

// read reads a file as an operator asks for it; "" is the jobs file.
func (d *Daemon) read(p ipc.PlanParams) (*loaded, error) {
	for _, name := range []string{p.File, p.Draft, p.DraftOf} {
		if err := absolute(name); err != nil {
			return nil, err
		}
	}
	path := cmp.Or(p.File, d.source.path)
	f, err := d.source.asked.drafted(cmp.Or(p.DraftOf, path), p.Draft).load(path)
	if err != nil {
		return nil, loadError(path, err)
	}
	return f, nil
}

// stopDaemon begins the end of the daemon and says what it waits for.
func (d *Daemon) stopDaemon(_ context.Context, p ipc.StopDaemonParams) (ipc.StopDaemonResult, error) {
	limit := seconds(p.Timeout, stopSeconds)
	if err := notNegative("timeout", limit.Seconds()); err != nil {
		return ipc.StopDaemonResult{}, err
	}
	result := ipc.StopDaemonResult{Pid: d.mainPid()}
	for _, e := range d.table.all() {
		for _, r := range e.view.Load().lives().running {
			result.Running = append(result.Running, *r)
		}
	}
	if !d.box.do(func(l *loop) { l.stop(limit) }) {
		return result, stopping()
	}
	return result, nil
}
