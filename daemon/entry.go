package daemon

import (
	"container/list"
	"slices"
	"sync/atomic"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// entry is the live state of one job. The loop owns it; readers use name,
// job and view only.
type entry struct {
	name string
	job  atomic.Pointer[config.Job] // nil once the file no longer names it
	view atomic.Pointer[view]

	spec       string // hash of the process that job describes
	generation int    // that last changed it
	cursor     time.Time
	absence    reconciler.Absence
	dealt      []reconciler.Span // slots that the ledger has though neither the cursor nor the absence is past them
	catchUpAt  time.Time         // when a catch-up run of it may begin; zero: it has no ticket
	addedBy    *ipc.Owner        // of an ad-hoc job
	definition string            // of an ad-hoc job, as it was given
	broken     string            // why the definition cannot be used, and job is nil
	saved      jobRow            // as the journal has it
	runs       []*run            // that have not ended, the oldest first
	survivors  []*run            // that have, but members of their groups live on
	pause      *ipc.Override
	skips      []ipc.Override
	requests   []request
	failures   int // in a row
	last       *ipc.Run

	dirty     bool
	next      time.Time // when the next slot that will run is due
	wakeAt    time.Time
	wakeIndex int           // in wakes, -1 when it is not there
	inGroup   *list.Element // among the waiting of its group
	inAll     *list.Element // among all that wait
}

func newEntry(name string) *entry { return &entry{name: name, wakeIndex: -1} }

// request is a reconciler.Request and whom to answer.
type request struct {
	reconciler.Request
	answer func(*ipc.Run, error) // nil when nobody waits
	order  *order                // it comes from; nil: from none
}

// run is one run that has not ended, or whose group has not.
type run struct {
	reconciler.Run
	record    *ipc.Run // as it was last published
	proc      process.Proc
	started   bool          // proc is known
	exit      *process.Exit // that came before the news of the start
	said      string        // by the operator who asked for it
	end       reconciler.End
	endWhy    string
	due       time.Time
	waited    time.Time // since when it waits; zero when it does not
	timeout   time.Duration
	success   []int
	maxOutput int64  // bytes kept of what it prints
	place     string // group whose place it holds
	placed    bool
	output    string // path
	answers   []func(*ipc.Run, error)
	finished  chan struct{} // closed when it has ended
}

// because is a reason with the words of the operator who asked for the run.
func (r *run) because(reason string) string { return reconciler.Because(r.said, reason) }

// desired is what should be for the job.
func (e *entry) desired(shutdown bool) reconciler.Desired {
	d := reconciler.Desired{Job: e.job.Load(), Broken: e.broken, Spec: e.spec, Shutdown: shutdown}
	if e.pause != nil {
		d.Pause = new(asOverride(*e.pause))
	}
	for _, s := range e.skips {
		d.Skips = append(d.Skips, asOverride(s))
	}
	if len(e.requests) > 0 {
		d.Requests = []reconciler.Request{e.requests[0].Request}
	}
	return d
}

// observed is what is there of the job.
func (e *entry) observed() reconciler.Observed {
	o := reconciler.Observed{Cursor: e.cursor, Absence: e.absence, Dealt: e.dealt, CatchUpAt: e.catchUpAt}
	for _, r := range e.runs {
		o.Runs = append(o.Runs, r.Run)
	}
	return o
}

func asOverride(o ipc.Override) reconciler.Override {
	return reconciler.Override{ID: o.ID, Since: o.CreatedAt, Until: o.Until, Reason: said(o.Owner, o.Reason)}
}

// gone tells whether nobody names the job any more.
func (e *entry) gone() bool { return e.job.Load() == nil && e.addedBy == nil }

// find is the run with an id, nil when it is not among those in progress.
func (e *entry) find(id string) *run {
	i := slices.IndexFunc(e.runs, func(r *run) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return e.runs[i]
}

// drop takes a run out.
func (e *entry) drop(r *run) {
	e.runs = slices.DeleteFunc(e.runs, func(other *run) bool { return other == r })
}

// group is the group that the job asks to be admitted by.
func (e *entry) group() string {
	if j := e.job.Load(); j != nil {
		return j.Group
	}
	return ""
}

// blocked tells whether the run that waits waits for a run of its own job,
// not for a place.
func (e *entry) blocked() bool {
	j := e.job.Load()
	if j == nil || j.Overlap == config.OverlapAllow {
		return false
	}
	return slices.ContainsFunc(e.runs, func(r *run) bool { return r.Phase != reconciler.Queued && !r.Lingering })
}

// ripe tells whether a run of the job waits, and not for the end of a delay.
func (e *entry) ripe(now time.Time) bool {
	return slices.ContainsFunc(e.runs, func(r *run) bool { return r.Phase == reconciler.Queued && !r.NotBefore.After(now) })
}

// overrides are those in force, the pause first.
func (e *entry) overrides() []ipc.Override {
	if e.pause == nil {
		return slices.Clone(e.skips)
	}
	return append([]ipc.Override{*e.pause}, e.skips...)
}
