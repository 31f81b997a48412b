package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/output"
	"github.com/lsh-project/lsh/ipc"
)

const (
	// outputAPage is how much output one answer carries, in bytes; with
	// base64 it stays well under what a client must be ready to read.
	outputAPage = 1 << 20
	// outputPoll is how soon new output of a run in progress is seen.
	outputPoll = 100 * time.Millisecond
)

// runOutput is output as it stands, and with follow the rest as it comes.
func (d *Daemon) runOutput(ctx context.Context, p ipc.OutputParams) (ipc.OutputResult, error) {
	lines := 0
	if p.Tail != nil {
		lines = *p.Tail
	}
	if err := cmp.Or(notNegative("offset", p.Offset), notNegative("tail", lines)); err != nil {
		return ipc.OutputResult{}, err
	}
	row, err := d.outputOf(p)
	if err != nil {
		return ipc.OutputResult{}, err
	}
	path := d.spawner.files.Path(outputJob(row), row.ID)
	f := output.NewReader(path)
	defer f.Close()
	offset := p.Offset
	if p.Tail != nil {
		if offset, err = f.Tail(lines); err != nil {
			return ipc.OutputResult{}, err
		}
	}
	page, err := f.Read(offset, outputAPage)
	if err != nil {
		return ipc.OutputResult{}, err
	}
	result := ipc.OutputResult{Run: *wireRun(row), Data: page.Data, Offset: page.Offset}
	if !p.Follow {
		// Before and in place of a cut, a page is shorter than it could be.
		rest, err := f.Read(page.Next(), 1)
		result.More = err == nil && len(page.Data) > 0 && len(rest.Data) > 0
		return result, err
	}
	result.Subscription = newID()
	id, conn := row.ID, ipc.ConnFrom(ctx)
	conn.Go(func(ctx context.Context) {
		d.follow(ctx, conn, id, path, ipc.OutputChunk{Subscription: result.Subscription, Offset: page.Next()})
	})
	return result, nil
}

// outputOf is the run that is asked for.
func (d *Daemon) outputOf(p ipc.OutputParams) (journal.Run, error) {
	if p.Run != "" {
		if p.Job != "" {
			if err := d.everKnown(p.Job); err != nil {
				return journal.Run{}, err
			}
		}
		return d.findRunOf(p.Job, p.Run)
	}
	row, ran, err := d.lastBegun(p.Job)
	switch {
	case err != nil:
		return row, fmt.Errorf("read history: %w", err)
	case ran:
		return row, nil
	}
	if _, known := d.table.find(p.Job); !known {
		return row, d.unknownJob(p.Job)
	}
	return row, ipc.Errorf(ipc.CodeUnknownRun, "%s has not run yet", p.Job).WithHint("lsh run %s --wait", p.Job)
}

// lastBegun is the run of a job whose output is its last: the newest in progress, else
// the newest that was begun, else the newest at all.
func (d *Daemon) lastBegun(job string) (journal.Run, bool, error) {
	if e, known := d.table.find(job); known {
		if running := e.view.Load().lives().running; len(running) > 0 {
			return d.journal.Run(running[len(running)-1].ID)
		}
	}
	f := journal.RunFilter{Job: job, Limit: runsAPage}
	for {
		rows, more, err := d.journal.Runs(f)
		if err != nil {
			return journal.Run{}, false, err
		}
		if i := slices.IndexFunc(rows, wasBegun); i >= 0 {
			return rows[i], true, nil
		}
		if !more {
			break
		}
		f.After = rows[len(rows)-1].ID
	}
	return d.journal.LastRun(job)
}

// wasBegun tells a run from one that waits, and from one that was dropped while it did.
func wasBegun(r journal.Run) bool {
	return r.State != ipc.RunQueued && (r.State != ipc.RunStopped || !r.Started.IsZero())
}

// follow pushes what is written from chunk.Offset on until the run has ended
// and all of it has been pushed.
func (d *Daemon) follow(ctx context.Context, conn *ipc.Conn, id, path string, chunk ipc.OutputChunk) {
	f := output.NewReader(path)
	defer f.Close()
	done := d.finished(id)
	tick := time.NewTicker(outputPoll)
	defer tick.Stop()
	next := chunk.Offset
	for over := false; ; {
		page, err := f.Read(next, outputAPage)
		if err != nil {
			d.log.Warn("read output", "run", id, "err", err)
			over, page.Data = true, nil
		}
		if len(page.Data) > 0 {
			chunk.Data, chunk.Offset = page.Data, page.Offset
			if conn.NotifyWait(ctx, ipc.NotifyOutput, chunk) != nil {
				return // the client is gone
			}
			next = page.Next()
			continue
		}
		if over {
			break
		}
		select {
		case <-tick.C:
		case <-done:
			over = true // once more: what it wrote last
		case <-d.stopped:
			select {
			case <-done:
				over = true // the run has ended as well
			default:
				return // this worker goes; the client asks the next one for the rest
			}
		case <-ctx.Done():
			return
		}
	}
	chunk.Data, chunk.Offset, chunk.End = nil, next, true
	if row, ok, err := d.journal.Run(id); err == nil && ok {
		if !ended(row.State) {
			return // this worker goes, as above
		}
		chunk.Run = wireRun(row)
	}
	_ = conn.NotifyWait(ctx, ipc.NotifyOutput, chunk)
}
