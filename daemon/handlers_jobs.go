package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/environ"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// listJobs is a page of the jobs with a tag or in a state.
func (d *Daemon) listJobs(_ context.Context, p ipc.JobsListParams) (ipc.JobsPage, error) {
	if err := notNegative("limit", p.Limit); err != nil {
		return ipc.JobsPage{}, err
	}
	if p.State != "" {
		if err := knownStates([]string{p.State}, ipc.JobStates()); err != nil {
			return ipc.JobsPage{}, err
		}
	}
	if p.Tag != "" {
		if err := d.unknownTag(p.Tag); err != nil {
			return ipc.JobsPage{}, err
		}
	}
	var page ipc.JobsPage
	page.Jobs, page.After = d.page(p.After, pageOf(p.Limit, jobsAPage, jobsAtMost), func(_ *entry, j ipc.Job) bool {
		return (p.Tag == "" || slices.Contains(j.Tags, p.Tag)) && (p.State == "" || j.State == p.State)
	})
	return page, nil
}

// lastRuns is how many runs jobs.get tells.
const lastRuns = 5

// getJob is everything about one job. What it would exec comes from the
// code that a run goes through.
func (d *Daemon) getJob(_ context.Context, p ipc.JobGetParams) (ipc.JobDetail, error) {
	entries, err := d.named([]string{p.Job})
	if err != nil {
		return ipc.JobDetail{}, err
	}
	e := entries[0]
	detail := ipc.JobDetail{Job: wireJob(e), Argv: []string{}, EnvNames: []string{}, Settings: []ipc.Setting{}}
	rows, _, err := d.journal.Runs(journal.RunFilter{Job: p.Job, Limit: lastRuns})
	if err != nil {
		return ipc.JobDetail{}, fmt.Errorf("read history: %w", err)
	}
	for _, row := range rows {
		detail.LastRuns = append(detail.LastRuns, *current(wireRun(row)))
	}
	job := e.job.Load()
	if job == nil {
		return detail, nil
	}
	detail.Argv, detail.Dir = job.Process.CommandArgv(), job.Dir
	for _, f := range config.Fields(job) {
		if f.Value != "" {
			detail.Settings = append(detail.Settings, ipc.Setting(f))
		}
	}
	env, err := environ.Of(&job.Process, d.spawner.base, ownEnv(e), readEnvFile)
	if err != nil {
		detail.Warnings = append(detail.Warnings, err.Error())
	}
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		detail.EnvNames = append(detail.EnvNames, name)
		if p.ShowValues && !strings.HasPrefix(name, "LSH_") { // those differ with each run
			if detail.Env == nil {
				detail.Env = map[string]string{}
			}
			detail.Env[name] = value
		}
	}
	return detail, nil
}

// ownEnv names the variables that tell a run of the job what it is.
func ownEnv(e *entry) []string {
	r := &run{}
	if comesDue(e) {
		r.Slot = time.Now()
	}
	return runEnv(e, r)
}

// runJob asks for a run and answers once it has begun, waits or is refused.
func (d *Daemon) runJob(ctx context.Context, p ipc.RunParams) (ipc.RunResult, error) {
	type outcome struct {
		run *ipc.Run
		err error
	}
	done := make(chan outcome, 1)
	var id string
	owner := ownerOf(ctx)
	err := d.live([]string{p.Job}, func(l *loop, entries []*entry) {
		id = l.request(entries[0], p.Reason, func(r *ipc.Run, err error) { done <- outcome{r, err} })
		l.askedBy(entries[0], id, owner)
	})
	if err != nil {
		return ipc.RunResult{}, err
	}
	select {
	case o := <-done:
		if o.err != nil {
			return ipc.RunResult{}, o.err
		}
		return ipc.RunResult{Request: id, Run: *o.run}, nil
	case <-ctx.Done():
		return ipc.RunResult{}, ctx.Err()
	}
}

