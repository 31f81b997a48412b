package daemon

import (
	"context"
	"slices"

	"github.com/lsh-project/lsh/ipc"
)

// listRuns is a page of the history.
func (d *Daemon) listRuns(_ context.Context, p ipc.RunsListParams) (ipc.RunsPage, error) {
	if err := notNegative("limit", p.Limit); err != nil {
		return ipc.RunsPage{}, err
	}
	if p.Job != "" {
		if _, known := d.table.find(p.Job); !known {
			if _, ran := d.history.last(p.Job); !ran {
				return ipc.RunsPage{}, d.unknownJob(p.Job)
			}
		}
	}
	var page ipc.RunsPage
	page.Runs, page.After = d.history.list(p.After, pageOf(p.Limit, runsAPage, runsAtMost), func(r *ipc.Run) bool {
		at := r.StartedAt
		if at.IsZero() {
			at = r.EndedAt
		}
		switch {
		case p.Job != "" && r.Job != p.Job:
		case len(p.States) > 0 && !slices.Contains(p.States, r.State):
		case !p.Since.IsZero() && !at.IsZero() && at.Before(p.Since):
		case !p.Until.IsZero() && !at.Before(p.Until):
		default:
			return true
		}
		return false
	})
	return page, nil
}

func (d *Daemon) getRun(_ context.Context, p ipc.RunGetParams) (ipc.Run, error) {
	k, err := d.findRun(p.Run)
	if err != nil {
		return ipc.Run{}, err
	}
	return *current(k.run), nil
}

func (d *Daemon) findRun(id string) (kept, error) {
	if k, ok := d.history.find(id); ok {
		return k, nil
	}
	return kept{}, ipc.Errorf(ipc.CodeUnknownRun, "no such run: %s", id).WithHint("see them: lsh history")
}

// waitRun answers once a run has ended.
func (d *Daemon) waitRun(ctx context.Context, p ipc.RunGetParams) (ipc.Run, error) {
	k, err := d.findRun(p.Run)
	if err != nil {
		return ipc.Run{}, err
	}
	select {
	case <-d.finished(k.run.ID):
	case <-ctx.Done():
		return ipc.Run{}, ctx.Err()
	}
	return d.getRun(ctx, ipc.RunGetParams{Run: k.run.ID})
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
