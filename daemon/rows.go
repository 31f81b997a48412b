package daemon

import (
	"encoding/json"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// facts of a run that its end needs, and that no answer tells: what a later
// worker must know to go on with it. They are kept with its row until it ends.
type liveFacts struct {
	Phase     reconciler.Phase `json:"phase"`
	Spec      string           `json:"spec,omitempty"`
	Told      string           `json:"told,omitempty"`
	Admitted  time.Time        `json:"admitted,omitzero"`
	Retries   int              `json:"retries,omitempty"`
	Again     bool             `json:"again,omitempty"`
	Boot      string           `json:"boot,omitempty"`
	StartTime uint64           `json:"start_time,omitempty"`
	Started   time.Time        `json:"started,omitzero"`
	Halt      string           `json:"halt,omitempty"`
	Stop      config.Stop      `json:"stop"`
	Limit     time.Duration    `json:"limit,omitempty"`
	Timeout   time.Time        `json:"timeout,omitzero"`
	StopBy    time.Time        `json:"stop_by,omitzero"`
	Killed    bool             `json:"killed,omitempty"`
	Said      string           `json:"said,omitempty"`
	End       reconciler.End   `json:"end,omitempty"`
	EndWhy    string           `json:"end_why,omitempty"`
	Success   []int            `json:"success,omitempty"`
	Due       time.Time        `json:"due,omitzero"`
	Waited    time.Time        `json:"waited,omitzero"`
	Group     string           `json:"group,omitempty"`
	MaxOutput int64            `json:"max_output,omitempty"`
}

// facts are those of a run that has not ended.
func (r *run) facts(boot string) liveFacts {
	return liveFacts{
		Phase: r.Phase, Spec: r.Spec, Told: r.Told, Admitted: r.Admitted, Retries: r.Retries, Again: r.Again, Boot: boot, StartTime: r.proc.StartTime,
		Started: r.proc.Started, Halt: r.Halt, Stop: r.Stop, Limit: r.timeout, Timeout: r.Timeout, StopBy: r.StopBy, Killed: r.Killed,
		Said: r.said, End: r.end, EndWhy: r.endWhy, Success: r.success, Due: r.due, Waited: r.waited, Group: r.place, MaxOutput: r.maxOutput,
	}
}

// restored is a run as its row and its facts say.
func restored(row journal.Run, output string) (*run, liveFacts) {
	var f liveFacts
	_ = json.Unmarshal(row.Live, &f) // facts of another version are none
	r := &run{
		Run: reconciler.Run{
			ID: row.ID, Phase: f.Phase, Trigger: reconciler.Trigger(row.Trigger), Slot: row.Scheduled, Spec: f.Spec, Told: f.Told, Again: f.Again,
			Attempt: row.Attempt, Admitted: f.Admitted, Retries: f.Retries, Pid: row.Pid, Started: row.Started, NotBefore: row.NotBefore, Halt: f.Halt, Stop: f.Stop,
			Timeout: f.Timeout, StopBy: f.StopBy, Killed: f.Killed,
		},
		record: wireRun(row), proc: process.Proc{ID: row.ID, Pid: row.Pid, StartTime: f.StartTime, Started: f.Started},
		started: row.Pid != 0, said: f.Said, end: f.End, endWhy: f.EndWhy, due: f.Due, waited: f.Waited, timeout: f.Limit, success: f.Success,
		output: output, maxOutput: f.MaxOutput, finished: make(chan struct{}),
	}
	return r, f
}

// ended tells whether a run of this state is over.
func ended(state string) bool { return state != ipc.RunQueued && state != ipc.RunRunning }

// rowOf is a run as the journal keeps it.
func rowOf(r *ipc.Run) journal.Run {
	return journal.Run{
		ID: r.ID, Job: r.Job, State: r.State, Trigger: r.Trigger, Attempt: r.Attempt, Scheduled: r.ScheduledAt,
		NotBefore: r.NotBefore, Started: r.StartedAt, Ended: r.EndedAt, Duration: fromSeconds(r.Duration),
		Lateness: fromSeconds(r.Lateness), ExitCode: r.ExitCode, Signal: r.Signal, Pid: r.Pid, Reason: r.Reason,
		Generation: r.Generation, SpecHash: r.SpecHash, CPU: fromSeconds(r.CPUSeconds), MaxRSS: r.MaxRSSBytes,
		OutputBytes: r.OutputBytes, OutputDropped: r.OutputDropped, OutputLost: r.OutputLost, Survivors: r.Survivors,
	}
}

// wireRun is a run of the journal as it is answered.
func wireRun(r journal.Run) *ipc.Run {
	return &ipc.Run{
		ID: r.ID, Job: r.Job, State: r.State, Trigger: r.Trigger, Attempt: r.Attempt, ScheduledAt: r.Scheduled,
		NotBefore: r.NotBefore, StartedAt: r.Started, EndedAt: r.Ended, Duration: toSeconds(r.Duration),
		Lateness: toSeconds(r.Lateness), ExitCode: r.ExitCode, Signal: r.Signal, Pid: r.Pid, Reason: r.Reason,
		Generation: r.Generation, SpecHash: r.SpecHash, CPUSeconds: toSeconds(r.CPU), MaxRSSBytes: r.MaxRSS,
		OutputBytes: r.OutputBytes, OutputDropped: r.OutputDropped, OutputLost: r.OutputLost, Survivors: r.Survivors,
	}
}

func fromSeconds(s *ipc.Seconds) *time.Duration {
	if s == nil {
		return nil
	}
	return new(s.Duration())
}

func toSeconds(d *time.Duration) *ipc.Seconds {
	if d == nil {
		return nil
	}
	return ipc.InSeconds(*d)
}

func overrideRow(o ipc.Override) journal.Override {
	return journal.Override{
		ID: o.ID, Job: o.Job, Kind: o.Kind, Until: o.Until, Owner: asJSON(o.Owner), Reason: o.Reason, Created: o.CreatedAt,
	}
}

func wireOverride(o journal.Override) ipc.Override {
	w := ipc.Override{ID: o.ID, Job: o.Job, Kind: o.Kind, Until: o.Until, Reason: o.Reason, CreatedAt: o.Created}
	_ = json.Unmarshal(o.Owner, &w.Owner)
	return w
}

// asJSON is a value of ours that cannot fail to become JSON.
func asJSON(v any) []byte {
	text, _ := json.Marshal(v)
	return text
}

// jobRow is the durable part of an entry. It is comparable, so that only what
// has changed is written.
type jobRow struct {
	cursor     time.Time
	failures   int
	lastRun    string
	generation int
	spec       string
	definition string
	adHoc      bool
	gone       bool
}

func (e *entry) row() jobRow {
	row := jobRow{
		cursor: e.settled(), failures: e.failures, generation: e.generation, spec: e.spec,
		definition: e.definition, adHoc: e.addedBy != nil, gone: e.gone(),
	}
	if e.last != nil {
		row.lastRun = e.last.ID
	}
	return row
}

// saveJob writes what has changed of a job since it was last written.
func (l *loop) saveJob(e *entry) {
	row := e.row()
	if row == e.saved {
		return
	}
	e.saved = row
	w := journal.Job{
		Name: e.name, Cursor: row.cursor, Failures: row.failures, LastRun: row.lastRun, Generation: row.generation,
		SpecHash: row.spec, Definition: row.definition, Gone: row.gone,
	}
	if e.addedBy != nil {
		w.Owner = asJSON(e.addedBy)
	}
	l.batch.PutJob(w)
}
