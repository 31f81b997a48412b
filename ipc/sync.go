package ipc

import "time"

// Sync is how the replica in Postgres stands.
type Sync struct {
	State       string     `json:"state"`
	Kind        string     `json:"kind,omitempty"`     // of the connection: direct, session or transaction; absent until there was one
	Database    string     `json:"database,omitempty"` // user, host, port and name; never the password
	HostID      string     `json:"host_id,omitempty"`
	Backlog     int64      `json:"backlog"` // rows that wait to be sent
	Acked       int64      `json:"acked"`   // change of the journal up to which the replica has it
	LastAckAt   time.Time  `json:"last_ack_at,omitzero"`
	NextTryAt   time.Time  `json:"next_try_at,omitzero"` // after an error
	Error       *SyncError `json:"error,omitempty"`
	SetAside    int        `json:"set_aside,omitempty"`    // rows that the database does not take, though it takes others
	LastAside   string     `json:"last_aside,omitempty"`   // which was the last, and why
	ClockOffset *Seconds   `json:"clock_offset,omitempty"` // server's clock minus this host's
	Warnings    []string   `json:"warnings,omitempty"`
}

// The states of sync.
const (
	SyncOff      = "off"       // no database is set
	SyncOK       = "ok"        // connected, or about to send what is due
	SyncRetrying = "retrying"  // the last try went wrong, another comes
	SyncStopped  = "stopped"   // what is wrong does not mend itself
	SyncReadOnly = "read_only" // the project is over its size
	SyncSchema   = "schema"    // the schema is missing or older than this lsh
)

// SyncError is what went wrong last and what to do about it.
type SyncError struct {
	Code    string `json:"code"` // a word
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// SyncNowParams say how long to wait.
type SyncNowParams struct {
	Timeout *Seconds `json:"timeout,omitempty"` // 60 when absent
}

// SyncNowResult is how sync stands after it. Done tells whether all that there was when it was asked for has arrived.
type SyncNowResult struct {
	Sync Sync `json:"sync"`
	Done bool `json:"done"`
}

// FleetParams are those of sync.fleet.
type FleetParams struct{}

// Fleet is a person's machines, as the database has them. Alerts are sorted: what explains others comes first.
type Fleet struct {
	At     time.Time    `json:"at"` // by the server's clock
	Hosts  []FleetHost  `json:"hosts"`
	Jobs   []FleetJob   `json:"jobs"`
	Drift  []FleetDrift `json:"drift"`
	Alerts []FleetAlert `json:"alerts"`
}

// FleetHost is one machine.
type FleetHost struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"` // hostname; the id's first part behind it where two have the same
	Hostname    string    `json:"hostname"`
	User        string    `json:"user"`
	State       string    `json:"state"`
	LastSeenAt  time.Time `json:"last_seen_at"` // by the server's clock
	StartedAt   time.Time `json:"started_at,omitzero"`
	Version     string    `json:"version,omitempty"`
	OS          string    `json:"os,omitempty"`
	Arch        string    `json:"arch,omitempty"`
	Generation  int       `json:"generation,omitempty"`
	Commit      string    `json:"commit,omitempty"` // of the git work tree of the jobs file
	Jobs        int       `json:"jobs"`             // declared
	Running     int       `json:"running,omitempty"`
	Failing     int       `json:"failing,omitempty"`      // jobs whose last run failed
	ClockOffset *Seconds  `json:"clock_offset,omitempty"` // server's clock minus the host's
	This        bool      `json:"this,omitempty"`         // the host that was asked
}

// The states of a machine in the fleet.
const (
	HostOnline  = "online"  // it was heard of within three minutes
	HostOffline = "offline" // its daemon was stopped
	HostGone    = "gone"    // nothing was heard of it, and it did not say that it would stop
)

// FleetJob is one job of one machine.
type FleetJob struct {
	Host     string    `json:"host"` // name
	HostID   string    `json:"host_id"`
	Name     string    `json:"name"`
	Schedule []string  `json:"schedule,omitempty"`
	State    string    `json:"state"`              // scheduled, paused, disabled, not_here, manual or running
	LastRun  *Run      `json:"last_run,omitempty"` // that has ended
	Failures int       `json:"failures"`           // in a row
	Next     time.Time `json:"next,omitzero"`      // as its declaration has it, from now
}

// FleetDrift is a job that machines declare differently.
type FleetDrift struct {
	Job    string            `json:"job"`
	Key    string            `json:"key"`    // of the declaration
	Values map[string]string `json:"values"` // by host's name; "" where the key is not set
}

// FleetAlert is something that a person should look at.
type FleetAlert struct {
	Kind    string    `json:"kind"`
	Host    string    `json:"host"` // name
	Job     string    `json:"job,omitempty"`
	Slot    time.Time `json:"slot,omitzero"`   // the first one
	Count   int       `json:"count,omitempty"` // of slots
	More    bool      `json:"more,omitempty"`  // there are more than count
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
}

// The kinds of alert.
const (
	AlertHostGone = "host_gone"
	AlertAbsent   = "slot_absent" // a slot that should have a row has none
	AlertMissed   = "slot_missed" // the host itself says that a slot did not run
	AlertFailing  = "job_failing"
	AlertClock    = "clock" // the host's clock is off
)
