package daemon

import (
	"encoding/json"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// recallConfig makes the last accepted generation the applied one, as it was:
// nothing of it is new.
func (l *loop) recallConfig(g journal.Generation, f *loaded) {
	l.applied, l.generation, l.acceptedAt, l.zone = f.config, g.Number, g.Accepted, f.zone
	l.places.limit(f.config.Groups)
	for _, job := range f.config.Jobs {
		e := newEntry(job.Name)
		e.job.Store(job)
		e.spec, e.generation, e.cursor = f.specs[job.Name], g.Number, time.Now().Round(0)
		l.entries[job.Name] = e
		e.view.Store(newView(e))
	}
}

// recallJob puts what the journal knows of a job into its entry. A job that
// the accepted file does not name any more has none, unless a run of it goes on.
func (l *loop) recallJob(row journal.Job, last *ipc.Run) {
	e := l.entries[row.Name]
	if e == nil {
		return
	}
	if !row.Gone {
		e.cursor, e.failures, e.generation = row.Cursor, row.Failures, row.Generation
		if row.SpecHash != "" {
			e.spec = row.SpecHash // a changed env file is then seen as the change that it is
		}
	}
	e.last = last
	e.saved = e.row()
}

// lay puts an override in its place.
func (e *entry) lay(o ipc.Override) {
	if o.Kind == ipc.OverridePause {
		e.pause = &o
		return
	}
	e.skips = append(e.skips, o)
}

// recallAhead takes up what the ledger has of slots after the cursor, but for what was called missed and has not come yet.
func (l *loop) recallAhead(slots []journal.Slot) {
	for _, s := range slots {
		if e := l.entries[s.Job]; e != nil && (s.Outcome != ipc.OutcomeMissed || !s.Last.After(l.now)) {
			e.dealt = append(e.dealt, reconciler.Span{From: s.At, To: s.Last})
		}
	}
}

// tellMissed says what becomes of slots that were missed, before it happens.
func (l *loop) tellMissed(e *entry) {
	m := reconciler.CatchUp(e.desired(false), e.observed(), l.now)
	if m.Slots == 0 {
		return
	}
	l.log.Info("slots were missed", "job", e.name, "slot", m.From, "last", m.To, "count", m.Slots, "runs", m.Runs, "reason", m.Reason)
}

// parsedJob is a job and the hash of its process.
type parsedJob struct {
	*config.Job
	spec string
}

// recallAdHoc takes up the operator's own jobs. One whose definition cannot be
// used any more is still theirs: it is kept as it was given.
func (l *loop) recallAdHoc(jobs []journal.Job, parse func(journal.Job) (parsedJob, error)) {
	for _, row := range jobs {
		if row.Owner == nil || row.Gone || l.entries[row.Name] != nil {
			continue
		}
		e := newEntry(row.Name)
		job, err := parse(row)
		if err != nil {
			l.log.Error("take up ad-hoc job", "job", row.Name, "err", err)
			e.broken = unusable(err)
		}
		e.job.Store(job.Job)
		e.spec, e.definition, e.addedBy, e.cursor = job.spec, row.Definition, &ipc.Owner{}, time.Now().Round(0)
		_ = json.Unmarshal(row.Owner, e.addedBy)
		l.entries[row.Name] = e
		e.view.Store(newView(e))
	}
}
