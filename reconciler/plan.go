package reconciler

import (
	"fmt"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
)

// Plan is what a proposed configuration changes against the applied one.
type Plan struct {
	ID             string // of (base generation, proposed files)
	BaseGeneration int
	Hash           string // of the proposed files
	Now            time.Time
	Changes        []Change // by name of the job
	Jobs           int      // that are applied
	Left           int      // that would be left
}

// Change is what becomes of one job.
type Change struct {
	Job    string
	From   string // ActionRename: the former name
	Action Act
	Class  config.Class
	Fields []config.FieldChange
	Reason string
	Before *config.Job // nil for an added job
	After  *config.Job // nil for a removed one
	// Reschedules: the coming slots are others, counted from now.
	Reschedules bool
	Runs        []Run // in progress
	Warnings    []string
}

// Act is what a file does to a job.
type Act string

// What a file does to a job.
const (
	ActionAdd    Act = "add"
	ActionChange Act = "change"
	ActionRemove Act = "remove"
	ActionRename Act = "rename"
)

// Empty tells whether the plan changes no job.
func (p Plan) Empty() bool { return len(p.Changes) == 0 }

// Summary counts the changes by class.
func (p Plan) Summary() map[config.Class]int {
	counts := map[config.Class]int{}
	for _, c := range p.Changes {
		counts[c.Class]++
	}
	return counts
}

// holdFrom is the size from which a file that loses more than half of its
// jobs is taken for an accident.
const holdFrom = 4

// Hold says why a change by file watch is not applied before an operator
// confirms it; "" when it may be.
func (p Plan) Hold() string {
	removed := 0
	for _, c := range p.Changes {
		if c.Action == ActionRemove {
			removed++
		}
	}
	switch {
	case removed == 0:
		return ""
	case p.Left == 0:
		return fmt.Sprintf("it removes every job (%d)", removed)
	case p.Jobs >= holdFrom && 2*removed > p.Jobs:
		return fmt.Sprintf("it removes %d of %d jobs", removed, p.Jobs)
	}
	return ""
}

// String is the plan in a line for the log.
func (p Plan) String() string {
	if p.Empty() {
		return "no job changes"
	}
	var parts []string
	counts := p.Summary()
	for _, c := range config.Classes() {
		if n := counts[c]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c))
		}
	}
	return strings.Join(parts, ", ")
}

// shown is how many coming slots a plan tells.
const shown = 3

// Next are the first slots of a job after a time, at most three.
func Next(j *config.Job, after time.Time) []time.Time {
	if j == nil {
		return nil
	}
	var due []time.Time
	for c := range Slots(Desired{Job: j}, after) {
		due = append(due, c.Due)
		if len(due) == shown {
			break
		}
	}
	return due
}

// weekAtMost bounds the counting of slots; a job that comes more often than
// that is not told by counting its week.
const weekAtMost = 1000

// Week counts the slots of a job within seven days after a time; 0 when
// there are too many to tell a difference by.
func Week(j *config.Job, after time.Time) int {
	if j == nil {
		return 0
	}
	n, end := 0, after.Add(7*24*time.Hour)
	for c := range Slots(Desired{Job: j}, after) {
		if !c.At.Before(end) {
			return n
		}
		if n++; n > weekAtMost {
			return 0
		}
	}
	return n
}
