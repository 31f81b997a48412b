package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// metrics are the daemon in numbers, and with p.Jobs a page of its jobs.
func (d *Daemon) metrics(_ context.Context, p ipc.MetricsParams) (ipc.Metrics, error) {
	if err := notNegative("limit", p.Limit); err != nil {
		return ipc.Metrics{}, err
	}
	c := d.counts
	m := ipc.Metrics{
		At:     time.Now().Round(0),
		Daemon: d.processMetrics(),
		Config: d.configMetrics(),
		Runs:   ipc.RunsMetrics{Started: c.started.Load(), Ended: c.ended.read(), Duration: c.duration.read()},
		Slots:  ipc.SlotsMetrics{Outcomes: c.outcomes.read(), Lateness: c.lateness.read()},
	}
	m.Jobs, m.Runs.Running, m.Runs.Queued = d.countJobs()
	j := d.describeJournal()
	m.Journal = ipc.JournalMetrics{
		State: j.State, Bytes: j.Bytes, Pending: j.Pending, Lost: j.Lost, Commit: c.commit.read(), CommitFailures: c.failures.Load(),
	}
	if d.mirror != nil {
		s := d.mirror.Status()
		m.Sync = &ipc.SyncMetrics{State: s.State, Backlog: s.Backlog, LastAckAt: s.LastAck, SyncedAt: s.Synced, SetAside: s.SetAside}
	}
	var err error
	if p.Jobs {
		m.ByJob, m.After, err = d.jobMetrics(p.After, pageOf(p.Limit, jobsAPage, jobsAtMost))
	}
	return m, err
}

func (d *Daemon) processMetrics() ipc.ProcessMetrics {
	m := ipc.ProcessMetrics{
		Version: d.options.Version, StartedAt: d.started, WorkerStartedAt: d.workerStarted, Connections: d.doors.server.Connections(),
	}
	if k := d.options.Keeper; k != nil {
		m.WorkerRestarts = k.Workers() - 1
	}
	return m
}

func (d *Daemon) configMetrics() ipc.ConfigMetrics {
	facts := d.facts.Load()
	s := d.source.describe(facts.acceptedAt)
	return ipc.ConfigMetrics{
		State: s.State, Generation: facts.generation, AcceptedAt: s.AcceptedAt, Problems: len(s.Problems), Reloads: d.counts.reloads.read(),
	}
}

// countJobs walks over all jobs; each costs some nanoseconds.
func (d *Daemon) countJobs() (jobs ipc.JobsMetrics, running, queued int) {
	jobs.States = map[string]int{}
	for _, state := range ipc.JobStates() {
		jobs.States[state] = 0
	}
	for _, e := range d.table.all() {
		v := e.view.Load()
		now := v.lives()
		jobs.States[jobState(e.job.Load(), now)]++
		if v.failures > 0 {
			jobs.Failing++
		}
		running += len(now.running)
		queued += len(now.queued)
	}
	return jobs, running, queued
}

// jobMetrics are a page of the jobs, and the cursor of the next.
func (d *Daemon) jobMetrics(after string, limit int) (page []ipc.JobMetrics, next string, err error) {
	entries := d.table.after(after)
	if len(entries) > limit {
		entries = entries[:limit]
		next = entries[limit-1].name
	}
	page = make([]ipc.JobMetrics, len(entries))
	var unlucky []string // jobs whose last run has not succeeded
	for i, e := range entries {
		v := e.view.Load()
		m := ipc.JobMetrics{Job: e.name, Failures: v.failures}
		if last := v.last; last != nil {
			m.Result, m.EndedAt, m.Duration = last.State, last.EndedAt, last.Duration
			if last.State == ipc.RunSucceeded {
				m.LastSuccessAt = last.EndedAt
			} else {
				unlucky = append(unlucky, e.name)
			}
		}
		page[i] = m
	}
	if len(unlucky) == 0 {
		return page, next, nil
	}
	successes, err := d.journal.LastSuccesses(unlucky)
	if err != nil {
		return nil, "", fmt.Errorf("read history: %w", err)
	}
	for i := range page {
		if at, has := successes[page[i].Job]; has {
			page[i].LastSuccessAt = at
		}
	}
	return page, next, nil
}
