package mirror

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// row is a row in the words of the schema, table is rows by their key, and replica all tables by their names.
type (
	row     map[string]any
	table   map[string]row
	replica map[string]table
)

// keyColumns name a row of each table.
var keyColumns = map[string][]string{
	"generations": {"number", "accepted_at"}, "jobs": {"name"}, "runs": {"id"}, "run_output": {"run_id"}, "slots": {"job", "at"},
	"overrides": {"id"}, "events": {"seq", "at", "kind"},
}

func newReplica() replica {
	r := replica{}
	for name := range keyColumns {
		r[name] = table{}
	}
	return r
}

func (r replica) add(name string, w row) {
	var key []string
	for _, column := range keyColumns[name] {
		key = append(key, fmt.Sprint(w[column]))
	}
	r[name][strings.Join(key, " ")] = w
}

// inDatabase is what the database has of a host.
func (m *machine) inDatabase(host string) replica {
	m.t.Helper()
	var parts []string
	for name := range keyColumns {
		// Whose the rows are, and when they came, no journal says.
		parts = append(parts, fmt.Sprintf("select '%s', (to_jsonb(t) - '{host_id,user_id,received_at,updated_at}'::text[])::text from lsh.%s t where host_id = '%s'",
			name, name, host))
	}
	r := newReplica()
	for _, line := range m.query(strings.Join(parts, " union all ")) {
		name, text, _ := strings.Cut(line, "|")
		r.add(name, decode(text))
	}
	return r
}

func decode(text string) (w row) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&w); err != nil {
		panic(err) // Postgres, or encode, wrote it
	}
	return w
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// inJournal is what the database must have of a machine's journal.
func (m *machine) inJournal() replica {
	m.t.Helper()
	j, r := m.journal, newReplica()
	add := func(name string, w row) { r.add(name, decode(encode(w))) }
	runs, _, err := j.Runs(journal.RunFilter{Limit: math.MaxInt32})
	m.check(err)
	for _, run := range runs {
		if m.former(admitted(run.ID)) {
			continue
		}
		add("runs", m.runRow(run))
		if tail := m.source.tails[run.ID]; tail != "" && (run.State == "failed" || run.State == "timed_out" || run.State == "lost") {
			add("run_output", row{"run_id": run.ID, "tail": clean(tail), "truncated": false})
		}
	}
	jobs, err := j.JobsAfter("", math.MaxInt32)
	m.check(err)
	for _, job := range jobs {
		add("jobs", m.jobRow(job))
		slots, err := j.Slots(job.Name, time.Unix(0, math.MinInt64), time.Unix(0, math.MaxInt64), 0)
		m.check(err)
		for _, s := range slots {
			if !m.former(s.Last) {
				add("slots", row{
					"job": s.Job, "at": stamp(s.At), "last": stamp(s.Last), "count": s.Count, "outcome": s.Outcome, "reason": some(clean(s.Reason)),
					"run_id": some(s.Run), "nominal": some(s.Nominal), "note": some(s.Note),
				})
			}
		}
	}
	overrides, err := j.OverridesAfter("", math.MaxInt32)
	m.check(err)
	for _, o := range overrides {
		add("overrides", row{
			"id": o.ID, "job": o.Job, "kind": o.Kind, "until": stamp(o.Until), "owner": object(o.Owner), "reason": clean(o.Reason),
			"created_at": stamp(o.Created), "ended_at": stamp(o.Ended), "ended_reason": some(clean(o.EndedWhy)),
		})
	}
	generations, err := j.Generations(0, math.MaxInt32)
	m.check(err)
	for _, g := range generations {
		add("generations", row{
			"number": g.Number, "hash": g.Hash, "accepted_at": stamp(g.Accepted), "owner": object(g.Owner), "git_commit": some(g.Commit),
			"summary": object(g.Summary), "reason": clean(g.Reason), "jobs": g.Jobs,
		})
	}
	events, err := j.Events(0, "", math.MaxInt32)
	m.check(err)
	for _, e := range events {
		if !m.former(e.Time) {
			add("events", row{
				"seq": e.Seq, "at": stamp(e.Time), "kind": e.Kind, "job": some(e.Job), "run_id": some(e.Run), "slot": stamp(e.Slot),
				"count": some(e.Count), "message": clean(e.Message),
			})
		}
	}
	return r
}

