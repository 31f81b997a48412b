package ipc

import "time"

// The methods. Each is defined once; the server, the client, rpc.discover
// and docs/rpc.md come from this table, and Methods lists it.
var (
	DaemonStatus  = Method[StatusParams, Status]{"daemon.status", "The daemon and every job, a page at a time."}
	DaemonReload  = Method[ReloadParams, ApplyResult]{"daemon.reload", "Read the jobs file again and apply it, also a change that is held."}
	DaemonStop    = Method[StopDaemonParams, StopDaemonResult]{"daemon.stop", "Stop the daemon: running jobs are waited for up to a limit, then stopped."}
	DaemonRestart = Method[RestartParams, RestartResult]{"daemon.restart", "Put a new worker, of the binary as it now is, in the place of this one. No job notices. Needs a keeper."}
	DaemonMetrics = Method[MetricsParams, Metrics]{"daemon.metrics", "The daemon in numbers: what lsh metrics prints."}
	DaemonExamine = Method[Empty, Examination]{"daemon.examine", "What only the daemon can tell of its surroundings, its files and its journal, which is read through, to find out what is wrong. Changes nothing."}

	ConfigPlan        = Method[PlanParams, Plan]{"config.plan", "What applying a file would change, in jobs and in time. Changes nothing."}
	ConfigApply       = Method[ApplyParams, ApplyResult]{"config.apply", "Apply a file and wait until the jobs stand as it says."}
	ConfigDiff        = Method[DiffParams, DiffResult]{"config.diff", "What differs: file against accepted, accepted against effective, or effective against running."}
	ConfigGenerations = Method[GenerationsParams, GenerationsPage]{"config.generations", "Accepted configurations, newest first, a page at a time."}
	ConfigGeneration  = Method[GenerationParams, Generation]{"config.generation", "One accepted configuration with the text of its files."}
	ConfigRollback    = Method[RollbackParams, ApplyResult]{"config.rollback", "Apply a former generation again, as a new one. The file is left as it is, and held until somebody applies it."}
	ConfigExport      = Method[ExportParams, Export]{"config.export", "Jobs as they are in effect, as one jobs file: what they have of defaults and includes is written in each."}

	JobsList   = Method[JobsListParams, JobsPage]{"jobs.list", "Jobs by name, a page at a time."}
	JobsGet    = Method[JobGetParams, JobDetail]{"jobs.get", "Everything about one job."}
	JobsRun    = Method[RunParams, RunResult]{"jobs.run", "Run a job now. The answer comes once it has started, waits, or is refused."}
	JobsStop   = Method[SelectParams, JobsResult]{"jobs.stop", "Stop the runs in progress and forget the ones that wait. The answer is the jobs as they stood before."}
	JobsPause  = Method[SelectParams, JobsResult]{"jobs.pause", "Hold jobs until they are resumed or the pause ends."}
	JobsResume = Method[SelectParams, JobsResult]{"jobs.resume", "End the pause of jobs. Slots of the pause are not made up."}
	JobsSkip   = Method[SelectParams, JobsResult]{"jobs.skip", "Skip the next slot of jobs. The answer is those that have one."}
	JobsWhy    = Method[WhyParams, WhyResult]{"jobs.why", "What became of a job's slots."}
	JobsAdd    = Method[JobAddParams, Job]{"jobs.add", "Add a job that belongs to the operator and not to the file, or change it."}
	JobsRemove = Method[JobRemoveParams, Job]{"jobs.remove", "Remove an ad-hoc job. Its run in progress finishes. The answer is the job as it stood before."}
	JobsNext   = Method[NextParams, NextResult]{"jobs.next", "Coming slots."}

	JobsExplain = Method[ExplainParams, Explanation]{"jobs.explain", "What a run of a job that began now would be, and why; what would keep it from starting."}

	RunsList   = Method[RunsListParams, RunsPage]{"runs.list", "Runs, newest first, a page at a time."}
	RunsGet    = Method[RunGetParams, Run]{"runs.get", "One run."}
	RunsWait   = Method[RunGetParams, Run]{"runs.wait", "One run, once it has ended."}
	RunsOutput = Method[OutputParams, OutputResult]{"runs.output", "The output of a run. With follow, the rest is pushed as " + NotifyOutput + " until the run has ended."}

	OverridesList  = Method[OverridesParams, OverridesResult]{"overrides.list", "The overrides in force."}
	OverridesClear = Method[OverridesClearParams, OverridesResult]{"overrides.clear", "End overrides. The answer is those that were ended."}

	EventsList      = Method[EventsListParams, EventsPage]{"events.list", "Events that are kept, the oldest first."}
	EventsSubscribe = Method[EventsParams, EventsResult]{"events.subscribe", "Push every event from now on as " + NotifyEvent + "."}

	SyncStatus = Method[Empty, Sync]{"sync.status", "How the replica in Postgres stands, and what to do when it does not."}
	SyncNow    = Method[SyncNowParams, SyncNowResult]{"sync.now", "Send what waits to the replica now, and wait for it."}
	SyncFleet  = Method[FleetParams, Fleet]{"sync.fleet", "The machines of the person, as the database has them: jobs, last results, drift, and what did not happen."}

	Discover = Method[Empty, OpenRPC]{"rpc.discover", "This table, as an OpenRPC document."}
)

