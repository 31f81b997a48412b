package mirror

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// batch is what lsh.push takes.
type batch struct {
	head
	rows
	upto int64    // where it brings the host
	full bool     // there is more to send
	what []string // the keys of its rows
	text []byte   // rows in JSON
}

// head says what a batch is for.
type head struct {
	Base          int64         `json:"base"`
	EventsBase    int64         `json:"events_base"`
	EventsUpto    int64         `json:"events_upto"`
	Life          int64         `json:"life,omitempty"`
	Sweep         int64         `json:"sweep,omitempty"`
	Accept        bool          `json:"accept,omitempty"`
	CommandsDone  []commandDone `json:"commands_done,omitempty"`
	Status        string        `json:"status,omitempty"`
	ClockOffsetMS *int64        `json:"clock_offset_ms,omitempty"`
}

// rows are rows as the tables of the schema name their columns. What is empty is left out.
type rows struct {
	Renames     []renameRow     `json:"renames,omitempty"`
	Generations []generationRow `json:"generations,omitempty"`
	Jobs        []jobRow        `json:"jobs,omitempty"`
	Runs        []runRow        `json:"runs,omitempty"`
	Outputs     []outputRow     `json:"outputs,omitempty"`
	SlotsGone   []slotGone      `json:"slots_gone,omitempty"`
	Slots       []slotRow       `json:"slots,omitempty"`
	Overrides   []overrideRow   `json:"overrides,omitempty"`
	Events      []eventRow      `json:"events,omitempty"`
}

// count is how many there are.
func (r *rows) count() int {
	return len(r.Renames) + len(r.Generations) + len(r.Jobs) + len(r.Runs) + len(r.Outputs) + len(r.SlotsGone) + len(r.Slots) +
		len(r.Overrides) + len(r.Events)
}

// empty is b without its rows: it brings the host as far.
func (b *batch) empty() *batch {
	e := &batch{head: b.head, upto: b.upto, full: b.full}
	e.seal()
	return e
}

// seal puts the rows into JSON, which takes its time, before it is their turn.
func (b *batch) seal() {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(b.rows) // nothing in it can fail
	b.text = bytes.TrimSpace(text.Bytes())
}

// encode is the whole in JSON.
func (b *batch) encode() string {
	text, _ := json.Marshal(b.head)
	if len(b.text) <= len("{}") {
		return string(text)
	}
	return string(text[:len(text)-1]) + "," + string(b.text[1:])
}

type renameRow struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type generationRow struct {
	Number     int             `json:"number"`
	Hash       string          `json:"hash"`
	AcceptedAt instant         `json:"accepted_at"`
	Owner      json.RawMessage `json:"owner,omitempty"`
	Commit     string          `json:"git_commit,omitempty"`
	Summary    json.RawMessage `json:"summary,omitempty"`
	Reason     string          `json:"reason"`
	Jobs       int             `json:"jobs"`
	Seq        int64           `json:"seq"`
}

type jobRow struct {
	Name       string          `json:"name"`
	Spec       json.RawMessage `json:"spec,omitempty"`
	SpecHash   string          `json:"spec_hash"`
	Generation int             `json:"generation"`
	Cursor     instant         `json:"cursor,omitempty"`
	Failures   int             `json:"failures"`
	LastRun    string          `json:"last_run_id,omitempty"`
	Owner      json.RawMessage `json:"owner,omitempty"`
	Gone       bool            `json:"gone"`
	Seq        int64           `json:"seq"`
}

type runRow struct {
	ID            string  `json:"id"`
	Job           string  `json:"job"`
	State         string  `json:"state"`
	Trigger       string  `json:"trigger"`
	Attempt       int     `json:"attempt"`
	ScheduledAt   instant `json:"scheduled_at,omitempty"`
	NotBefore     instant `json:"not_before,omitempty"`
	StartedAt     instant `json:"started_at,omitempty"`
	EndedAt       instant `json:"ended_at,omitempty"`
	DurationMS    *int64  `json:"duration_ms,omitempty"`
	LatenessMS    *int64  `json:"lateness_ms,omitempty"`
	ExitCode      *int    `json:"exit_code,omitempty"`
	Signal        string  `json:"signal,omitempty"`
	Pid           int     `json:"pid,omitempty"`
	Reason        string  `json:"reason,omitempty"`
	Generation    int     `json:"generation,omitempty"`
	SpecHash      string  `json:"spec_hash,omitempty"`
	CPUMS         *int64  `json:"cpu_ms,omitempty"`
	MaxRSS        int64   `json:"max_rss_bytes,omitempty"`
	OutputBytes   int64   `json:"output_bytes,omitempty"`
	OutputDropped int64   `json:"output_dropped,omitempty"`
	OutputLost    string  `json:"output_lost,omitempty"`
	Survivors     []int   `json:"survivors,omitempty"`
	Seq           int64   `json:"seq"`
}

type outputRow struct {
	RunID     string `json:"run_id"`
	Tail      string `json:"tail"`
	Truncated bool   `json:"truncated"`
	Seq       int64  `json:"seq"`
}

