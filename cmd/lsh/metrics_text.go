package main

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// exposition is metrics in the text format of Prometheus, version 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/
type exposition struct{ bytes.Buffer }

// The types of a family.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// family begins a family; its samples follow.
func (e *exposition) family(name, kind, help string) {
	fmt.Fprintf(e, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// sample is one line; labels are names and values by turns.
func (e *exposition) sample(name string, value float64, labels ...string) {
	e.WriteString(name)
	for i := 0; i < len(labels); i += 2 {
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		e.WriteByte(sep)
		e.WriteString(labels[i] + `="` + escapeLabel(labels[i+1]) + `"`)
	}
	if len(labels) > 0 {
		e.WriteByte('}')
	}
	e.WriteString(" " + strconv.FormatFloat(value, 'g', -1, 64) + "\n")
}

// escapeLabel is the value of a label as the format has it.
func escapeLabel(value string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(strings.ToValidUTF8(value, "�"))
}

// one is a family of one sample.
func (e *exposition) one(name, kind, help string, value float64) {
	e.family(name, kind, help)
	e.sample(name, value)
}

// moment is a gauge of a time; nothing when there is none.
func (e *exposition) moment(name, help string, t time.Time) {
	if !t.IsZero() {
		e.one(name, gauge, help, unixSeconds(t))
	}
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// oneIf is 1 for yes.
func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// by is a family of one label, a sample for each of words, which are in order.
func by[N int | int64](e *exposition, name, kind, help, label string, words []string, values map[string]N) {
	e.family(name, kind, help)
	for _, word := range words {
		e.sample(name, float64(values[word]), label, word)
	}
}

func (e *exposition) histogram(name, help string, h ipc.Histogram) {
	e.family(name, histogram, help)
	for _, b := range h.Buckets {
		e.sample(name+"_bucket", float64(b.Count), "le", strconv.FormatFloat(float64(b.UpTo), 'g', -1, 64))
	}
	e.sample(name+"_bucket", float64(h.Count), "le", "+Inf")
	e.sample(name+"_sum", float64(h.Sum))
	e.sample(name+"_count", float64(h.Count))
}

const upHelp = "Whether the daemon answers."

// downText is all that is known when it does not.
func downText() []byte {
	var e exposition
	e.one("lsh_up", gauge, upHelp, 0)
	return e.Bytes()
}

// metricsText is m as Prometheus reads it.
func metricsText(m ipc.Metrics, jobs bool) []byte {
	var e exposition
	e.one("lsh_up", gauge, upHelp, 1)
	e.process(m.Daemon)
	e.config(m.Config)
	e.jobs(m.Jobs)
	e.runs(m.Runs)
	e.slots(m.Slots)
	e.journal(m.Journal)
	e.sync(m.Sync, m.At)
	if jobs {
		e.byJob(m.ByJob)
	}
	return e.Bytes()
}

func (e *exposition) process(d ipc.ProcessMetrics) {
	e.family("lsh_build_info", gauge, "The version of the daemon; always 1.")
	e.sample("lsh_build_info", 1, "version", d.Version, "goos", runtime.GOOS, "goarch", runtime.GOARCH)
	e.moment("lsh_start_time_seconds", "When the daemon was started, in seconds since 1970.", d.StartedAt)
	e.moment("lsh_worker_start_time_seconds", "When its worker was started, with which every total but lsh_worker_restarts_total begins at 0, in seconds since 1970.", d.WorkerStartedAt)
	e.one("lsh_worker_restarts_total", counter, "Workers started after the first one, since the daemon was started.", float64(d.WorkerRestarts))
	e.one("lsh_connections", gauge, "Clients connected to the daemon, this one included.", float64(d.Connections))
}

func (e *exposition) config(c ipc.ConfigMetrics) {
	e.one("lsh_config_last_reload_successful", gauge, "Whether the jobs file, as it was last looked at, is what runs.", oneIf(c.State == ipc.SourceAccepted))
	e.moment("lsh_config_last_reload_success_timestamp_seconds", "When the configuration that runs was accepted, in seconds since 1970.", c.AcceptedAt)
	e.one("lsh_config_generation", gauge, "The number of the configuration that runs.", float64(c.Generation))
	e.one("lsh_config_held", gauge, "Whether a change of the jobs file waits for lsh apply.", oneIf(c.State == ipc.SourceHeld))
	e.one("lsh_config_problems", gauge, "What is wrong in the jobs file.", float64(c.Problems))
	by(e, "lsh_config_reloads_total", counter, "Times that the jobs file was judged, or applied, by result, since the worker started.", "result", ipc.ReloadResults(), c.Reloads)
}

func (e *exposition) jobs(j ipc.JobsMetrics) {
	by(e, "lsh_jobs", gauge, "Jobs by state.", "state", ipc.JobStates(), j.States)
	e.one("lsh_jobs_failing", gauge, "Jobs whose last run failed.", float64(j.Failing))
}

func (e *exposition) runs(r ipc.RunsMetrics) {
	e.one("lsh_runs_in_progress", gauge, "Runs that have a process.", float64(r.Running))
	e.one("lsh_runs_queued", gauge, "Runs that wait: for a place, for another run, for the delay of a retry.", float64(r.Queued))
	e.one("lsh_runs_started_total", counter, "Runs whose process was started, since the worker started.", float64(r.Started))
	by(e, "lsh_runs_total", counter, "Runs that have ended, by result, since the worker started.", "result", ipc.RunEnds(), r.Ended)
	e.histogram("lsh_run_duration_seconds", "How long runs took that had a process and ended, since the worker started.", r.Duration)
}

func (e *exposition) slots(s ipc.SlotsMetrics) {
	by(e, "lsh_slots_total", counter, "Slots that came, by what became of them, since the worker started.", "outcome", ipc.Outcomes(), s.Outcomes)
	e.histogram("lsh_slot_lateness_seconds", "How long after their slot was due runs started, catch-up and retries aside, since the worker started.", s.Lateness)
}

func (e *exposition) journal(j ipc.JournalMetrics) {
	e.one("lsh_journal_size_bytes", gauge, "What the journal takes on disk.", float64(j.Bytes))
	e.one("lsh_journal_degraded", gauge, "Whether the journal cannot be written.", oneIf(j.State == ipc.JournalDegraded))
	e.one("lsh_journal_pending_rows", gauge, "Rows that wait to be written.", float64(j.Pending))
	e.one("lsh_journal_lost_rows", gauge, "Rows of the last month that found no place while the journal could not be written.", float64(j.Lost))
	e.histogram("lsh_journal_commit_duration_seconds", "How long transactions of the journal took, since the worker started.", j.Commit)
	e.one("lsh_journal_commit_failures_total", counter, "Transactions that failed and whose rows were kept for later, since the worker started.", float64(j.CommitFailures))
}

func (e *exposition) sync(s *ipc.SyncMetrics, now time.Time) {
	e.one("lsh_sync_enabled", gauge, "Whether a database is set.", oneIf(s != nil))
	if s == nil {
		return
	}
	e.family("lsh_sync_state", gauge, "1 for the state that sync is in.")
	for _, state := range ipc.SyncStates() {
		e.sample("lsh_sync_state", oneIf(s.State == state), "state", state)
	}
	e.one("lsh_sync_backlog_rows", gauge, "Rows that wait to be sent.", float64(s.Backlog))
	oldest := 0.0
	if s.Backlog > 0 && !s.SyncedAt.IsZero() {
		oldest = max(0, now.Sub(s.SyncedAt).Seconds())
	}
	if s.Backlog == 0 || !s.SyncedAt.IsZero() {
		e.one("lsh_sync_backlog_age_seconds", gauge, "Time since everything had been sent; 0 when nothing waits. No row that waits is older.", oldest)
	}
	e.moment("lsh_sync_last_success_timestamp_seconds", "When the database last took rows, in seconds since 1970.", s.LastAckAt)
	e.one("lsh_sync_set_aside_rows", gauge, "Rows that the database does not take, though it takes others.", float64(s.SetAside))
}

// byJob tells of the last run of each job; jobs that have none are left out.
func (e *exposition) byJob(jobs []ipc.JobMetrics) {
	family := func(name, help string, value func(ipc.JobMetrics) (float64, bool)) {
		began := false
		for _, j := range jobs {
			v, has := value(j)
			if !has {
				continue
			}
			if !began {
				began = true
				e.family(name, gauge, help)
			}
			e.sample(name, v, "job", j.Job)
		}
	}
	ran := slices.ContainsFunc(jobs, func(j ipc.JobMetrics) bool { return j.Result != "" })
	if ran {
		e.family("lsh_job_last_run_result", gauge, "1 for the result of the last run of a job.")
	}
	for _, j := range jobs {
		if j.Result != "" {
			e.sample("lsh_job_last_run_result", 1, "job", j.Job, "result", j.Result)
		}
	}
	family("lsh_job_last_run_timestamp_seconds", "When the last run of a job ended, in seconds since 1970.", func(j ipc.JobMetrics) (float64, bool) {
		return unixSeconds(j.EndedAt), !j.EndedAt.IsZero()
	})
	family("lsh_job_last_success_timestamp_seconds", "When the last run of a job ended that succeeded, in seconds since 1970.", func(j ipc.JobMetrics) (float64, bool) {
		return unixSeconds(j.LastSuccessAt), !j.LastSuccessAt.IsZero()
	})
	family("lsh_job_last_run_duration_seconds", "How long the last run of a job took.", func(j ipc.JobMetrics) (float64, bool) {
		if j.Duration == nil {
			return 0, false
		}
		return float64(*j.Duration), true
	})
	family("lsh_job_failures", "Failures of a job in a row.", func(j ipc.JobMetrics) (float64, bool) { return float64(j.Failures), true })
}