// The notifications that the daemon pushes.
const (
	NotifyOutput = "runs.chunk"   // OutputChunk
	NotifyEvent  = "events.event" // EventNotification
)

// Empty is no parameters, or no result.
type Empty struct{}

// StatusParams select a page of the status.
type StatusParams struct {
	Jobs  []string `json:"jobs,omitempty"`  // only these; all when absent
	Limit int      `json:"limit,omitempty"` // at most this many jobs; 1000 when absent
	After string   `json:"after,omitempty"` // jobs by name after this one
}

// ReloadParams are those of daemon.reload.
type ReloadParams struct{}

// StopDaemonParams say how long running jobs are waited for.
type StopDaemonParams struct {
	Timeout *Seconds `json:"timeout,omitempty"` // 30 when absent; 0 stops them at once
}

// StopDaemonResult says what the daemon waits for.
type StopDaemonResult struct {
	Pid     int   `json:"pid"`
	Running []Run `json:"running,omitempty"`
}

// RestartParams are those of daemon.restart.
type RestartParams struct{}

// RestartResult says who goes and who sees to the next.
type RestartResult struct {
	KeeperPid int `json:"keeper_pid"`
	WorkerPid int `json:"worker_pid"` // that leaves
	Workers   int `json:"workers"`    // started so far; the next one counts one more
}

// GenerationsParams select a page.
type GenerationsParams struct {
	Limit int `json:"limit,omitempty"` // 100 when absent
	After int `json:"after,omitempty"` // generations before this one
}

// GenerationsPage is a page of generations, newest first, without their files.
type GenerationsPage struct {
	Generations []Generation `json:"generations"`
	Current     int          `json:"current"`
	After       int          `json:"after,omitempty"`
}

// GenerationParams name one.
type GenerationParams struct {
	Number     int  `json:"number"`
	ShowValues bool `json:"show_values,omitempty"` // of env and stdin
}

// RollbackParams name the generation to go back to.
type RollbackParams struct {
	Number  int      `json:"number"`
	DryRun  bool     `json:"dry_run,omitempty"`
	Timeout *Seconds `json:"timeout,omitempty"` // for convergence; 30 when absent
}

// PlanParams name the file.
type PlanParams struct {
	File string `json:"file,omitempty"` // absolute; the jobs file when absent
	// Draft is a file, absolute, whose text is read in place of DraftOf's: includes and relative paths mean what they mean there.
	Draft   string `json:"draft,omitempty"`
	DraftOf string `json:"draft_of,omitempty"` // File, or one that it includes, absolute; File when absent
}

