package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

// listRuns is a page of the history.
func (d *Daemon) listRuns(_ context.Context, p ipc.RunsListParams) (ipc.RunsPage, error) {
	if err := notNegative("limit", p.Limit); err != nil {
		return ipc.RunsPage{}, err
	}
	if err := knownStates(p.States, ipc.RunStates()); err != nil {
		return ipc.RunsPage{}, err
	}
	if p.Job != "" {
		if err := d.everKnown(p.Job); err != nil {
			return ipc.RunsPage{}, err
		}
	}
	rows, more, err := d.journal.Runs(journal.RunFilter{
		Job: p.Job, States: p.States, Since: p.Since, Until: p.Until, After: p.After, Limit: pageOf(p.Limit, runsAPage, runsAtMost),
	})
	if err != nil {
		return ipc.RunsPage{}, fmt.Errorf("read history: %w", err)
	}
	page := ipc.RunsPage{Runs: make([]ipc.Run, 0, len(rows))}
	for _, row := range rows {
		page.Runs = append(page.Runs, *current(wireRun(row)))
	}
	if more {
		page.After = rows[len(rows)-1].ID
	}
	return page, nil
}

// everKnown refuses the name of a job that neither is there nor ever ran.
func (d *Daemon) everKnown(job string) error {
	if _, known := d.table.find(job); known {
		return nil
	}
	if _, ran, err := d.journal.LastRun(job); err != nil || ran {
		return err
	}
	return d.unknownJob(job)
}

func (d *Daemon) getRun(_ context.Context, p ipc.RunGetParams) (ipc.Run, error) {
	row, err := d.findRun(p.Run)
	if err != nil {
		return ipc.Run{}, err
	}
	return *current(wireRun(row)), nil
}

// findRun is the run of an id, or of the end of one.
func (d *Daemon) findRun(id string) (journal.Run, error) { return d.findRunOf("", id) }

// findRunOf is findRun among the runs of a job; "" is any.
func (d *Daemon) findRunOf(job, id string) (journal.Run, error) {
	rows, err := d.journal.Ending(strings.ToLower(id))
	if err != nil {
		return journal.Run{}, fmt.Errorf("read history: %w", err)
	}
	own := slices.DeleteFunc(slices.Clone(rows), func(r journal.Run) bool { return job != "" && r.Job != job })
	switch {
	case len(own) == 1:
		return own[0], nil
	case len(own) > 1:
		return journal.Run{}, ipc.Errorf(ipc.CodeUnknownRun, "the ids of %d runs end in %s", len(own), id).
			WithHint("give more of the id: lsh history -o json tells it whole")
	case len(rows) == 1:
		return journal.Run{}, ipc.Errorf(ipc.CodeUnknownRun, "run %s is not one of %s but of %s", id, job, rows[0].Job).
			WithHint("lsh logs %s --run %s", rows[0].Job, id)
	}
	return journal.Run{}, ipc.Errorf(ipc.CodeUnknownRun, "no such run: %s", id).WithHint("see them: lsh history")
}

// waitRun answers once a run has ended.
func (d *Daemon) waitRun(ctx context.Context, p ipc.RunGetParams) (ipc.Run, error) {
	row, err := d.findRun(p.Run)
	if err != nil {
		return ipc.Run{}, err
	}
	select {
	case <-d.finished(row.ID):
	case <-d.stopped:
	case <-ctx.Done():
		return ipc.Run{}, ctx.Err()
	}
	run, err := d.getRun(ctx, ipc.RunGetParams{Run: row.ID})
	if err == nil && !ended(run.State) {
		return run, stopping() // the next worker knows
	}
	return run, err
}

// finished is closed once a run has ended.
func (d *Daemon) finished(id string) <-chan struct{} {
	done := make(chan struct{})
	ran := d.box.do(func(l *loop) {
		if _, r := l.whose(id); r != nil && !r.Lingering {
			done = r.finished
			return
		}
		close(done)
	})
	if !ran {
		close(done)
	}
	return done
}
