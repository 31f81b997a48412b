package ipc

import "time"

// ExplainParams name a job.
type ExplainParams struct {
	Job        string `json:"job"`
	ShowValues bool   `json:"show_values,omitempty"` // of its environment and its standard input
}

// Explanation is what a run of a job that began now would be, and why. It goes the way that a run goes, up to the start.
type Explanation struct {
	Job
	Argv     []string            `json:"argv"`              // exactly what is exec'd
	Program  string              `json:"program,omitempty"` // the file that is; absent when there is none
	Command  string              `json:"command,omitempty"` // the first word of a text for a shell, as the file that it names
	Dir      string              `json:"dir"`
	Stdin    *string             `json:"stdin,omitempty"` // with show_values
	Schedule []ExplainedSchedule `json:"schedules"`
	Keys     []ExplainedKey      `json:"keys"` // what shapes the run and when it begins, also where nothing is written
	Env      []ExplainedVar      `json:"env"`
	Findings []string            `json:"findings"` // what would keep a run from starting, or fail it
}

// ExplainedSchedule is one of the schedules of a job in words.
type ExplainedSchedule struct {
	Text     string    `json:"text"`
	Words    string    `json:"words"`              // when it comes due, by the clock of the time zone
	Timezone string    `json:"timezone,omitempty"` // the system's where the job names none; absent for @every and the like
	Clock    string    `json:"clock,omitempty"`    // what a change of the clock does to it
	Next     time.Time `json:"next,omitzero"`      // its next slot, without jitter
	Note     string    `json:"note,omitempty"`     // on that slot
}

// ExplainedKey is one key of a job in words.
type ExplainedKey struct {
	Key     string `json:"key"`
	Words   string `json:"words"`
	Written string `json:"written,omitempty"` // file:line; absent for what holds where nothing is written
	Default bool   `json:"default,omitempty"` // it is written among the defaults
}

// ExplainedVar is one variable of a run's environment.
type ExplainedVar struct {
	Name    string  `json:"name"`
	From    string  `json:"from"`              // daemon, inherit_env, env_file, env or run
	Written string  `json:"written,omitempty"` // file:line, for env_file and env
	Default bool    `json:"default,omitempty"` // it is written among the defaults
	Value   *string `json:"value,omitempty"`   // with show_values; absent where each run has another
}

// The places where variables come from.
const (
	FromDaemon  = "daemon"      // what every run has of the daemon's environment
	FromInherit = "inherit_env" // what this job has of it besides
	FromFile    = "env_file"
	FromJob     = "env"
	FromRun     = "run" // what tells a run what it is
)
