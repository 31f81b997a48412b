package fleet

import (
	"time"

	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/ipc"
)

// Facts are what the database has of a person's machines.
type Facts struct {
	Now   time.Time // by the server's clock, when it was read
	Hosts []Host
	Jobs  []Job // by host and name
}

// Host is one machine.
type Host struct {
	ID          string
	Hostname    string
	User        string
	OS          string
	Arch        string
	Version     string
	Stopped     bool // its daemon said that it would stop
	StartedAt   time.Time
	LastSeenAt  time.Time
	ClockOffset *time.Duration // server's clock minus the host's
	Generation  int
	Commit      string
}

// Job is one job of one machine that is declared there.
type Job struct {
	HostID   string
	Name     string
	Spec     mirror.Spec
	Cursor   time.Time // up to here every slot has its outcome; zero when none is counted
	Failures int       // in a row
	Running  int       // runs in progress
	Last     *ipc.Run  // that has ended
	Pause    *Pause    // in force
	Covered  []Span    // stretches after the cursor that the ledger has, in order
	Missed   *Missed   // of the last day; nil when there are none
}

// Pause is a pause in force.
type Pause struct {
	Until time.Time // zero: until it is ended
}

// holds tells whether the pause holds at a time.
func (p *Pause) holds(at time.Time) bool {
	return p != nil && (p.Until.IsZero() || at.Before(p.Until))
}

// end is the last moment of a pause that ends by itself: a slot at its end is held no more.
func (p *Pause) end() time.Time { return p.Until.Add(-time.Nanosecond) }

// Span is a stretch of slots, both ends included.
type Span struct{ From, To time.Time }

// Missed are slots of which the host itself says that they did not run.
type Missed struct {
	First  time.Time
	Count  int
	Reason string // of the last
}
