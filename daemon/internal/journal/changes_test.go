package journal_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// tables are how a replica reads the rows of a kind: each with its key, the job it is of, and all that it says.
var tables = map[string]string{
	"run": `SELECT lower(substr(hex(r.id), 1, 8) || '-' || substr(hex(r.id), 9, 4) || '-' || substr(hex(r.id), 13, 4) || '-' ||
 substr(hex(r.id), 17, 4) || '-' || substr(hex(r.id), 21)) AS key, j.name AS job, r.state || coalesce(r.output_job, '') FROM runs r JOIN jobs j ON j.id = r.job`,
	"slot": `SELECT j.name || '@' || s.at AS key, j.name AS job, s.last || ' ' || s.count || ' ' || s.outcome || coalesce(s.reason, '') ||
 coalesce(hex(s.run), '') FROM slots s JOIN jobs j ON j.id = s.job`,
	"job":        "SELECT name AS key, name AS job, coalesce(cursor, 0) || ' ' || failures || ' ' || gone FROM jobs",
	"override":   "SELECT o.id AS key, j.name AS job, o.kind || coalesce(o.ended, '') FROM overrides o JOIN jobs j ON j.id = o.job",
	"generation": "SELECT CAST(number AS TEXT) AS key, '' AS job, hash FROM generations",
}

// row is a row as a replica has it.
type row struct{ job, text string }

// replica has a copy of a journal: by kind, by key.
type replica struct {
	t    *rapid.T
	db   *sql.DB
	copy map[string]map[string]row
	upto int64
}

func newReplica(t *rapid.T, db *sql.DB) *replica {
	r := &replica{t: t, db: db, copy: map[string]map[string]row{}}
	for kind := range tables {
		r.copy[kind] = map[string]row{}
	}
	return r
}

// read are the rows of a kind by key or by job.
func (r *replica) read(kind, column, value string) map[string]row {
	rows, err := r.db.Query("SELECT * FROM ("+tables[kind]+") WHERE "+column+" = ?", value)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]row{}
	for rows.Next() {
		var key string
		var w row
		if err := rows.Scan(&key, &w.job, &w.text); err != nil {
			r.t.Fatal(err)
		}
		found[key] = w
	}
	return found
}

// follow takes in what has changed.
func (r *replica) follow(j *journal.Journal) {
	for {
		changes, err := j.Changes(r.upto, 7)
		if err != nil {
			r.t.Fatal(err)
		}
		if len(changes) == 0 {
			return
		}
		for _, c := range changes {
			r.upto = c.Seq
			if c.Kind == "rename" {
				from, to, _ := strings.Cut(c.Key, " ")
				for kind, copied := range r.copy {
					maps.DeleteFunc(copied, func(_ string, w row) bool { return w.job == from || w.job == to })
					maps.Copy(copied, r.read(kind, "job", to))
				}
				continue
			}
			delete(r.copy[c.Kind], c.Key)
			maps.Copy(r.copy[c.Kind], r.read(c.Kind, "key", c.Key))
		}
	}
}

// check compares the copy with the tables.
func (r *replica) check(who string) {
	for kind, copied := range r.copy {
		if want := r.read(kind, "'all'", "all"); !maps.Equal(copied, want) {
			r.t.Errorf("%s has as %s\n%v, want\n%v", who, kind, copied, want)
		}
	}
}

// doings are what happens to a journal.
var doings = map[string]func(t *rapid.T, j *journal.Journal, job string, second int){
	"runs": func(t *rapid.T, j *journal.Journal, job string, second int) {
		put(j, func(b *journal.Batch) {
			for i := range rapid.IntRange(1, 5).Draw(t, "runs") {
				state := rapid.SampledFrom([]string{"queued", "succeeded", "succeeded", "stopped"}).Draw(t, "state")
				outcome, reason := "ran", "its slot is due"
				if state == "stopped" {
					outcome, reason = "skipped", "another took its place"
				}
				id := newID()
				b.PutRun(journal.Run{ID: id, Job: job, State: state, Attempt: 1, Scheduled: at(second + i)})
				b.PutSlots(journal.Slot{Job: job, At: at(second + i), Outcome: outcome, Reason: reason, Run: id})
			}
		})
	},
	"misses": func(t *rapid.T, j *journal.Journal, job string, second int) {
		put(j, func(b *journal.Batch) {
			n := rapid.IntRange(1, 5).Draw(t, "slots")
			outcome := rapid.SampledFrom([]string{"missed", "skipped"}).Draw(t, "outcome")
			b.PutSlots(journal.Slot{Job: job, At: at(second), Last: at(second + n - 1), Count: n, Outcome: outcome})
		})
	},
	"cut": func(_ *rapid.T, j *journal.Journal, job string, second int) {
		put(j, func(b *journal.Batch) { b.CutSlots(job, at(second-10)) })
	},
	"forget": func(t *rapid.T, j *journal.Journal, job string, _ int) {
		runs, _, err := j.Runs(journal.RunFilter{Job: job, Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range runs {
			if rapid.Bool().Draw(t, "forget") {
				ids = append(ids, r.ID)
			}
		}
		j.Forget(ids)
	},
	"rename": func(t *rapid.T, j *journal.Journal, job string, _ int) {
		if to := aJob(t); to != job {
			put(j, func(b *journal.Batch) { b.RenameJob(job, to) })
		}
	},
	"job": func(_ *rapid.T, j *journal.Journal, job string, second int) {
		put(j, func(b *journal.Batch) { b.PutJob(journal.Job{Name: job, Cursor: at(second), Failures: second % 3}) })
	},
	"override": func(t *rapid.T, j *journal.Journal, job string, second int) {
		id := strconv.Itoa(rapid.IntRange(1, 5).Draw(t, "override"))
		put(j, func(b *journal.Batch) {
			b.PutOverride(journal.Override{ID: id, Job: job, Kind: "pause", Created: at(second)})
			if rapid.Bool().Draw(t, "ended") {
				b.EndOverride(id, at(second), "over")
			}
		})
	},
	"generation": func(_ *rapid.T, j *journal.Journal, _ string, second int) {
		put(j, func(b *journal.Batch) {
			b.AddGeneration(journal.Generation{Number: second, Hash: fmt.Sprint("hash", second), Accepted: at(second)})
		})
	},
}

func aJob(t *rapid.T) string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "job") }

// Whenever a replica looks, and however much has happened since, the changes lead it to what the tables are.
func TestAReplicaFollowsWhateverHappens(t *testing.T) {
	what := slices.Sorted(maps.Keys(doings))
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "journal")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		j, err := journal.Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		db, err := sql.Open("sqlite", filepath.Join(dir, "journal.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		often := newReplica(t, db)
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			doings[rapid.SampledFrom(what).Draw(t, "what")](t, j, aJob(t), 10*i)
			if rapid.IntRange(0, 3).Draw(t, "look") == 0 {
				often.follow(j)
				often.check("who looks often")
			}
		}
		late := newReplica(t, db)
		for who, r := range map[string]*replica{"who looks often": often, "who comes late": late} {
			r.follow(j)
			r.check(who)
		}
	})
}
