package ipc

import (
	"math"
	"time"
)

// Run is one execution of a job.
type Run struct {
	ID          string    `json:"id"`
	Job         string    `json:"job"`
	State       string    `json:"state"`
	Trigger     string    `json:"trigger"`
	Attempt     int       `json:"attempt"`
	ScheduledAt time.Time `json:"scheduled_at,omitzero"` // the slot; absent for a run by hand
	NotBefore   time.Time `json:"not_before,omitzero"`   // of a retry that waits: when its delay is over
	StartedAt   time.Time `json:"started_at,omitzero"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	Duration    *Seconds  `json:"duration,omitempty"`  // of an ended run
	Lateness    *Seconds  `json:"lateness,omitempty"`  // start after the slot was due
	ExitCode    *int      `json:"exit_code,omitempty"` // of a process that exited
	Signal      string    `json:"signal,omitempty"`    // of a process that was ended by one, as KILL
	Pid         int       `json:"pid,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Generation  int       `json:"generation,omitempty"`
	SpecHash    string    `json:"spec_hash,omitempty"`
	CPUSeconds  *Seconds  `json:"cpu_seconds,omitempty"`
	MaxRSSBytes int64     `json:"max_rss_bytes,omitempty"` // peak; absent when it cannot be told apart from the daemon's own
	OutputBytes int64     `json:"output_bytes,omitempty"`
	// OutputDropped is how many bytes of it were dropped from the middle (output.max_size).
	OutputDropped int64 `json:"output_dropped,omitempty"`
	// OutputLost says why output is missing or may be; absent when all is there.
	OutputLost string `json:"output_lost,omitempty"`
	Survivors  []int  `json:"survivors,omitempty"` // pids of its process group that outlive it
}

// The states of a run.
const (
	RunQueued    = "queued"
	RunRunning   = "running"
	RunSucceeded = "succeeded"
	RunFailed    = "failed"
	RunTimedOut  = "timed_out"
	RunStopped   = "stopped"
	RunLost      = "lost"
)

// Job is one job as it stands.
type Job struct {
	Name        string     `json:"name"`
	State       string     `json:"state"`
	Description string     `json:"description,omitempty"`
	Tags        []string   `json:"tags,omitempty"`
	Owner       string     `json:"owner"`              // file, or operator: an ad-hoc job
	AddedBy     *Owner     `json:"added_by,omitempty"` // of an ad-hoc job
	Source      string     `json:"source,omitempty"`   // file:line; absent for an ad-hoc job
	Schedule    []string   `json:"schedule,omitempty"` // absent for a job by hand
	Timezone    string     `json:"timezone,omitempty"`
	Next        time.Time  `json:"next,omitzero"`
	Running     []Run      `json:"running,omitempty"`
	Queued      []Run      `json:"queued,omitempty"`
	LastRun     *Run       `json:"last_run,omitempty"`
	Failures    int        `json:"failures"` // in a row
	Overrides   []Override `json:"overrides,omitempty"`
	Generation  int        `json:"generation"` // that last changed the job
	SpecHash    string     `json:"spec_hash"`
	Warnings    []string   `json:"warnings,omitempty"`
}

// The states of a job.
const (
	JobScheduled = "scheduled"
	JobRunning   = "running"
	JobPaused    = "paused"
	JobDisabled  = "disabled"
	JobWaiting   = "waiting" // a run is queued, for its group or for its own run before
	JobNotHere   = "not_here"
	JobManual    = "manual"
	JobRemoved   = "removed" // gone from the file, its run still in progress
)

// JobDetail is everything about one job.
type JobDetail struct {
	Job
	Argv     []string          `json:"argv"`      // exactly what is exec'd
	Dir      string            `json:"dir"`       // where
	EnvNames []string          `json:"env_names"` // of a run; values only when asked for
	Env      map[string]string `json:"env,omitempty"`
	Settings []Setting         `json:"settings"` // every key that is set, canonical
	LastRuns []Run             `json:"last_runs,omitempty"`
}

// Setting is one key of a job and its canonical text.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Override is what an operator said, laid over what the file says.
type Override struct {
	ID        string    `json:"id"`
	Job       string    `json:"job"`
	Kind      string    `json:"kind"` // pause or skip
	Until     time.Time `json:"until,omitzero"`
	Owner     Owner     `json:"owner"`
	Reason    string    `json:"reason,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// The kinds of override.
const (
	OverridePause = "pause"
	OverrideSkip  = "skip"
)

// Owner is who said it.
type Owner struct {
	UID     int    `json:"uid"`
	User    string `json:"user,omitempty"`
	Pid     int    `json:"pid,omitempty"`
	Command string `json:"command,omitempty"`
	From    string `json:"from,omitempty"` // elsewhere: it came by way of the database, and user is a role of that; absent: from this host
}

// FromElsewhere is the value of Owner.From.
const FromElsewhere = "elsewhere"

// Problem is one thing wrong with the jobs file.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Key     string `json:"key"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Excerpt string `json:"excerpt"`
}