type slotRow struct {
	Job     string  `json:"job"`
	At      instant `json:"at"`
	Last    instant `json:"last"`
	Count   int     `json:"count"`
	Outcome string  `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`
	RunID   string  `json:"run_id,omitempty"`
	Nominal string  `json:"nominal,omitempty"`
	Note    string  `json:"note,omitempty"`
	Seq     int64   `json:"seq"`
}

type slotGone struct {
	Job string  `json:"job"`
	At  instant `json:"at"`
	Seq int64   `json:"seq"`
}

type overrideRow struct {
	ID          string          `json:"id"`
	Job         string          `json:"job"`
	Kind        string          `json:"kind"`
	Until       instant         `json:"until,omitempty"`
	Owner       json.RawMessage `json:"owner,omitempty"`
	Reason      string          `json:"reason"`
	CreatedAt   instant         `json:"created_at"`
	EndedAt     instant         `json:"ended_at,omitempty"`
	EndedReason string          `json:"ended_reason,omitempty"`
	Seq         int64           `json:"seq"`
}

type eventRow struct {
	Seq     int64   `json:"seq"`
	At      instant `json:"at"`
	Kind    string  `json:"kind"`
	Job     string  `json:"job,omitempty"`
	RunID   string  `json:"run_id,omitempty"`
	Slot    instant `json:"slot,omitempty"`
	Count   int     `json:"count,omitempty"`
	Message string  `json:"message"`
}

type commandDone struct {
	ID     string `json:"id"`
	Result string `json:"result"`
}

// instant is a time as Postgres stores it: in UTC and in microseconds, cut and not rounded; "" when there is none. It is a text, since
// JSON asks each time of another type for its own.
type instant string

func instantOf(t time.Time) instant {
	if t.IsZero() {
		return ""
	}
	return instant(t.UTC().AppendFormat(make([]byte, 0, 32), "2006-01-02T15:04:05.000000Z"))
}

// millis is a duration in milliseconds, cut and not rounded.
func millis(d *time.Duration) *int64 {
	if d == nil {
		return nil
	}
	return new(d.Milliseconds())
}

// json is JSON of the journal with all its texts as they may be sent; nil when there is none.
func (r *redactor) json(data []byte) json.RawMessage {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return nil
	}
	clean, _ := json.Marshal(r.value(v))
	return clean
}

func (r *redactor) value(v any) any {
	switch v := v.(type) {
	case string:
		return r.text(v)
	case []any:
		for i := range v {
			v[i] = r.value(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = r.value(v[key])
		}
	}
	return v
}

// spec is what is declared of a job, in JSON. A schedule is what it is: to redact a part of it would tell a wrong one.
func (r *redactor) spec(s Spec) json.RawMessage {
	fields := make(map[string]string, len(s.Fields))
	for key, text := range s.Fields {
		fields[key] = r.text(text)
	}
	s.Fields = fields
	text, _ := json.Marshal(s)
	return text
}

func (r *redactor) run(j journal.Run, seq int64) runRow {
	return runRow{
		ID: j.ID, Job: j.Job, State: j.State, Trigger: j.Trigger, Attempt: j.Attempt, ScheduledAt: instantOf(j.Scheduled), NotBefore: instantOf(j.NotBefore),
		StartedAt: instantOf(j.Started), EndedAt: instantOf(j.Ended), DurationMS: millis(j.Duration), LatenessMS: millis(j.Lateness), ExitCode: j.ExitCode,
		Signal: j.Signal, Pid: j.Pid, Reason: r.text(j.Reason), Generation: j.Generation, SpecHash: j.SpecHash, CPUMS: millis(j.CPU), MaxRSS: j.MaxRSS,
		OutputBytes: j.OutputBytes, OutputDropped: j.OutputDropped, OutputLost: r.text(j.OutputLost), Survivors: j.Survivors, Seq: seq,
	}
}

func (r *redactor) slot(s journal.Slot, seq int64) slotRow {
	return slotRow{
		Job: s.Job, At: instantOf(s.At), Last: instantOf(s.Last), Count: s.Count, Outcome: s.Outcome, Reason: r.text(s.Reason), RunID: s.Run,
		Nominal: s.Nominal, Note: s.Note, Seq: seq,
	}
}

func (r *redactor) override(o journal.ReplicaOverride, seq int64) overrideRow {
	return overrideRow{
		ID: o.ID, Job: o.Job, Kind: o.Kind, Until: instantOf(o.Until), Owner: r.json(o.Owner), Reason: r.text(o.Reason), CreatedAt: instantOf(o.Created),
		EndedAt: instantOf(o.Ended), EndedReason: r.text(o.EndedWhy), Seq: seq,
	}
}

func (r *redactor) generation(g journal.Generation, seq int64) generationRow {
	return generationRow{
		Number: g.Number, Hash: g.Hash, AcceptedAt: instantOf(g.Accepted), Owner: r.json(g.Owner), Commit: g.Commit, Summary: r.json(g.Summary),
		Reason: r.text(g.Reason), Jobs: g.Jobs, Seq: seq,
	}
}

func (r *redactor) event(e journal.Event) eventRow {
	return eventRow{
		Seq: e.Seq, At: instantOf(e.Time), Kind: e.Kind, Job: e.Job, RunID: e.Run, Slot: instantOf(e.Slot), Count: e.Count, Message: r.text(e.Message),
	}
}
