package daemon

import (
	"crypto/sha256"
	"log/slog"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/alarm"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/daemon/internal/output"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/tally"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

const (
	// givenUpAfter is how long a run that cannot be stopped is waited for
	// when the daemon ends.
	givenUpAfter = 30 * time.Second
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
	Lives(process.Proc) bool
	Watch(p process.Proc, gone func())
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
	journal *journal.Journal
	tally   *tally.Tally
	alarm   alarm.Alarm
	trimmer *output.Trimmer
	tidy    *tidy
	mirror  *mirror.Mirror // nil without a database
	events  *hub
	counts  *counts
	table   *table
	facts   *atomic.Pointer[facts]

	now      time.Time // of the turn
	awake    time.Time // since when the daemon is there without a break
	entries  map[string]*entry
	live     map[string]*entry // by run in progress
	dirty    []*entry
	touched  []*entry // whose views are stale
	told     []ipc.Event
	listed   bool // the table is stale
	wakes    wakes
	places   *places
	batch    journal.Batch
	effects  []func() // on the world, done once what they are for is in the journal
	noted    int      // entries of the tally that the batch carries
	endsRead int64    // how much of the keeper's record the batch carries
	seq      int64    // of the last event
	failed   bool     // a run has, in this turn
	declared *atomic.Int64
	after    []func() // answers, given once the turn is published
	settling []*settling

	applied    *config.Config
	generation int
	acceptedAt time.Time
	zone       [sha256.Size]byte // of the system, when it was applied
	started    time.Time
	boot       string // of the machine
	newBoot    bool   // the first start since the machine was booted
	restart    bool   // a worker's, not the daemon's: @start is not meant
	nextTicket time.Time
	keeper     *Keeper // nil without one
	herald     *herald
	leaving    bool // for another worker: nothing begins and nothing ends by our doing
	leaveBy    time.Time
	starting   int // starts under way
	shutdown   bool
	deadline   time.Time // of the shutdown: then runs are stopped
	abandoned  bool      // a run was given up
}

// run takes turns until the daemon has been asked to stop and has nothing
// left to wait for.
func (l *loop) run() {
	for {
		l.turn(l.box.take())
		if l.left() || l.shutdown && l.idle() {
			break
		}
		due := l.sleepUntil()
		l.alarm.Set(due)
		select {
		case <-l.box.wake:
		case <-l.alarm.C():
		}
		if !due.IsZero() && time.Since(due) > stall {
			time.Sleep(afterStall)
			l.awake = time.Now().Round(0)
		}
	}
}

const (
	// stall is from what delay on a turn shows that the daemon stood still, with others or alone.
	stall = time.Second
	// afterStall is what the reaper then gets, which stood still as well, to tell of the runs that have ended meanwhile: they are not in
	// the way of the slots that have come due since.
	afterStall = 50 * time.Millisecond
)

// end answers what still waits, once no turn will come any more.
func (l *loop) end() {
	l.turn(l.box.close())
}

// turn is one round: take in what happened, decide, act, publish, answer.
func (l *loop) turn(items []func(*loop)) {
	l.readClock()
	for _, f := range items {
		f(l)
	}
	if !l.leaving {
		l.lookAround()
	}
	l.commit()
	l.publish()
	l.settle()
	after := l.after
	l.after = nil
	for _, f := range after {
		f()
	}
}

// lookAround looks at every job that something has happened to, or whose time
// has come.
func (l *loop) lookAround() {
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
}

// setBack is from where on the clock counts as set back: less is the
// steering of a time service, and costs a slot at most that much delay.
const setBack = time.Second

// readClock takes the time of the turn, by the wall clock alone.
func (l *loop) readClock() {
	before := l.now
	l.now = time.Now().Round(0)
	if !l.now.Before(before.Add(-setBack)) {
		return
	}
	l.log.Warn("clock was set back", "from", before, "to", l.now)
	for _, e := range l.entries {
		if e.cursor.After(l.now) {
			l.clockSetBack(e)
		} else {
			l.mark(e) // its wake-up was counted by the other clock
		}
	}
}

// commit writes what the turn has decided, and only then lets it happen.
func (l *loop) commit() {
	for _, e := range l.touched {
		l.saveJob(e)
	}
	if l.batch.Len() > 0 {
		l.spawn.probe("deciding")
		l.journal.Write(&l.batch)
		l.batch.Reset()
		l.spawn.probe("decided")
		if l.mirror != nil {
			l.mirror.Changed(l.failed)
		}
		l.failed = false
	} else {
		l.journal.Retry()
	}
	if l.journal.OK() {
		l.settleNotes()
	}
	effects := l.effects
	l.effects = nil
	for _, f := range effects {
		f()
	}
}

// settleNotes lets go of what was noted beside the journal, now that the journal has it.
func (l *loop) settleNotes() {
	if l.noted > 0 {
		l.tally.Settle(l.noted)
		l.noted = 0
	}
	if l.endsRead > 0 {
		l.keeper.Settled(l.endsRead)
		l.endsRead = 0
	}
}

// afterCommit leaves an effect on the world until what it is for is durable.
func (l *loop) afterCommit(f func()) { l.effects = append(l.effects, f) }

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
	if l.entries[e.name] != e {
		return // it has got another name in this turn
	}
	l.touched = append(l.touched, e)
	l.linger(e)
	for range looksAtOnce {
		l.line(e)
		o := e.observed()
		o.Awake = l.awake
		v := reconciler.Reconcile(e.desired(l.shutdown), o, reconciler.Places{Taken: l.places.taken(e)}, l.now)
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
	if !e.gone() || len(e.runs) > 0 {
		return
	}
	for _, o := range e.overrides() {
		l.batch.EndOverride(o.ID, l.now, "the job is gone")
	}
	if l.entries[e.name] == e {
		delete(l.entries, e.name)
	}
	l.wakes.set(e, time.Time{})
	l.listed = true
}

// journalRetry is how soon a journal that cannot be written is tried again.
const journalRetry = time.Second

// sleepUntil is when something is due; zero when nothing is.
func (l *loop) sleepUntil() time.Time {
	first := l.wakes.first()
	if l.leaving {
		first = l.leaveBy
	}
	if l.shutdown {
		first = earlier(first, l.deadline)
	}
	if !l.journal.OK() {
		first = earlier(first, l.now.Add(journalRetry))
	}
	return first
}

// earlier is the earlier of two times, of which either may be none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// publish renews what readers see.
func (l *loop) publish() {
	if len(l.touched)+len(l.told) > 0 || l.listed {
		l.herald.changed()
	}
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
	l.seq++
	e.Time, e.Seq = l.now, l.seq
	l.told = append(l.told, e)
	row := journal.Event{Seq: e.Seq, Time: e.Time, Kind: e.Kind, Job: e.Job, Slot: e.Slot, Count: e.Count, Message: e.Message}
	if e.Run != nil {
		row.Run = e.Run.ID
	}
	l.batch.AddEvent(row)
}