// Status is the daemon and every job.
type Status struct {
	Daemon Daemon `json:"daemon"`
	Jobs   []Job  `json:"jobs"`
	// After is the cursor of the next page; absent on the last.
	After string `json:"after,omitempty"`
}

// Daemon is the daemon itself.
type Daemon struct {
	Pid        int       `json:"pid"`
	WorkerPid  int       `json:"worker_pid"`
	Version    string    `json:"version"`
	StartedAt  time.Time `json:"started_at"`
	Generation int       `json:"generation"`
	Config     Source    `json:"config"`
	Keeper     Keeper    `json:"keeper"`
	Journal    Journal   `json:"journal"`
	Sockets    []Socket  `json:"sockets"`
	LogFile    string    `json:"log_file,omitempty"`
	PidFile    string    `json:"pid_file,omitempty"`
	Apply      string    `json:"apply"` // auto, or manual: every change of the file waits for lsh apply
	StateDir   string    `json:"state_dir"`
	Stopping   bool      `json:"stopping,omitempty"`
	Sync       *Sync     `json:"sync,omitempty"` // absent while no database is set
	Warnings   []string  `json:"warnings,omitempty"`
}

// Keeper is the parent that outlives the worker.
type Keeper struct {
	State string `json:"state"`
	Pid   int    `json:"pid,omitempty"`
	// Workers counts the workers that it has started, this one included.
	Workers int `json:"workers,omitempty"`
}

// The states of the keeper.
const (
	KeeperPresent = "present"
	KeeperNone    = "none" // the daemon was started without one
	KeeperGone    = "gone" // it has died: the next death of the worker is not noticed
)

// Journal is the durable record of everything.
type Journal struct {
	State   string `json:"state"`
	Path    string `json:"path"`
	Bytes   int64  `json:"bytes,omitempty"`   // on disk
	Reason  string `json:"reason,omitempty"`  // why it is not ok, and what a crash now could cost
	Pending int    `json:"pending,omitempty"` // rows that wait to be written
	Lost    int    `json:"lost,omitempty"`    // rows that found no place in memory either; told for a month
	// LostSince and LostUntil are between when these rows were lost.
	LostSince time.Time `json:"lost_since,omitzero"`
	LostUntil time.Time `json:"lost_until,omitzero"`
	// SetAside is the damaged file that this journal took the place of, while it lies there.
	SetAside string `json:"set_aside,omitempty"`
}

// The states of the journal.
const (
	JournalOK       = "ok"
	JournalDegraded = "degraded" // it cannot be written now; rows are kept in memory
)

// Source is the jobs file as the daemon sees it.
type Source struct {
	State      string    `json:"state"`
	Path       string    `json:"path"`
	RealPath   string    `json:"real_path,omitempty"`
	AcceptedAt time.Time `json:"accepted_at,omitzero"`
	Reason     string    `json:"reason,omitempty"` // why it is not accepted
	Problems   []Problem `json:"problems,omitempty"`
	Plan       *Plan     `json:"plan,omitempty"` // of a held change
}

// The states of the jobs file.
const (
	SourceAccepted = "accepted"
	SourceHeld     = "held"
	SourceInvalid  = "invalid"
	SourceMissing  = "missing"
	SourceBusy     = "busy"
)

// Socket is one listener.
type Socket struct {
	Path  string `json:"path"`
	Error string `json:"error,omitempty"` // why the daemon does not listen there
}

// Plan is what applying a file changes, in jobs and in time.
type Plan struct {
	ID             string         `json:"id"`
	BaseGeneration int            `json:"base_generation"`
	Hash           string         `json:"hash"` // of the proposed files
	Path           string         `json:"path"`
	RealPath       string         `json:"real_path,omitempty"`
	AcceptedAt     time.Time      `json:"accepted_at,omitzero"` // of the base
	Changes        []Change       `json:"changes"`
	Overrides      []Override     `json:"overrides,omitempty"` // in force
	CatchUp        []CatchUp      `json:"catch_up,omitempty"`  // slots that were missed and what becomes of them
	Held           string         `json:"held,omitempty"`      // why a file change like this waits for lsh apply
	Offline        bool           `json:"offline,omitempty"`   // made without a daemon, against what the last one has left
	AsOf           time.Time      `json:"as_of,omitzero"`      // of an offline plan: when the last one wrote; absent when none has
	Summary        map[string]int `json:"summary"`             // class: count
}