// ApplyParams are those of config.apply.
type ApplyParams struct {
	File           string   `json:"file,omitempty"` // absolute; the jobs file when absent
	Plan           string   `json:"plan,omitempty"` // id: refused when it has gone stale
	DryRun         bool     `json:"dry_run,omitempty"`
	ResetOverrides bool     `json:"reset_overrides,omitempty"`
	StopRemoved    bool     `json:"stop_removed,omitempty"`
	Timeout        *Seconds `json:"timeout,omitempty"` // for convergence; 30 when absent
}

// ApplyResult is what was applied.
type ApplyResult struct {
	Plan       Plan `json:"plan"`
	Generation int  `json:"generation"`
	Applied    bool `json:"applied"`   // false: nothing differed, or a dry run
	Converged  bool `json:"converged"` // every action of the plan has been carried out
	// OverridesEnded is how many reset_overrides took back.
	OverridesEnded int `json:"overrides_ended,omitempty"`
	// Stopped are the runs that stop_removed stopped, as they stood before.
	Stopped []Run `json:"stopped,omitempty"`
}

// DiffParams choose the sides.
type DiffParams struct {
	Kind string `json:"kind,omitempty"` // file (default), drift or running
	File string `json:"file,omitempty"` // absolute; the jobs file when absent
}

// The kinds of diff.
const (
	DiffFile    = "file"
	DiffDrift   = "drift"
	DiffRunning = "running"
)

// DiffResult is a list of differences; empty when there are none.
type DiffResult struct {
	Before  string       `json:"before"` // what the left side is
	After   string       `json:"after"`
	Changes []JobChanges `json:"changes"`
}

// JobChanges are the differences of one job.
type JobChanges struct {
	Job    string  `json:"job"`
	Action string  `json:"action"`
	Fields []Field `json:"fields,omitempty"`
	Reason string  `json:"reason,omitempty"`
}

// JobsListParams select jobs.
type JobsListParams struct {
	Tag   string `json:"tag,omitempty"`
	State string `json:"state,omitempty"`
	Limit int    `json:"limit,omitempty"` // 1000 when absent
	After string `json:"after,omitempty"`
}

// JobsPage is a page of jobs by name.
type JobsPage struct {
	Jobs  []Job  `json:"jobs"`
	After string `json:"after,omitempty"`
}

// JobGetParams name a job.
type JobGetParams struct {
	Job        string `json:"job"`
	ShowValues bool   `json:"show_values,omitempty"` // of its environment
}

// RunParams ask for a run.
type RunParams struct {
	Job    string `json:"job"`
	Reason string `json:"reason,omitempty"`
}

// RunResult is the request and what the gate made of it.
type RunResult struct {
	Request string `json:"request"`
	Run     Run    `json:"run"` // running, or queued
}

// SelectParams choose jobs by name, by tag, or all.
type SelectParams struct {
	Jobs   []string  `json:"jobs,omitempty"`
	Tag    string    `json:"tag,omitempty"`
	All    bool      `json:"all,omitempty"`
	For    *Seconds  `json:"for,omitempty"`  // pause only
	Until  time.Time `json:"until,omitzero"` // pause only
	Reason string    `json:"reason,omitempty"`
}

// JobsResult are the jobs as they stand after it.
type JobsResult struct {
	Jobs []Job `json:"jobs"`
}

// WhyParams name a job and a time in its zone: 02:30 (the last such slot before now), 2026-03-08 02:30, 2026-03-08
// or yesterday (all of that day), or RFC 3339. Without a time it is about the newest entries.
type WhyParams struct {
	Job   string `json:"job"`
	Time  string `json:"time,omitempty"`
	Limit int    `json:"limit,omitempty"` // of entries, and of slots to come; 100 when absent, at most 10000
}

// WhyResult are ledger entries in order of time, and after them the slots to come.
type WhyResult struct {
	Slots []Ledger `json:"slots"`
	Older bool     `json:"older,omitempty"` // the limit cut off older entries
	Later bool     `json:"later,omitempty"` // the limit cut off slots that come later
	Note  string   `json:"note,omitempty"`  // of a time that did not exist, or why there are no slots
}

// JobAddParams are an ad-hoc job.
type JobAddParams struct {
	Job string `json:"job"`
	// Definition is the job's mapping as YAML (or JSON), as it would stand below its name in the jobs file.
	Definition string `json:"definition"`
}

