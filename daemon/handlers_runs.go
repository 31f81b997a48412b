package daemon

import (
	"context"
	"fmt"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

// listRuns is a page of the history.
func (d *Daemon) listRuns(_ context.Context, p ipc.RunsListParams) (ipc.RunsPage, error) {
	if err := notNegative("limit", p.Limit); err != nil {
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

func (d *Daemon) findRun(id string) (journal.Run, error) {
	row, ok, err := d.journal.Run(id)
	if err != nil {
		return row, fmt.Errorf("read history: %w", err)
	}
	if !ok {
		return row, ipc.Errorf(ipc.CodeUnknownRun, "no such run: %s", id).WithHint("see them: lsh history")
	}
	return row, nil
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