// askedBy puts who asks into a request, and so into the reason of its run, the log
// and the events.
func (l *loop) askedBy(e *entry, id string, o ipc.Owner) {
	i := slices.IndexFunc(e.requests, func(r request) bool { return r.ID == id })
	if i < 0 {
		return
	}
	r := &e.requests[i]
	r.Why = "asked for by " + who(o)
	if o.Pid != 0 {
		r.Why += fmt.Sprintf(" (pid %d)", o.Pid)
	}
	l.batch.PutRequest(journal.Request{
		ID: id, Job: e.name, Trigger: string(r.Trigger), Why: r.Why, Reason: r.Reason, Created: l.now,
	})
	l.log.Info("run asked for", "job", e.name, "uid", o.UID, "pid", o.Pid, "command", o.Command, "reason", r.Reason)
	l.emit(ipc.Event{Kind: "run.asked", Job: e.name, Message: strings.TrimSuffix(r.Why+": "+o.Command, ": ")})
}

// refused is a request's end without a run.
func refused(e *entry, reason string) error {
	err := ipc.Errorf(ipc.CodeRefused, "run %s: %s", e.name, reason)
	switch job := e.job.Load(); {
	case e.pause != nil:
		return err.WithHint("lsh resume %s", e.name)
	case job != nil && !job.Here:
		return err.WithHint("see where it belongs: lsh show %s", e.name)
	case job != nil && !job.Enabled && job.Source.File == adHocFile:
		return err.WithHint("add it again, without enabled: false")
	case job != nil && !job.Enabled:
		return err.WithHint("set enabled: true in %s:%d", job.Source.File, job.Source.Line)
	}
	return err.WithHint("see what it does: lsh status %s", e.name)
}

// live has f done in a turn with the live jobs of some names.
func (d *Daemon) live(names []string, f func(*loop, []*entry)) error {
	var err error
	ran := d.box.do(func(l *loop) {
		var entries []*entry
		for _, name := range names {
			e := l.entries[name]
			if e == nil {
				err = d.unknownJob(name)
				return
			}
			entries = append(entries, e)
		}
		if err = l.ending(); err != nil {
			return
		}
		f(l, entries)
	})
	if !ran {
		return stopping()
	}
	return err
}

// choose has f done in a turn with each job that p selects, and answers with
// the jobs as they stand after it.
func (d *Daemon) choose(p ipc.SelectParams, f func(*loop, *entry)) (ipc.JobsResult, error) {
	names, err := d.selected(p)
	if err != nil {
		return ipc.JobsResult{}, err
	}
	var chosen []*entry
	err = d.live(names, func(l *loop, entries []*entry) {
		chosen = entries
		for _, e := range entries {
			f(l, e)
		}
	})
	if err != nil {
		return ipc.JobsResult{}, err
	}
	return ipc.JobsResult{Jobs: wireJobs(chosen)}, nil
}

// selected are the names that p means: by name, by tag, or all.
func (d *Daemon) selected(p ipc.SelectParams) ([]string, error) {
	ways := 0
	for _, used := range []bool{len(p.Jobs) > 0, p.Tag != "", p.All} {
		if used {
			ways++
		}
	}
	if ways != 1 {
		return nil, ipc.Errorf(ipc.CodeInvalidParams, "say which jobs: by name, by tag, or all").
			WithHint("one of jobs, tag, all")
	}
	if len(p.Jobs) > 0 {
		names := slices.Clone(p.Jobs)
		slices.Sort(names)
		return slices.Compact(names), nil
	}
	names := []string{}
	for _, e := range d.table.all() {
		job := e.job.Load()
		if p.All || (job != nil && slices.Contains(job.Tags, p.Tag)) {
			names = append(names, e.name)
		}
	}
	if len(names) == 0 && p.Tag != "" {
		return nil, d.unknownTag(p.Tag)
	}
	return names, nil
}

// untimed refuses the end of an override that has none.
func untimed(p ipc.SelectParams, what string) error {
	if p.For != nil || !p.Until.IsZero() {
		return ipc.Errorf(ipc.CodeInvalidParams, "%s takes no for and no until", what)
	}
	return nil
}

func (d *Daemon) stopJobs(_ context.Context, p ipc.SelectParams) (ipc.JobsResult, error) {
	if err := untimed(p, "jobs.stop"); err != nil {
		return ipc.JobsResult{}, err
	}
	reason := reconciler.Because(p.Reason, "stopped by the operator")
	before := ipc.JobsResult{Jobs: []ipc.Job{}}
	_, err := d.choose(p, func(l *loop, e *entry) {
		before.Jobs = append(before.Jobs, wireJob(e))
		l.halt(e, reason)
	})
	return before, err
}

