package mirror

import (
	"fmt"
	"slices"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
)

// Spec is what is declared of a job, in lsh.jobs.spec: without secrets, and with all that another machine needs to compute the
// job's slots.
type Spec struct {
	Schedule []string          `json:"schedule,omitempty"` // as written; absent for a job by hand
	Plain    []string          `json:"plain,omitempty"`    // the same where it depends on host and job, written out (schedule.ParsePlain)
	Timezone string            `json:"timezone,omitempty"` // the IANA name of the job's zone, else of the host's; absent where the host cannot tell
	DST      SpecDST           `json:"dst,omitzero"`
	Delay    float64           `json:"delay,omitempty"` // seconds after its instant that a slot is due
	Enabled  bool              `json:"enabled"`
	Here     bool              `json:"here"`   // `only` selects the host
	Fields   map[string]string `json:"fields"` // every key that is set and its canonical text; "(set)" for a secret
}

// SpecDST is the job's dst, where it is not the default.
type SpecDST struct {
	Gap     string `json:"gap,omitempty"`     // skip
	Overlap string `json:"overlap,omitempty"` // both
}

const (
	gapSkip     = "skip"
	overlapBoth = "both"
)

// SpecOf is what is declared of a job. hostZone is the IANA name of the host's zone, which a job without one has; "" when it
// cannot be told.
func SpecOf(job *config.Job, hostZone string) Spec {
	s := Spec{
		Schedule: job.Schedule, Timezone: job.Timezone, Delay: job.Delay.Seconds(), Enabled: job.Enabled, Here: job.Here, Fields: map[string]string{},
	}
	if s.Timezone == "" || s.Timezone == "Local" {
		s.Timezone = hostZone
	}
	for _, one := range job.Slots {
		s.Plain = append(s.Plain, one.Plain())
	}
	if slices.Equal(s.Plain, s.Schedule) {
		s.Plain = nil
	}
	if job.DST.Gap == schedule.GapSkip {
		s.DST.Gap = gapSkip
	}
	if job.DST.Overlap == schedule.OverlapBoth {
		s.DST.Overlap = overlapBoth
	}
	for _, f := range config.Fields(job) {
		if f.Value != "" {
			s.Fields[f.Key] = f.Value
		}
	}
	return s
}

// DueAfter is how long after their instants slots are due.
func (s Spec) DueAfter() time.Duration {
	return time.Duration(s.Delay * float64(time.Second)).Round(time.Millisecond)
}

// Slots are the job's schedules, compiled, as its host has them.
func (s Spec) Slots(zones *schedule.Locations) (schedule.Set, error) {
	texts := s.Plain
	if len(texts) == 0 {
		texts = s.Schedule
	}
	if len(texts) == 0 {
		return nil, nil
	}
	if s.Timezone == "" {
		return nil, fmt.Errorf("compute slots: the zone of the host is not known")
	}
	o := schedule.Options{}
	var err error
	if o.Location, err = zones.Load(s.Timezone); err != nil {
		return nil, fmt.Errorf("compute slots: %w", err)
	}
	if s.DST.Gap == gapSkip {
		o.DST.Gap = schedule.GapSkip
	}
	if s.DST.Overlap == overlapBoth {
		o.DST.Overlap = schedule.OverlapBoth
	}
	set := make(schedule.Set, len(texts))
	for i, text := range texts {
		if set[i], err = schedule.ParsePlain(text, o); err != nil {
			return nil, fmt.Errorf("compute slots: %w", err)
		}
	}
	return set, nil
}
