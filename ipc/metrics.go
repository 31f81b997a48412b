package ipc

import "time"

// MetricsParams say whether the jobs are told of one by one, a page at a time.
type MetricsParams struct {
	Jobs  bool   `json:"jobs,omitempty"`
	Limit int    `json:"limit,omitempty"` // at most this many jobs; 1000 when absent
	After string `json:"after,omitempty"` // jobs by name after this one
}

// Metrics are the daemon in numbers. Counts, and all that is called a total, begin at 0 with each worker.
type Metrics struct {
	At      time.Time      `json:"at"`
	Daemon  ProcessMetrics `json:"daemon"`
	Config  ConfigMetrics  `json:"config"`
	Jobs    JobsMetrics    `json:"jobs"`
	Runs    RunsMetrics    `json:"runs"`
	Slots   SlotsMetrics   `json:"slots"`
	Journal JournalMetrics `json:"journal"`
	Sync    *SyncMetrics   `json:"sync,omitempty"` // absent while no database is set
	// ByJob are the jobs by name, when they were asked for.
	ByJob []JobMetrics `json:"by_job,omitempty"`
	// After is the cursor of the next page of jobs; absent on the last.
	After string `json:"after,omitempty"`
}

// ProcessMetrics are those of the daemon's processes.
type ProcessMetrics struct {
	Version         string    `json:"version"`
	StartedAt       time.Time `json:"started_at"`
	WorkerStartedAt time.Time `json:"worker_started_at"`
	WorkerRestarts  int       `json:"worker_restarts"` // since started_at
	Connections     int       `json:"connections"`     // open now
}

// ConfigMetrics are those of the jobs file.
type ConfigMetrics struct {
	State      string           `json:"state"` // as in Source
	Generation int              `json:"generation"`
	AcceptedAt time.Time        `json:"accepted_at,omitzero"`
	Problems   int              `json:"problems"`
	Reloads    map[string]int64 `json:"reloads"` // by result
}

// ReloadUnchanged is a result of a reload; the others are the states of the jobs file.
const ReloadUnchanged = "unchanged" // asked for, and nothing differed

// JobsMetrics count jobs.
type JobsMetrics struct {
	States  map[string]int `json:"states"`
	Failing int            `json:"failing"` // whose last run failed
}

// RunsMetrics are those of runs.
type RunsMetrics struct {
	Running  int              `json:"running"`
	Queued   int              `json:"queued"`
	Started  int64            `json:"started"`
	Ended    map[string]int64 `json:"ended"` // by the state in which it ended
	Duration Histogram        `json:"duration"`
}

// SlotsMetrics are those of slots.
type SlotsMetrics struct {
	Outcomes map[string]int64 `json:"outcomes"`
	Lateness Histogram        `json:"lateness"` // of the runs that slots began, catch-up and retries aside: start minus due
}

// JournalMetrics are those of the journal.
type JournalMetrics struct {
	State          string    `json:"state"` // as in Journal
	Bytes          int64     `json:"bytes"`
	Pending        int       `json:"pending"` // rows that wait to be written
	Lost           int       `json:"lost"`    // rows that found no place; told for a month
	Commit         Histogram `json:"commit"`
	CommitFailures int64     `json:"commit_failures"`
}

// SyncMetrics are those of the replica in Postgres.
type SyncMetrics struct {
	State     string    `json:"state"` // as in Sync
	Backlog   int64     `json:"backlog"`
	LastAckAt time.Time `json:"last_ack_at,omitzero"`
	SyncedAt  time.Time `json:"synced_at,omitzero"` // all that had happened by then has arrived
	SetAside  int       `json:"set_aside"`
}

// JobMetrics are those of one job.
type JobMetrics struct {
	Job           string    `json:"job"`
	Result        string    `json:"result,omitempty"` // of the last run; absent before the first has ended
	EndedAt       time.Time `json:"ended_at,omitzero"`
	Duration      *Seconds  `json:"duration,omitempty"`
	LastSuccessAt time.Time `json:"last_success_at,omitzero"` // absent when no run that is kept succeeded
	Failures      int       `json:"failures"`                 // in a row
}

// Histogram is how durations were distributed.
type Histogram struct {
	Buckets []Bucket `json:"buckets"` // by limit
	Count   int64    `json:"count"`
	Sum     Seconds  `json:"sum"`
}

// Bucket counts the durations up to a limit, those of the buckets before it included.
type Bucket struct {
	UpTo  Seconds `json:"up_to"`
	Count int64   `json:"count"`
}