// Change is what happens to one job.
type Change struct {
	Job        string      `json:"job"`
	From       string      `json:"from,omitempty"` // former name of a rename
	Action     string      `json:"action"`
	Class      string      `json:"class"`
	Fields     []Field     `json:"fields,omitempty"`
	Reason     string      `json:"reason"`
	NextBefore []time.Time `json:"next_before,omitempty"`
	NextAfter  []time.Time `json:"next_after,omitempty"`
	WeekBefore int         `json:"week_before,omitempty"` // slots within seven days
	WeekAfter  int         `json:"week_after,omitempty"`
	Runs       []Run       `json:"runs,omitempty"` // in progress
	Warnings   []string    `json:"warnings,omitempty"`
}

// The actions and classes of a change.
const (
	ActionAdd    = "add"
	ActionChange = "change"
	ActionRemove = "remove"
	ActionRename = "rename"

	ClassHot     = "hot"
	ClassNextRun = "next_run"
	ClassRestart = "restart"
	ClassStart   = "start"
	ClassStop    = "stop"
)

// CatchUp is what becomes of a job's slots that were missed.
type CatchUp struct {
	Job    string    `json:"job"`
	From   time.Time `json:"from"` // the first slot that was missed
	To     time.Time `json:"to"`   // the last
	Slots  int       `json:"slots"`
	Runs   int       `json:"runs"` // how many of them will run
	Reason string    `json:"reason"`
}

// Ledger is what became of one slot, or of a stretch of slots alike.
type Ledger struct {
	Job     string    `json:"job"`
	Nominal string    `json:"nominal"` // local, no offset
	At      time.Time `json:"at"`
	Last    time.Time `json:"last,omitzero"` // of a stretch: its last slot
	Outcome string    `json:"outcome"`
	Reason  string    `json:"reason"`
	RunID   string    `json:"run_id,omitempty"`
	// Run is the last attempt of the slot; run_id is the first.
	Run *Run `json:"run,omitempty"`
	// Attempts counts them; absent where the first was the only one.
	Attempts int    `json:"attempts,omitempty"`
	Count    int    `json:"count"`          // slots that the entry stands for
	Note     string `json:"note,omitempty"` // what a change of the clock did to it
}

// The outcomes of a slot.
const (
	OutcomeRan       = "ran"
	OutcomeSkipped   = "skipped"
	OutcomeMissed    = "missed"
	OutcomeCaughtUp  = "caught_up"
	OutcomeCollapsed = "collapsed"
	OutcomeRefused   = "refused"
	OutcomePending   = "pending" // not due yet, or waiting
)

// Generation is one accepted configuration.
type Generation struct {
	Number     int            `json:"number"`
	Hash       string         `json:"hash"`
	AcceptedAt time.Time      `json:"accepted_at"`
	Owner      *Owner         `json:"owner,omitempty"` // who asked; absent when it was applied on save or at start
	Git        *Git           `json:"git,omitempty"`   // of the work tree that the jobs file lay in; absent without one
	Summary    map[string]int `json:"summary"`         // class: count, against the one before
	Reason     string         `json:"reason"`          // what it came from
	Jobs       int            `json:"jobs"`
	Files      []FileText     `json:"files,omitempty"` // config.generation only
}

// Git says where a work tree stood in version control. Whether a file in it had
// changes of its own is not told.
type Git struct {
	Commit string `json:"commit"` // that was checked out
}

// FileText is one file of a generation.
type FileText struct {
	Path   string `json:"path"`
	Text   string `json:"text"`
	Hidden bool   `json:"hidden,omitempty"` // dots stand for values of env or stdin
}

// Field is one key before and after; values that may be secret are not told.
type Field struct {
	Key    string `json:"key"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Slot is one coming slot.
type Slot struct {
	Job     string    `json:"job"`
	At      time.Time `json:"at"`
	Nominal string    `json:"nominal"` // local, no offset
	Note    string    `json:"note,omitempty"`
}

// Event is something that happened.
type Event struct {
	Seq     int64     `json:"seq"`
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind"` // as run.started, config.accepted, slot.skipped
	Job     string    `json:"job,omitempty"`
	Run     *Run      `json:"run,omitempty"`
	Slot    time.Time `json:"slot,omitzero"`
	Count   int       `json:"count,omitempty"` // of slots, from Slot on
	Message string    `json:"message"`
}

// Seconds is a duration on the wire: a number of seconds.
type Seconds float64

// InSeconds is d on the wire.
func InSeconds(d time.Duration) *Seconds {
	s := Seconds(d.Seconds())
	return &s
}

// Duration is s as a time.Duration; what does not fit one is the longest.
func (s Seconds) Duration() time.Duration {
	ns := float64(s) * float64(time.Second)
	switch {
	case ns >= math.MaxInt64:
		return math.MaxInt64
	case ns <= math.MinInt64:
		return math.MinInt64
	default:
		return time.Duration(ns)
	}
}
