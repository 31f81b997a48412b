package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/watch"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// OfflineAnswer is a plan that was made without a daemon, or why there is none.
type OfflineAnswer struct {
	Plan  *ipc.Plan  `json:"plan,omitempty"`
	Error *ipc.Error `json:"error,omitempty"`
}

// PlanOffline says what a daemon that is started now would change by a file (the jobs file
// when it is ""): it is laid against what the last daemon has left in the state directory.
// Nothing is changed. The text of a draft, where one is named, is read in place of that of a
// file among them, the first when draftOf is "".
func PlanOffline(paths config.Paths, host config.Host, file, draft, draftOf string) OfflineAnswer {
	plan, err := planOffline(paths, host, ipc.PlanParams{File: cmp.Or(file, paths.JobsFile), Draft: draft, DraftOf: draftOf})
	if err == nil {
		return OfflineAnswer{Plan: plan}
	}
	refused, is := errors.AsType[*ipc.Error](err)
	if !is {
		refused = ipc.Errorf(ipc.CodeInternal, "%s", err)
		if h, knows := errors.AsType[interface {
			error
			Hint() string
		}](err); knows {
			refused = refused.WithHint("%s", h.Hint())
		}
	}
	return OfflineAnswer{Error: refused}
}

func planOffline(paths config.Paths, host config.Host, p ipc.PlanParams) (*ipc.Plan, error) {
	for _, name := range []string{p.File, p.Draft, p.DraftOf} {
		if err := absolute(name); err != nil {
			return nil, err
		}
	}
	boot, asOf, err := journal.Look(paths.StateDir)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(filepath.Join(paths.StateDir, specKeyFile))
	if err != nil && boot.Generation.Number > 0 {
		return nil, fmt.Errorf("read spec key: %w", err)
	}
	host.ReadFile = nil // files are read as the daemon would
	r := reader{host, key, &envMemory{texts: map[string][]byte{}}, watch.ReadStable}
	f, err := r.drafted(cmp.Or(p.DraftOf, p.File), p.Draft).load(p.File)
	if err != nil {
		return nil, loadError(p.File, err)
	}
	l, err := stillLife(boot, r)
	if err != nil {
		return nil, err
	}
	d := l.draft(f, ipc.ApplyParams{})
	d.missed = l.missed(func(*entry) bool { return true }) // nobody was there for any of them
	plan := d.wire(l.table)
	plan.Offline, plan.AsOf = true, asOf
	return plan, nil
}

// stillLife is a loop that takes no turns, as the next worker would find its jobs.
func stillLife(boot journal.Boot, r reader) (*loop, error) {
	l := &loop{
		log: slog.New(slog.DiscardHandler), table: &table{}, entries: map[string]*entry{}, live: map[string]*entry{}, places: newPlaces(0),
		generation: boot.Generation.Number,
	}
	l.readClock()
	if l.generation > 0 {
		was, err := r.generation(boot.Generation)
		if err != nil {
			return nil, fmt.Errorf("read generation %d: %w", l.generation, err)
		}
		l.recallConfig(boot.Generation, was)
	}
	if s := readFormerSource(boot.Source); s != nil {
		copy(l.zone[:], s.Zone)
	}
	l.recallAdHoc(boot.Jobs, func(row journal.Job) (parsedJob, error) {
		job, spec, err := r.parseAdHoc(row.Name, row.Definition, groupsOf(l.applied))
		return parsedJob{job, spec}, err
	})
	for _, row := range boot.Jobs {
		l.recallJob(row, nil)
	}
	l.recallAhead(boot.Ahead)
	for _, o := range boot.Overrides {
		if e := l.entries[o.Job]; e != nil {
			e.lay(wireOverride(o))
		}
	}
	here, err := bootID()
	if err != nil {
		return nil, fmt.Errorf("read boot id: %w", err)
	}
	for _, row := range boot.Open {
		e := l.entries[row.Job]
		if run, facts := restored(row, ""); e != nil && goesOn(run, facts, here) {
			e.runs = append(e.runs, run)
			l.live[run.ID] = e
		}
	}
	for _, e := range l.entries {
		e.view.Store(newView(e))
	}
	l.table.store(l.entries)
	return l, nil
}

// goesOn tells whether a run still waits, or its process lives.
func goesOn(r *run, f liveFacts, boot string) bool {
	var h process.Host
	return r.Phase == reconciler.Queued || f.Boot == boot && h.Lives(r.proc)
}
