package config

import (
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// Config is one accepted reading of the jobs file and its includes. It is
// immutable: every load makes a new one, and two of them are compared by
// reconciler.Diff.
type Config struct {
	// Files are the jobs file and its includes, the jobs file first.
	Files []File
	// Hash is over the paths and contents of Files, in hex.
	Hash string
	// Jobs are sorted by name.
	Jobs []*Job
	// Groups are the admission limits by name.
	Groups map[string]Group
	// EnvFiles are the paths of every env file named by a job, sorted, so
	// that the watcher can follow them.
	EnvFiles []string
	// Includes are the absolute include patterns of all files, sorted.
	Includes []string

	index map[string]*Job
}

// Job finds a job by its name, nil when there is none.
func (c *Config) Job(name string) *Job {
	if c == nil {
		return nil
	}
	return c.index[name]
}

// File is one file that was read.
type File struct {
	Path string // absolute, as named
	Sum  string // SHA-256 of the content in hex
}

// Group is an admission limit shared by the jobs that name it.
type Group struct {
	MaxParallel int // at least 1
}

// Job is one declared job, with the file's defaults laid under it, every
// path expanded and every duration parsed. It is immutable.
type Job struct {
	Name        string
	Description string
	Tags        []string
	Enabled     bool
	Only        Only
	Source      Source

	Process  // what is started
	Schedule []string
	Timezone string // as written; "" is the system's
	Jitter   time.Duration
	DST      schedule.DST
	// Slots is Schedule, compiled; empty for a job that runs only by hand.
	Slots schedule.Set
	// Delay is the job's own share of Jitter: each slot is due this much
	// after its instant.
	Delay time.Duration

	CatchUp       CatchUp
	CatchUpWithin time.Duration // window looking back, 24 h when not written

	Overlap  Overlap
	Group    string
	Timeout  time.Duration // 0 is none
	Stop     Stop
	Success  []int // exit codes, sorted, never empty
	OnChange OnChange
	Retry    Retry
	Output   Output
	// MovedFrom is the job's former name; "" when it has none.
	MovedFrom string

	// Here says whether `only` selects this host; NotHere says why not.
	Here    bool
	NotHere string
}

// Process is the part of a job that shapes its process. Two jobs whose
// Process hash alike start the same thing.
type Process struct {
	Command    string   // a text for the shell; "" when Argv is set
	Argv       []string // exec'd as it is; nil when Command is set
	Shell      []string // argv prefix for Command
	Stdin      string
	Dir        string // absolute
	Env        []EnvVar
	EnvFile    []EnvFile
	InheritEnv []string
	Umask      *uint32
	Nice       *int
}

// EnvVar is one variable of the job's `env`, sorted by name in Process.
type EnvVar struct{ Name, Value string }

// EnvFile is one file of dotenv lines, read at each start.
type EnvFile struct {
	Path     string // absolute
	Optional bool   // written with a leading "-": may be missing
}

// Only selects the hosts on which a job exists; empty lists select all.
type Only struct{ Hosts, OS []string }

// Stop is how a run is asked to end.
type Stop struct {
	Signal string        // without SIG, upper case
	Grace  time.Duration // then KILL
}

// Source is where a job is declared.
type Source struct {
	File string
	Line int
}

// Overlap is what a slot does that comes due while a run is in progress.
type Overlap uint8

// The overlap policies.
const (
	OverlapSkip Overlap = iota
	OverlapQueue
	OverlapReplace
	OverlapAllow
)

// CatchUp is what becomes of slots that were missed.
type CatchUp uint8

// The catch-up policies.
const (
	CatchUpNone CatchUp = iota
	CatchUpOne          // the last of them runs
	CatchUpAll          // each of them runs
)

// Retry is how often and when a failed run is begun again.
type Retry struct {
	Max      int           // further attempts; 0 is none
	Delay    time.Duration // before the first one; it doubles with each
	MaxDelay time.Duration // at most
	On       []int         // only after these exit codes, sorted; empty: after any failure
}

// Output is what is kept of what runs print.
type Output struct {
	MaxSize  int64         // bytes of one run's output; head and tail of more are kept
	KeepRuns int           // ended runs that are kept with their output
	KeepFor  time.Duration // and for how long
}

// OnChange is what a changed process spec does to a run in progress.
type OnChange struct {
	Action ChangeAction
	Signal string // with ChangeSignal: without SIG, upper case
}

// ChangeAction is the verb of OnChange.
type ChangeAction uint8

// The actions of on_change.
const (
	ChangeFinish ChangeAction = iota
	ChangeRestart
	ChangeSignal
)