func (m *machine) runRow(r journal.Run) row {
	return row{
		"id": r.ID, "job": r.Job, "state": r.State, "trigger": r.Trigger, "attempt": r.Attempt, "scheduled_at": stamp(r.Scheduled),
		"not_before": stamp(r.NotBefore), "started_at": stamp(r.Started), "ended_at": stamp(r.Ended), "duration_ms": ms(r.Duration),
		"lateness_ms": ms(r.Lateness), "exit_code": r.ExitCode, "signal": some(r.Signal), "pid": some(r.Pid), "reason": some(clean(r.Reason)),
		"generation": some(r.Generation), "spec_hash": some(r.SpecHash), "cpu_ms": ms(r.CPU), "max_rss_bytes": some(r.MaxRSS),
		"output_bytes": some(r.OutputBytes), "output_dropped": some(r.OutputDropped), "output_lost": some(clean(r.OutputLost)), "survivors": r.Survivors,
	}
}

func (m *machine) jobRow(j journal.Job) row {
	w := row{
		"name": j.Name, "spec": nil, "spec_hash": j.SpecHash, "generation": j.Generation, "cursor": stamp(j.Cursor), "failures": j.Failures,
		"last_run_id": some(j.LastRun), "owner": object(j.Owner), "gone": j.Gone,
	}
	if spec := m.source.Declared(j.Name); spec != nil {
		w["spec"] = decode(clean(encode(spec)))
	}
	return w
}

// former tells whether something of a moment is of the host that the directory was copied from.
func (m *machine) former(at time.Time) bool { return m.mirror.host.before(at) }

func (m *machine) check(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// stamp is a time as Postgres writes it in JSON; it keeps microseconds.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Microsecond).Format("2006-01-02T15:04:05.999999-07:00")
}

func ms(d *time.Duration) any {
	if d == nil {
		return nil
	}
	return int64(*d / time.Millisecond)
}

// some is null for what is empty.
func some[T comparable](v T) any {
	if v == *new(T) {
		return nil
	}
	return v
}

func object(text []byte) any {
	if text == nil {
		return nil
	}
	return decode(clean(strings.ReplaceAll(string(text), `\u0000`, "")))
}

// clean is a text without the secret of the tests, and without what Postgres does not take.
func clean(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")
	return strings.ReplaceAll(s, token, "[redacted]")
}

// equal compares the database with the journal, field by field. Of runs the database may have more: it keeps them longer. What is of an
// earlier life of a restored journal may say what this one does not know. Keys that are spared are not looked for.
func (m *machine) equal(spared ...string) {
	m.t.Helper()
	var life int64
	for _, text := range m.query("select life_seq from lsh.hosts where id = $1::uuid", m.id()) {
		fmt.Sscan(text, &life)
	}
	got, want := m.inDatabase(m.id()), m.inJournal()
	for name := range keyColumns {
		all := maps.Clone(got[name])
		maps.Copy(all, want[name])
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if slices.Contains(spared, key) {
				continue
			}
			there, is := got[name][key]
			said, has := want[name][key]
			old := is && life > 0 && before(there, life)
			switch {
			case !is:
				m.t.Errorf("%s %s of the journal is not in the database", name, key)
			case !has && name != "runs" && name != "run_output" && !old:
				m.t.Errorf("%s %s is in the database and not in the journal", name, key)
			case has && !old && !same(there, said):
				m.t.Errorf("%s %s is in the database\n%s\nand in the journal\n%s", name, key, encode(there), encode(said))
			}
		}
	}
}

// before tells whether a row is of an earlier life. An event's number is not one of changes.
func before(w row, life int64) bool {
	column, least := "seq", life+1
	if w["life"] != nil {
		column, least = "life", life
	}
	n, _ := w[column].(json.Number).Int64()
	return n < least
}

// same compares what the journal says.
func same(there, said row) bool {
	for column, v := range said {
		if encode(there[column]) != encode(v) {
			return false
		}
	}
	return true
}
