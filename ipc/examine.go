package ipc

import "time"

// Examination is what only the daemon can tell of how it and its files stand, for somebody who looks for what is wrong. It says what
// is found, and leaves it to the reader what that means.
type Examination struct {
	// Path is the daemon's PATH, in which commands of jobs are looked for.
	Path string `json:"path"`
	// TZ is the daemon's; absent when it has none and goes by the system's time zone.
	TZ *string `json:"tz,omitempty"`
	// Files are the jobs file and its includes as they were accepted, EnvFiles the env files that they name.
	Files    []string `json:"files,omitempty"`
	EnvFiles []string `json:"env_files,omitempty"`
	// Includes are the patterns and paths of the includes, absolute.
	Includes []string `json:"includes,omitempty"`
	// MissingEnvFiles are those without which some job of this host cannot start.
	MissingEnvFiles []string `json:"missing_env_files,omitempty"`
	// Polling is why files are looked at every second; absent while their changes are heard of.
	Polling string `json:"polling,omitempty"`
	// SettingsChanged says that config.yaml is not what it was when the worker read it.
	SettingsChanged bool      `json:"settings_changed,omitempty"`
	Integrity       Integrity `json:"integrity"`
	// LastEnd is how the worker before this one ended, where nobody had asked it to.
	LastEnd string       `json:"last_end,omitempty"`
	Missing []MissingUse `json:"missing,omitempty"`
	// MissingMore is how many more are missing than Missing has.
	MissingMore int      `json:"missing_more,omitempty"`
	Failing     JobCount `json:"failing"`  // jobs that have failed three times in a row or more
	Paused      JobCount `json:"paused"`   // jobs that have been paused for a week, without an end
	Unusable    JobCount `json:"unusable"` // ad-hoc jobs whose definition cannot be used any more
	// Warnings are those of the start, and of the files that the daemon has to do without.
	Warnings []string `json:"warnings,omitempty"`
	// Unknown is what could not be found out, and why.
	Unknown []string `json:"unknown,omitempty"`
}

// Integrity is whether the journal's file is whole, and what it knows of the time.
type Integrity struct {
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"` // why it is not whole, or what keeps it from being read
	Hint   string `json:"hint,omitempty"`
	Path   string `json:"path,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
	// NewestAt is the time of the latest event in it: the clock was there once.
	NewestAt time.Time `json:"newest_at,omitzero"`
	SetAside string    `json:"set_aside,omitempty"` // the last damaged file that lies beside it
}

// The states of a journal's file.
const (
	IntegrityOK       = "ok"
	IntegrityDamaged  = "damaged"
	IntegrityUnusable = "unusable" // it is whole, or may be, and cannot be used
	IntegrityUnknown  = "unknown"  // it is too large to be read in the time that there is, or is being written
	IntegrityAbsent   = "absent"
)

// MissingUse is a program or a directory that jobs need and that is not there.
type MissingUse struct {
	Kind   string   `json:"kind"` // command, shell or dir
	Name   string   `json:"name"` // as the jobs have it
	Reason string   `json:"reason"`
	Hint   string   `json:"hint,omitempty"`
	Jobs   JobCount `json:"jobs"`
	// OwnPath says that the jobs are looked for in a PATH of their own.
	OwnPath bool `json:"own_path,omitempty"`
}

// The kinds of what jobs need.
const (
	MissingCommand = "command"
	MissingShell   = "shell"
	MissingDir     = "dir"
)

// JobCount is how many jobs there are of a kind, with the names of the first few.
type JobCount struct {
	Count int      `json:"count"`
	Names []string `json:"names,omitempty"`
}

// mostNames is how many a JobCount names.
const mostNames = 5

// Add counts one more job.
func (c *JobCount) Add(name string) {
	if c.Count++; len(c.Names) < mostNames {
		c.Names = append(c.Names, name)
	}
}

// Checkup is what is found without a daemon that answers: the settings that one would have, and how it would find its files.
type Checkup struct {
	Version  string           `json:"version"` // of lshd
	Settings *CheckupSettings `json:"settings,omitempty"`
	// Problems are what is wrong with the settings; there are none then.
	Problems []SettingProblem `json:"problems,omitempty"`
	Warnings []string         `json:"warnings,omitempty"`
	Pid      int              `json:"pid,omitempty"`    // of a daemon that holds the locks, whether it answers or not
	Config   *Source          `json:"config,omitempty"` // the jobs file as a daemon would find it
	// Examination is as a daemon would begin, with the PATH of whoever asks; absent when it was not asked for.
	Examination *Examination `json:"examination,omitempty"`
}

// SettingProblem is one thing wrong with the settings.
type SettingProblem struct {
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// CheckupSettings are the settings that doctor has a use for.
type CheckupSettings struct {
	ConfigFile    string `json:"config_file"`
	JobsFile      string `json:"jobs_file"`
	Socket        string `json:"socket"`
	RuntimeSocket string `json:"runtime_socket"`
	PidFile       string `json:"pid_file"`
	LogFile       string `json:"log_file"`
	StateDir      string `json:"state_dir"`
	Database      bool   `json:"database,omitempty"` // one is set
}
