package daemon

import (
	"os"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// The states of a job in the first protocol.
const (
	legacyCreated   = "created"
	legacyRunning   = "running"
	legacyStopped   = "stopped"
	legacyPaused    = "paused"
	legacyCompleted = "completed"
	legacyFailed    = "failed"
	legacyKilled    = "killed"
)

// legacyJob is a job in the first protocol. What a run printed, to stdout and
// to stderr, is kept in one file: all of it is Stdout.
type legacyJob struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Command      string            `json:"command"`
	Args         []string          `json:"args,omitempty"`
	Type         string            `json:"type"`
	Status       string            `json:"status"`
	Priority     float64           `json:"priority"`
	Pid          int               `json:"pid,omitempty"`
	CreatedAt    legacyTime        `json:"createdAt,omitzero"`
	StartedAt    legacyTime        `json:"startedAt,omitzero"`
	CompletedAt  legacyTime        `json:"completedAt,omitzero"`
	Env          map[string]string `json:"env,omitempty"` // of a job that came by this protocol; those of others may be secret
	Cwd          string            `json:"cwd,omitempty"`
	User         string            `json:"user,omitempty"`
	Timeout      int64             `json:"timeout"` // ms; 0 is none
	Stdout       string            `json:"stdout,omitempty"`
	Stderr       string            `json:"stderr,omitempty"`
	ExitCode     *int              `json:"exitCode,omitempty"`
	Error        string            `json:"error,omitempty"`
	Tags         []string          `json:"tags"`
	MaxRetries   int               `json:"maxRetries"`
	RetryCount   int               `json:"retryCount"`
	Description  string            `json:"description,omitempty"`
	DatabaseSync bool              `json:"databaseSync"`
	Schedule     *legacySchedule   `json:"schedule,omitempty"`

	last *ipc.Run // whose output is its
}

// legacySchedule is when a job runs.
type legacySchedule struct {
	Cron     string     `json:"cron,omitempty"`
	Interval float64    `json:"interval,omitempty"` // ms
	NextRun  legacyTime `json:"nextRun,omitzero"`
}

// shown tells whether a job is one in the first protocol: there is none of
// which only runs are left.
func (l *legacy) shown(e *entry) bool { return e.job.Load() != nil || e.view.Load().addedBy != nil }

// find is the job of an id, which is its name where the job did not come by
// this protocol.
func (l *legacy) find(id string) (*entry, bool) {
	if id == "" {
		return nil, false
	}
	for _, e := range l.table.all() {
		if r, ok := recordOf(e.view.Load().definition); ok && r.ID == id && l.shown(e) {
			return e, true
		}
	}
	e, ok := l.table.find(id)
	return e, ok && l.shown(e)
}

func legacyNotFound(id string) error {
	if id == "" {
		return ipc.Errorf(ipc.CodeInvalidParams, "Job id is required")
	}
	return ipc.Errorf(ipc.CodeUnknownJob, "Job %s not found", id)
}

// job is a job as it stands, without its output.
func (l *legacy) job(e *entry) legacyJob {
	v, job := e.view.Load(), e.job.Load()
	r, added := recordOf(v.definition)
	if !added {
		r = l.declared(e.name, job)
	}
	j := legacyJob{
		ID: r.ID, Name: r.Name, Command: r.Command, Args: r.Args, Type: r.Type, Priority: r.Priority, CreatedAt: legacyTime{r.CreatedAt},
		User: r.User, MaxRetries: r.MaxRetries, DatabaseSync: r.DatabaseSync, Tags: append([]string{}, r.Tags...),
	}
	if s := (legacySchedule{Cron: r.Cron, Interval: r.Interval, NextRun: legacyTime{v.next}}); s != (legacySchedule{}) {
		j.Schedule = &s
	}
	if job != nil {
		j.Cwd, j.Timeout, j.Description = job.Dir, job.Timeout.Milliseconds(), job.Description
	}
	if job != nil && added {
		j.Env = map[string]string{}
		for _, variable := range job.Env {
			j.Env[variable.Name] = variable.Value
		}
	}
	l.stand(&j, v, r.CreatedAt)
	return j
}

// stand adds how a job stands. A run before the job was added is another's.
func (l *legacy) stand(j *legacyJob, v *view, since time.Time) {
	now := v.lives()
	last := v.last
	if len(now.running) > 0 {
		last = now.running[len(now.running)-1]
	}
	if last != nil && v.addedBy != nil && beganAt(last).Before(since) {
		last = nil
	}
	j.Status = legacyState(last)
	if paused(now.overrides) && j.Status != legacyRunning {
		j.Status = legacyPaused
	}
	if last == nil {
		return
	}
	j.last = last
	j.StartedAt, j.CompletedAt, j.ExitCode = legacyTime{last.StartedAt}, legacyTime{last.EndedAt}, last.ExitCode
	j.RetryCount = max(0, last.Attempt-1)
	switch j.Status {
	case legacyRunning:
		j.Pid = last.Pid
	case legacyFailed, legacyKilled:
		j.Error = last.Reason
	}
}

// beganAt is when a run began, or failed to.
func beganAt(r *ipc.Run) time.Time {
	if r.StartedAt.IsZero() {
		return r.EndedAt
	}
	return r.StartedAt
}

// legacyState is the state of a job whose last run this is; nil is none.
func legacyState(r *ipc.Run) string {
	switch {
	case r == nil:
		return legacyCreated
	case !ended(r.State):
		return legacyRunning
	case r.State == ipc.RunSucceeded:
		return legacyCompleted
	case r.State == ipc.RunStopped:
		return legacyStopped
	case r.State == ipc.RunTimedOut || r.Signal == "KILL":
		return legacyKilled
	}
	return legacyFailed
}

// declared is what the record of a job would say that did not come by this
// protocol.
func (l *legacy) declared(name string, job *config.Job) legacyRecord {
	r := legacyRecord{ID: name, Name: name, Type: legacyShell, Priority: legacyPriority, User: config.UserName(os.Geteuid())}
	if job == nil {
		return r
	}
	if len(job.Argv) > 0 {
		r.Command, r.Args = job.Argv[0], job.Argv[1:]
	} else {
		r.Command = job.Command
	}
	r.Tags, r.MaxRetries, r.DatabaseSync = job.Tags, job.Retry.Max, l.mirror != nil
	if job.Source.File != adHocFile {
		r.CreatedAt = l.facts.Load().acceptedAt
	}
	if len(job.Schedule) == 0 {
		return r
	}
	r.Type = legacyScheduled
	if every, is := strings.CutPrefix(job.Schedule[0], "@every "); is && len(job.Schedule) == 1 {
		if d, err := config.ParseDuration(strings.TrimSpace(every)); err == nil {
			r.Interval = float64(d.Milliseconds())
			return r
		}
	}
	r.Cron = strings.Join(job.Schedule, ", ")
	return r
}
