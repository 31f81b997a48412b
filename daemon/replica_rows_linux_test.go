package daemon

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/daemon/pgtest"
)

// replicated are the tables that the database has of a journal, with the columns that both have: the journal's name of each, the
// database's where it is another, and how the journal keeps it. The first columns are the key.
var replicatedTables = []struct {
	name, from string // from is the journal's
	columns    string
}{
	{"runs", "runs r join jobs j on j.id = r.job", `r.id=id:id j.name=job r.state=state r.trigger=trigger r.attempt=attempt
		r.scheduled=scheduled_at:time r.not_before=not_before:time r.started=started_at:time r.ended=ended_at:time r.duration=duration_ms:ms
		r.lateness=lateness_ms:ms r.exit_code=exit_code r.signal=signal r.pid=pid r.reason=reason r.generation=generation
		r.spec_hash=spec_hash:hash r.cpu=cpu_ms:ms r.max_rss=max_rss_bytes r.output_bytes=output_bytes r.output_dropped=output_dropped
		r.output_lost=output_lost r.survivors=survivors:json`},
	{"slots", "slots s join jobs j on j.id = s.job", `j.name=job s.at=at:time s.last=last:time s.count=count s.outcome=outcome s.reason=reason
		s.run=run_id:id s.nominal=nominal s.note=note`},
	{"jobs", "jobs", `name=name cursor=cursor:time failures=failures last_run=last_run_id:id generation=generation spec_hash=spec_hash
		owner=owner:json gone=gone:bool`},
	{"overrides", "overrides o join jobs j on j.id = o.job", `o.id=id j.name=job o.kind=kind o.until=until:time o.owner=owner:json o.reason=reason
		o.created=created_at:time o.ended=ended_at:time o.ended_why=ended_reason`},
	{"generations", "generations", `number=number accepted=accepted_at:time hash=hash owner=owner:json git_commit=git_commit summary=summary:json
		reason=reason jobs=jobs`},
	{"events", "events", "seq=seq time=at:time kind=kind job=job run=run_id:id slot=slot:time count=count message=message"},
}

// selects are the queries of a table, to the journal and to the database: a JSON array for each row.
func selects(from, name, columns string) (journal, database string) {
	var here, there []string
	for _, m := range regexp.MustCompile(`(\S+)=(\w+)(?::(\w+))?`).FindAllStringSubmatch(columns, -1) {
		h, d := m[1], m[2]
		switch m[3] {
		case "id":
			h, d = "lower(hex("+h+"))", "coalesce(replace("+d+"::text, '-', ''), '')"
		case "hash":
			h, d = "lower(hex("+h+"))", "coalesce("+d+", '')"
		case "time":
			h, d = h+"/1000", "(extract(epoch from "+d+") * 1000000)::bigint" // of nanoseconds the database keeps microseconds
		case "ms":
			h = h + "/1000000"
		case "json":
			h = "json(cast(" + h + " as text))"
		case "bool":
			d += "::int"
		}
		here, there = append(here, h), append(there, d)
	}
	return "select json_array(" + strings.Join(here, ", ") + ") from " + from,
		"select jsonb_build_array(" + strings.Join(there, ", ") + ") from lsh." + name
}

// equal holds the database to the journal's file, as SQLite has it: every row of the journal is there, field by field, and none else
// but runs, which the database keeps longer.
func (h *crashHome) equal(db *pgtest.Database) {
	h.t.Helper()
	file, err := sql.Open("sqlite", "file:"+filepath.Join(h.dir, "state", "journal.db")+"?mode=ro")
	if err != nil {
		h.t.Fatal(err)
	}
	defer file.Close()
	for _, table := range replicatedTables {
		ours, theirs := selects(table.from, table.name, table.columns)
		said := map[string]bool{}
		for _, row := range queried(h.t, file, ours) {
			said[row] = true
		}
		there := map[string]bool{}
		for _, row := range db.Query(h.t, theirs) {
			row = plainJSON(h.t, row)
			there[row] = true
			if !said[row] && table.name != "runs" {
				h.t.Errorf("%s has in the database what the journal does not say:\n%s", table.name, row)
			}
		}
		for row := range said {
			if !there[row] {
				h.t.Errorf("%s lacks in the database what the journal says:\n%s", table.name, row)
			}
		}
		if len(said) == 0 {
			h.t.Errorf("there is nothing to compare in %s", table.name)
		}
	}
}

func queried(t testing.TB, file *sql.DB, query string) []string {
	t.Helper()
	rows, err := file.Query(query)
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		all = append(all, plainJSON(t, row))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// plainJSON is JSON in one form: Postgres and SQLite have spaces and keys in other places.
func plainJSON(t testing.TB, text string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	plain, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}