// JobRemoveParams name an ad-hoc job.
type JobRemoveParams struct {
	Job  string `json:"job"`
	Stop bool   `json:"stop,omitempty"` // its runs too
}

// OverridesParams select overrides.
type OverridesParams struct {
	Job string `json:"job,omitempty"`
}

// OverridesClearParams choose overrides: by id, by job, or all.
type OverridesClearParams struct {
	IDs  []string `json:"ids,omitempty"`
	Jobs []string `json:"jobs,omitempty"`
	All  bool     `json:"all,omitempty"`
}

// OverridesResult are overrides, by job.
type OverridesResult struct {
	Overrides []Override `json:"overrides"`
}

// NextParams ask for slots.
type NextParams struct {
	Job   string    `json:"job,omitempty"`   // all when absent
	From  time.Time `json:"from,omitzero"`   // now when absent
	Limit int       `json:"limit,omitempty"` // 10 when absent, at most 10000
}

// NextResult are slots in order of time.
type NextResult struct {
	Slots []Slot `json:"slots"`
}

// RunsListParams filter runs.
type RunsListParams struct {
	Job    string    `json:"job,omitempty"`
	States []string  `json:"states,omitempty"`
	Since  time.Time `json:"since,omitzero"` // those that were admitted since then
	Until  time.Time `json:"until,omitzero"`
	Limit  int       `json:"limit,omitempty"` // 100 when absent
	After  string    `json:"after,omitempty"` // run id: runs before it
}

// RunsPage is a page of runs, newest first.
type RunsPage struct {
	Runs  []Run  `json:"runs"`
	After string `json:"after,omitempty"`
}

// RunGetParams name a run.
type RunGetParams struct {
	Run string `json:"run"`
}

// OutputParams name a run, or a job for its last run: the one in progress, else the last that was begun.
type OutputParams struct {
	Run    string `json:"run,omitempty"` // its id, or the end of it
	Job    string `json:"job,omitempty"`
	Tail   *int   `json:"tail,omitempty"`   // last lines only
	Offset int64  `json:"offset,omitempty"` // bytes to leave out at the start
	Follow bool   `json:"follow,omitempty"`
}

// OutputResult is output as it stands. What does not fit one answer follows
// from offset Offset+len(Data).
type OutputResult struct {
	Run          Run    `json:"run"`
	Data         []byte `json:"data"` // base64
	Offset       int64  `json:"offset"`
	More         bool   `json:"more,omitempty"`
	Subscription string `json:"subscription,omitempty"` // with follow
}

// OutputChunk is a piece of output that was pushed.
type OutputChunk struct {
	Subscription string `json:"subscription"`
	Offset       int64  `json:"offset"`
	Data         []byte `json:"data,omitempty"` // base64
	End          bool   `json:"end,omitempty"`  // the last one
	Run          *Run   `json:"run,omitempty"`  // with End: as it ended
}

// EventsListParams filter events that are kept. A page goes on after the seq of
// an event, 0 for the first that is kept.
type EventsListParams struct {
	Job   string `json:"job,omitempty"`
	After int64  `json:"after,omitempty"`
	Limit int    `json:"limit,omitempty"` // 500 when absent, at most 1000
}

// EventsPage is a part of the events. After is where the next page begins.
type EventsPage struct {
	Events []Event `json:"events"`
	After  int64   `json:"after,omitempty"`
}

// EventsParams filter events.
type EventsParams struct {
	Job string `json:"job,omitempty"`
	// After is the seq of the last event that the client knows: those since then, as far as they are kept, come first.
	After int64 `json:"after,omitempty"`
}

// EventsResult names the subscription.
type EventsResult struct {
	Subscription string `json:"subscription"`
	// Last is the seq of the newest event there was, 0 before the first. Less than a known one, it is that of a journal that
	// was begun anew: events.list has what is kept.
	Last int64 `json:"last"`
}

// EventNotification is what NotifyEvent carries.
type EventNotification struct {
	Subscription string `json:"subscription"`
	Event        Event  `json:"event"`
}
