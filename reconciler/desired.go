package reconciler

import (
	"cmp"
	"time"

	"github.com/lsh-project/lsh/config"
)

// Desired is what should be for one job: the file's word with the operator's
// laid over it.
type Desired struct {
	// Job is what the file says; nil when it no longer names the job.
	Job *config.Job
	// Broken says of an ad-hoc job why there is no Job: its definition is kept,
	// and cannot be used; "" when that is not so.
	Broken string
	// Spec is the hash of the process that Job describes now.
	Spec string
	// Pause is in force until its end; nil when there is none.
	Pause *Override
	// Skips are spent one a slot, the first first.
	Skips []Override
	// Requests wait for the gate, the oldest first.
	Requests []Request
	// Shutdown says that nothing new may begin, since the daemon ends.
	Shutdown bool
}

// Override is what an operator said about one job, with its end.
type Override struct {
	ID     string
	Since  time.Time // when it was said
	Until  time.Time // zero: until it is taken back
	Reason string
}

// ended tells whether o has reached its end.
func (o Override) ended(now time.Time) bool {
	return !o.Until.IsZero() && !o.Until.After(now)
}

// Request asks for one run. It ends with its run, or with a refusal.
type Request struct {
	ID      string
	Trigger Trigger
	Slot    time.Time // of @start and @boot: the instant that they name
	Why     string    // what it comes from, in words; "": the trigger says enough
	Reason  string    // the operator's own words, may be ""
	Said    string    // Reason with who said it, for where Why does not; "": Reason is enough
}

// Words are what the operator said, with who it was where that matters.
func (r Request) Words() string { return cmp.Or(r.Said, r.Reason) }

// Trigger is what a run comes from.
type Trigger string

// The triggers.
const (
	TriggerSchedule Trigger = "schedule"
	TriggerCatchUp  Trigger = "catch_up"
	TriggerManual   Trigger = "manual"
	TriggerRetry    Trigger = "retry"
)
