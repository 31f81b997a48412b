package mirror

import "time"

// Status is how the replica stands.
type Status struct {
	State       string
	Kind        string // of the connection; "" until there was one
	Database    string // user, host, port and name
	HostID      string
	Backlog     int64 // rows that wait
	Acked       int64 // change of the journal up to which the replica has it
	LastAck     time.Time
	Synced      time.Time // all that had happened by then has arrived; zero when that is not known
	NextTry     time.Time // after an error
	Err         *Error    // of the last try; nil when it went well
	SetAside    int       // rows that the database does not take, though it takes others
	LastAside   string    // which was the last, and why
	ClockOffset *time.Duration
	Warnings    []string
}

// The states.
const (
	StateOK       = "ok"
	StateRetrying = "retrying"
	StateStopped  = "stopped"
	StateReadOnly = "read_only"
	StateSchema   = "schema"
)
