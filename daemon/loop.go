package daemon

import (
	"crypto/sha256"
	"log/slog"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

const (
	// longestSleep bounds the timer: it follows the monotonic clock, which
	// stands still while a laptop sleeps and does not see the clock set.
	longestSleep = 30 * time.Second
	// looksAtOnce bounds what one job may do in one turn, so that a job that
	// never comes to rest cannot hold up the others.
	looksAtOnce = 1000
)

// processes is what the loop needs of process.Host; tests put a fake one in
// its place to let days go by.
type processes interface {
	Start(process.Spec) (process.Proc, error)
	Signal(process.Proc, syscall.Signal) error
	Kill(process.Proc) error
	Alive(process.Proc) []int
}

// facts are what status says of the loop itself.
type facts struct {
	generation int
	acceptedAt time.Time
	stopping   bool
}

// loop owns all live state. Its methods run within a turn, on one goroutine.
type loop struct {
	log     *slog.Logger
	box     *mailbox
	procs   processes
	spawn   *spawner
	history *history
	events  *hub
	table   *table
	facts   *atomic.Pointer[facts]

	now      time.Time // of the turn
	entries  map[string]*entry
	live     map[string]*entry // by run in progress
	dirty    []*entry
	touched  []*entry // whose views are stale
	told     []ipc.Event
	listed   bool // the table is stale
	wakes    wakes
	places   *places
	after    []func() // answers, given once the turn is published
	settling []*settling

	applied    *config.Config
	generation int
	acceptedAt time.Time
	zone       [sha256.Size]byte // of the system, when it was applied
	started    time.Time
	newBoot    bool // the first start since the machine was booted
	shutdown   bool
	deadline   time.Time // of the shutdown: then runs are stopped
	abandoned  bool      // a run was given up
}

// run takes turns until the daemon has been asked to stop and has nothing
// left to wait for.
func (l *loop) run() {
	timer := time.NewTimer(longestSleep)
	defer timer.Stop()
	for {
		l.turn(l.box.take())
		if l.shutdown && l.idle() {
			break
		}
		timer.Reset(l.sleep())
		select {
		case <-l.box.wake:
		case <-timer.C:
		}
	}
}

// end answers what still waits, once no turn will come any more.
func (l *loop) end() {
	l.turn(l.box.close())
}

// turn is one round: take in what happened, decide, act, publish, answer.
func (l *loop) turn(items []func(*loop)) {
	l.now = time.Now().Round(0) // by the wall clock alone
	for _, f := range items {
		f(l)
	}
	for e := l.wakes.due(l.now); e != nil; e = l.wakes.due(l.now) {
		l.mark(e)
	}
	l.stopLate()
	for len(l.dirty) > 0 {
		e := l.dirty[0]
		l.dirty = l.dirty[1:]
		e.dirty = false
		l.look(e)
	}
	l.dirty = nil
	l.publish()
	l.settle()
	after := l.after
	l.after = nil
	for _, f := range after {
		f()
	}
}

// mark says that a job is to be looked at in this turn.
func (l *loop) mark(entries ...*entry) {
	for _, e := range entries {
		if !e.dirty {
			e.dirty = true
			l.dirty = append(l.dirty, e)
		}
	}
}

// look asks the reconciler about one job until there is nothing left to do.
func (l *loop) look(e *entry) {
	l.touched = append(l.touched, e)
	l.linger(e)
	for range looksAtOnce {
		v := reconciler.Reconcile(e.desired(l.shutdown), e.observed(), reconciler.Places{Taken: l.places.taken(e)}, l.now)
		if v.Action.Op == reconciler.None {
			l.wakes.set(e, v.WakeAt)
			e.next = v.Next
			l.forget(e)
			return
		}
		l.act(e, v.Action)
	}
	l.log.Warn("job does not come to rest", "job", e.name)
	l.wakes.set(e, l.now.Add(time.Second))
}

// linger takes out the runs of which nothing is left to stop.
func (l *loop) linger(e *entry) {
	for _, r := range slices.Clone(e.runs) {
		if r.Lingering && len(l.procs.Alive(r.proc)) == 0 {
			l.drop(e, r)
		}
	}
}

// forget drops the state of a job that is gone, once nothing runs of it.
func (l *loop) forget(e *entry) {
	if e.job.Load() != nil || len(e.runs) > 0 {
		return
	}
	if l.entries[e.name] == e {
		delete(l.entries, e.name)
	}
	l.wakes.set(e, time.Time{})
	l.listed = true
}

// sleep is how long nothing is due.
func (l *loop) sleep() time.Duration {
	first := l.wakes.first()
	if l.shutdown && (first.IsZero() || l.deadline.Before(first)) {
		first = l.deadline
	}
	if first.IsZero() {
		return longestSleep
	}
	return max(0, min(longestSleep, time.Until(first)))
}

// publish renews what readers see.
func (l *loop) publish() {
	for _, e := range l.touched {
		e.view.Store(newView(e))
	}
	l.touched = nil
	if l.listed {
		l.listed = false
		l.table.store(l.entries)
	}
	l.facts.Store(&facts{l.generation, l.acceptedAt, l.shutdown})
	for _, e := range l.told {
		l.events.publish(e)
	}
	l.told = nil
}

// later leaves f for after the turn, when what it answers is published.
func (l *loop) later(f func()) { l.after = append(l.after, f) }

// emit tells what happened to those who listen, once readers can see it: who
// asks for the status after an event must find what the event told.
func (l *loop) emit(e ipc.Event) {
	e.Time = l.now
	l.told = append(l.told, e)
}