// longestPause is the longest with an end; longer is meant without one.
const longestPause = 10 * 365 * 24 * time.Hour

func (d *Daemon) pauseJobs(ctx context.Context, p ipc.SelectParams) (ipc.JobsResult, error) {
	now := time.Now().Round(0)
	until := p.Until
	if p.For != nil && (*p.For <= 0 || *p.For > ipc.Seconds(longestPause.Seconds())) {
		return ipc.JobsResult{}, ipc.Errorf(ipc.CodeInvalidParams, "pause for %g s: it is not between 0 and ten years", float64(*p.For)).
			WithHint("leave it out to pause until lsh resume")
	}
	if p.For != nil {
		if !until.IsZero() {
			return ipc.JobsResult{}, ipc.Errorf(ipc.CodeInvalidParams, "for and until exclude each other")
		}
		until = now.Add(p.For.Duration())
	}
	if !until.IsZero() && !until.After(now) {
		return ipc.JobsResult{}, ipc.Errorf(ipc.CodeInvalidParams, "the end of the pause is not in the future: %s", until.Format(time.RFC3339))
	}
	named, err := d.named(p.Jobs)
	if err != nil {
		return ipc.JobsResult{}, err
	}
	for _, e := range named {
		if e.job.Load() == nil && e.view.Load().broken == "" {
			return ipc.JobsResult{}, ipc.Errorf(ipc.CodeRefused, "pause %s: the job is gone", e.name).
				WithHint("what still runs of it: lsh stop %s", e.name)
		}
	}
	owner := ownerOf(ctx)
	result, err := d.choose(p, func(l *loop, e *entry) {
		if e.gone() {
			return // it would come back with another job of that name
		}
		l.pause(e, ipc.Override{
			ID: newID(), Job: e.name, Kind: ipc.OverridePause, Until: until, Owner: owner, Reason: p.Reason, CreatedAt: l.now,
		})
	})
	result.Jobs = slices.DeleteFunc(result.Jobs, func(j ipc.Job) bool { return !paused(j.Overrides) })
	return result, err
}

func (d *Daemon) resumeJobs(_ context.Context, p ipc.SelectParams) (ipc.JobsResult, error) {
	if err := untimed(p, "jobs.resume"); err != nil {
		return ipc.JobsResult{}, err
	}
	return d.choose(p, (*loop).resume)
}

// skipJobs skips the next slot. By tag or all it is about the jobs that have
// one; a job named without one is an error.
func (d *Daemon) skipJobs(ctx context.Context, p ipc.SelectParams) (ipc.JobsResult, error) {
	if err := untimed(p, "jobs.skip"); err != nil {
		return ipc.JobsResult{}, err
	}
	named, err := d.named(p.Jobs)
	if err != nil {
		return ipc.JobsResult{}, err
	}
	for _, e := range named {
		if !comesDue(e) {
			return ipc.JobsResult{}, ipc.Errorf(ipc.CodeRefused, "skip %s: no slot of it is coming", e.name).
				WithHint("look at its schedule: lsh show %s", e.name)
		}
	}
	owner := ownerOf(ctx)
	result, err := d.choose(p, func(l *loop, e *entry) {
		if comesDue(e) {
			l.skipNext(e, ipc.Override{
				ID: newID(), Job: e.name, Kind: ipc.OverrideSkip, Owner: owner, Reason: p.Reason, CreatedAt: l.now,
			})
		}
	})
	result.Jobs = slices.DeleteFunc(result.Jobs, func(j ipc.Job) bool {
		return !slices.ContainsFunc(j.Overrides, func(o ipc.Override) bool { return o.Kind == ipc.OverrideSkip })
	})
	return result, err
}

// comesDue tells whether a job has slots here.
func comesDue(e *entry) bool {
	job := e.job.Load()
	return job != nil && reconciler.Scheduled(job)
}

// ownerOf is who asks.
func ownerOf(ctx context.Context) ipc.Owner {
	peer := ipc.PeerFrom(ctx)
	return ipc.Owner{UID: peer.UID, User: config.UserName(peer.UID), Pid: peer.Pid, Command: peer.Command}
}
