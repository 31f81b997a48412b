package journal

import "time"

// Run is one execution of a job. It has ended when its state is none of
// queued and running; when it ended may be unknown.
type Run struct {
	ID            string // UUIDv7: sorts by when it was admitted
	Job           string
	State         string
	Trigger       string
	Attempt       int
	Scheduled     time.Time // the slot; zero for a run by hand
	NotBefore     time.Time // of a retry that waits
	Started       time.Time
	Ended         time.Time
	Duration      *time.Duration
	Lateness      *time.Duration
	ExitCode      *int
	Signal        string
	Pid           int
	Reason        string
	Generation    int
	SpecHash      string
	CPU           *time.Duration
	MaxRSS        int64 // bytes
	OutputBytes   int64
	OutputDropped int64
	OutputLost    string
	Survivors     []int
	OutputJob     string // under which job's name its output lies; "": Job
	Live          []byte // what a later worker must know, in JSON; nil once it has ended
}

func (r Run) open() bool { return r.State == "queued" || r.State == "running" }

// Slot is what became of a slot of a job, or of a stretch of slots alike.
type Slot struct {
	Job     string
	At      time.Time
	Last    time.Time // of a stretch; At for one slot
	Count   int
	Outcome string
	Reason  string
	Run     string // "" when none began, or when it is kept no more
	Nominal string // local, as the schedule names it
	Note    string // what a change of the clock did to it
	Apart   bool   // slots before it have no outcome yet: it is not folded with what comes before those
}

// Job is the durable part of a job's state.
type Job struct {
	Name       string
	Cursor     time.Time // the last slot dealt with, or since when it counts
	Failures   int       // in a row
	LastRun    string
	Generation int
	SpecHash   string
	Owner      []byte // of an ad-hoc job, in JSON; nil for a job of the file
	Definition string // of an ad-hoc job
	Gone       bool   // neither the file nor the operator names it any more
}

// Override is an operator's word that is in force.
type Override struct {
	ID, Job, Kind string
	Until         time.Time
	Owner         []byte // JSON
	Reason        string
	Created       time.Time
}

// Request asks for one run.
type Request struct {
	ID, Job, Trigger string
	Slot             time.Time
	Why, Reason      string
	Created          time.Time
}

// Command is what was asked from elsewhere, once it is done.
type Command struct {
	ID     string
	Done   time.Time
	Result string // in words, for whoever asked
}

// Generation is one accepted configuration.
type Generation struct {
	Number   int
	Hash     string
	Accepted time.Time
	Owner    []byte // JSON; nil when nobody asked
	Commit   string // of the git work tree that the jobs file lay in; "" without one
	Summary  []byte // JSON
	Reason   string
	Jobs     int
	Files    []File // the jobs file first
}

// File is one file of a generation.
type File struct{ Path, Text string }

// Source is the verdict on the jobs file, opaque here.
type Source struct{ Data []byte }

// Event is something that happened. Its number is its writer's.
type Event struct {
	Seq     int64
	Time    time.Time
	Kind    string
	Job     string
	Run     string
	Slot    time.Time
	Count   int
	Message string
}

// Change says which row a replica has to read anew. What is not there any more it drops.
type Change struct {
	Seq  int64
	Kind string // run, slot, job, override, generation, rename
	// Key is the id of a run or an override, the name of a job, the number of a generation; of a slot the job and where its
	// row begins, in nanoseconds since 1970: "backup@1900000000000000000". Of a rename it is the former and the new name,
	// "backup backups": whatever the replica has of either job it drops, and reads anew all that there is of the new one. Or it
	// gives the runs and overrides that it has of the former to the new one, and drops the former's slots: the new one's row and
	// its slots follow as changes.
	Key string
}

// Boot is what a worker must know to go on where another ended.
type Boot struct {
	Generation Generation // the last one; its Number is 0 when there is none
	Jobs       []Job
	LastRuns   []Run  // of the jobs that have one
	Open       []Run  // that have not ended
	Ahead      []Slot // after their job's cursor, without their texts: the clock was set back, or an absence is being worked off
	Overrides  []Override
	Requests   []Request
	Source     Source
	EventSeq   int64
}

// State is how the journal stands.
type State struct {
	Path     string
	OK       bool   // it can be written
	Reason   string // why not, and what a crash now would cost
	Bytes    int64
	Pending  int    // rows that are in memory only
	Exposed  int    // of Pending: a crash or a stop would forget them
	Lost     Loss   // rows that found no place there either, told for a month
	SetAside string // the last damaged file that still lies beside this one
}
