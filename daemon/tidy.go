package daemon

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/daemon/internal/output"
)

const (
	// tidyEvery is how often what has become too old is looked for.
	tidyEvery = time.Hour
	// tidyPage is how many runs are forgotten in one transaction, so that no
	// turn of the loop waits long for it.
	tidyPage = 200
)

// tidy forgets runs and their output beyond what their job keeps, beside the
// loop and never one in progress.
type tidy struct {
	log     *slog.Logger
	journal *journal.Journal
	files   output.Store
	table   *table
	mirror  *mirror.Mirror // nil without a database

	mu    sync.Mutex
	count map[string]int // runs that have ended since the job was last tidied
	due   map[string]bool
	wake  chan struct{}
}

func newTidy(log *slog.Logger, j *journal.Journal, files output.Store, t *table) *tidy {
	return &tidy{
		log: log, journal: j, files: files, table: t,
		count: map[string]int{}, due: map[string]bool{}, wake: make(chan struct{}, 1),
	}
}

// ended counts an ended run of a job: after some of them it is tidied.
func (t *tidy) ended(e *entry) {
	job := e.job.Load()
	if job == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count[e.name]++
	if t.count[e.name] <= job.Output.KeepRuns/10 {
		return
	}
	delete(t.count, e.name)
	t.due[e.name] = true
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// run tidies until ctx ends.
func (t *tidy) run(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
			t.mu.Lock()
			due := t.due
			t.due = map[string]bool{}
			t.mu.Unlock()
			for name := range due {
				if e, ok := t.table.find(name); ok {
					t.job(ctx, e)
				}
			}
		case <-tick.C:
			for _, e := range t.table.all() {
				t.job(ctx, e)
			}
			t.gone(ctx)
			t.strays(ctx)
			t.journal.Maintain(ctx)
		}
	}
}

// gone forgets what is kept no longer of jobs that are there no more: nobody says how much, so it is what a job keeps that
// does not say either.
func (t *tidy) gone(ctx context.Context) {
	names, err := t.journal.Gone()
	if err != nil {
		t.log.Warn("look for runs of former jobs", "err", err)
	}
	for _, name := range names {
		if e, known := t.table.find(name); !known || e.job.Load() == nil {
			t.expire(ctx, name, config.DefaultOutput())
		}
	}
}

// strayFor is how long an output is kept that no run in the journal names: that of a journal which was set aside is still
// somebody's.
const strayFor = 30 * 24 * time.Hour

// strays removes such outputs when they are old.
func (t *tidy) strays(ctx context.Context) {
	err := t.files.Each(func(job, run string) bool {
		info, err := os.Stat(t.files.Path(job, run))
		if err != nil || time.Since(info.ModTime()) < strayFor {
			return ctx.Err() == nil
		}
		if _, known, err := t.journal.Run(run); err == nil && !known {
			if err := t.files.Remove(job, run); err != nil {
				t.log.Warn("remove old output", "job", job, "run", run, "err", err)
			}
		}
		return ctx.Err() == nil
	})
	if err != nil {
		t.log.Warn("look for old output", "err", err)
	}
}

// job forgets what a job keeps no longer.
func (t *tidy) job(ctx context.Context, e *entry) {
	if job := e.job.Load(); job != nil {
		t.expire(ctx, e.name, job.Output)
	}
}

// expire forgets what is not kept of a job. While the journal cannot be written, all of it is.
func (t *tidy) expire(ctx context.Context, name string, keep config.Output) {
	for ctx.Err() == nil && t.journal.OK() {
		n, err := t.page(name, keep)
		if err != nil {
			t.log.Warn("forget old runs", "job", name, "err", err)
			return
		}
		if n < tidyPage {
			return
		}
	}
}

// page forgets some runs, and tells how many. Their output goes after their rows: what is left when this is cut short in
// between is a stray.
func (t *tidy) page(name string, keep config.Output) (int, error) {
	runs, err := t.journal.Expired(name, keep.KeepRuns, time.Now().Add(-keep.KeepFor), tidyPage)
	if err != nil {
		return 0, err
	}
	if runs = t.withoutHeld(runs); len(runs) == 0 {
		if runs, err = t.overOutbox(name, keep); err != nil || len(runs) == 0 {
			return 0, err
		}
	}
	ids := make([]string, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	if err := t.journal.Forget(ids); err != nil {
		return 0, err
	}
	for _, r := range runs {
		if err := t.files.Remove(outputJob(r), r.ID); err != nil {
			t.log.Warn("remove old output", "job", name, "run", r.ID, "err", err)
		}
	}
	return len(runs), nil
}

// outputJob is the name under which a run's output is kept.
func outputJob(r journal.Run) string {
	if r.OutputJob != "" {
		return r.OutputJob
	}
	return r.Job
}
