package reconciler

import (
	"iter"
	"time"

	"github.com/lsh-project/lsh/config"
)

// Observed is what is there of one job.
type Observed struct {
	// Cursor is the last slot that was dealt with, or when the schedule
	// began: only slots after it are looked at, so none is run twice,
	// whatever the clock does.
	Cursor time.Time
	// Absence is being worked off, beside the slots after the cursor.
	Absence Absence
	// Dealt are slots, after the cursor or of the absence, that have been accounted
	// for: the clock was set back, or two absences have become one. The first
	// to begin is the first.
	Dealt []Span
	// Awake is since when the daemon is there without a break: what fell due before it was found late.
	Awake time.Time
	// CatchUpAt is when a catch-up run of the job may begin; zero when that has
	// not been said, see Spread.
	CatchUpAt time.Time
	// Runs are those that have not ended, the oldest first.
	Runs []Run
}

// Span is a stretch of time, both ends included.
type Span struct{ From, To time.Time }

// Absence is a stretch of slots that were missed, and for which catch_up has
// yet to do what it says. None of them is after the cursor, so that each slot
// is either one of these or an ordinary one.
type Absence struct {
	// After it they begin: the last one that was dealt with.
	After time.Time
	// To is where they end, itself included.
	To time.Time
}

// Has tells whether a slot is one of them.
func (a Absence) Has(slot time.Time) bool { return slot.After(a.After) && !slot.After(a.To) }

// Open tells whether there is one.
func (a Absence) Open() bool { return a.To.After(a.After) }

// Run is one run that has not ended. What its end needs (Stop, Timeout)
// is its own since it began: a job that is changed or removed meanwhile
// still stops as it was promised.
type Run struct {
	ID      string
	Phase   Phase
	Trigger Trigger
	Slot    time.Time // zero for a run by hand
	Spec    string    // of the process that it was started from
	Told    string    // the last changed spec that it was signalled about
	Attempt int
	// Admitted is when the gate let it in, to begin or to wait.
	Admitted time.Time
	// Retries are the attempts before it that failed: those that retry counts. A
	// restart for a change is an attempt too, and costs none.
	Retries int
	// NotBefore is when the delay of a further attempt is over; zero for a
	// first one.
	NotBefore time.Time
	// Again: Queued anew, since the worker that was about to start it was
	// killed before it did.
	Again   bool
	Pid     int       // 0 before it has one
	Started time.Time // zero before it has
	Halt    string    // why it is to end, by the word of an operator or of the daemon's own end; "" when not
	Stop    config.Stop
	Timeout time.Time // when it is up; zero: none
	StopBy  time.Time // Stopping: when it is killed
	Killed  bool      // Stopping: KILL has been sent
	// Lingering: its leader has ended, and so has the run as far as overlap
	// and places go; members of its group live on and are being stopped.
	Lingering bool
}

// short is the end of a run's id, by which people name it.
func (r Run) short() string {
	const enough = 8
	return r.ID[max(0, len(r.ID)-enough):]
}

// Phase is how far a run has come.
type Phase uint8

// The phases of a run, in order.
const (
	Queued   Phase = iota // waits for its turn
	Starting              // its process is being started
	Running
	Stopping // asked to end
)

// Places says whether a run may begin beside those of other jobs.
type Places struct {
	// Taken is "" when there is a place, else why there is none.
	Taken string
}

// unsettled are the slots of which nothing has become yet, without end.
func (o Observed) unsettled(j *config.Job) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		if o.Absence.Open() {
			for slot := range j.Slots.Slots(o.Absence.After) {
				if !o.Absence.Has(slot.At) {
					break
				}
				if dealtWith(o, slot.At).Op == None && !yield(slot.At) {
					return
				}
			}
		}
		for slot := range j.Slots.Slots(o.Cursor) {
			if dealtWith(o, slot.At).Op == None && !yield(slot.At) {
				return
			}
		}
	}
}

// open is the first slot after a time, and after the absence, of which nothing
// has become yet. What was passed on the way reaches up to passed, or no further
// than the time.
func (o Observed) open(j *config.Job, after time.Time) (slot, passed time.Time, ok bool) {
	dealt := o.Dealt
	passed = after
	for {
		next, ok := j.Slots.Next(passed)
		if !ok {
			return time.Time{}, passed, false
		}
		for len(dealt) > 0 && dealt[0].To.Before(next.At) {
			dealt = dealt[1:] // a day set back may leave one for each second of it
		}
		if len(dealt) == 0 || dealt[0].From.After(next.At) {
			return next.At, passed, true
		}
		passed = dealt[0].To
	}
}

// active are the runs that hold a process, or soon will.
func (o Observed) active() iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for _, r := range o.Runs {
			if r.Phase != Queued && !r.Lingering && !yield(r) {
				return
			}
		}
	}
}

// busy is the oldest active run.
func (o Observed) busy() (Run, bool) {
	for r := range o.active() {
		return r, true
	}
	return Run{}, false
}

// waiting are the runs in the queue. There is one at most, but for jobs with
// overlap: allow, whose further attempts wait beside each other.
func (o Observed) waiting() iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for _, r := range o.Runs {
			if r.Phase == Queued && !yield(r) {
				return
			}
		}
	}
}

// queued is the oldest run that waits.
func (o Observed) queued() (Run, bool) {
	for r := range o.waiting() {
		return r, true
	}
	return Run{}, false
}
