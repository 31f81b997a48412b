package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// openingsKept bounds how many openings are remembered.
const openingsKept = 1000

// Opening is one time the journal was opened for writing, and where its sequences then stood.
type Opening struct {
	ID     string // UUID
	Change int64
	Event  int64
}

// Heads are where the sequences begin and end.
type Heads struct {
	OldestChange, NewestChange int64 // OldestChange is 0 when none is kept
	NewestEvent                int64
}

// newestChange is the last number that was given, also when its row is kept no more.
const newestChange = "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0)"

// noteOpening remembers this opening. A journal that cannot be written is opened all the same.
func (j *Journal) noteOpening() {
	j.opening = uuid.NewString()
	err := j.writer.transact(true, func() error {
		if err := j.writer.do("INSERT INTO openings (id, change, event, opened) SELECT ?, "+newestChange+", coalesce((SELECT max(seq) FROM events), 0), ?",
			j.opening, at(time.Now())); err != nil {
			return err
		}
		return j.writer.do("DELETE FROM openings WHERE number <= (SELECT max(number) FROM openings) - ?", openingsKept)
	})
	if err != nil {
		j.log.Warn("note opening of journal", "path", j.path, "err", err)
	}
}

// Opening is the id of this opening, which no other has.
func (j *Journal) Opening() string { return j.opening }

// Openings are those that are remembered, in order.
func (j *Journal) Openings() ([]Opening, error) {
	return all(j.from, func(rows *sql.Rows) (o Opening, err error) {
		err = rows.Scan(&o.ID, &o.Change, &o.Event)
		return o, err
	}, "SELECT id, change, event FROM openings ORDER BY number")
}

// Heads tell where the sequences stand.
func (j *Journal) Heads() (h Heads, err error) {
	err = j.from.QueryRow("SELECT coalesce((SELECT min(seq) FROM changes), 0), "+newestChange+", coalesce((SELECT max(seq) FROM events), 0)").
		Scan(&h.OldestChange, &h.NewestChange, &h.NewestEvent)
	return h, err
}

// SkipChanges has the next change get a number beyond one.
func (j *Journal) SkipChanges(to int64) error {
	return j.alone("skip changes", func() error {
		if err := j.writer.do("INSERT INTO sqlite_sequence (name, seq) SELECT 'changes', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'changes')"); err != nil {
			return err
		}
		return j.writer.do("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'changes'", to)
	})
}

// Renames are the changes after a number that are renames, in order.
func (j *Journal) Renames(after int64) ([]Change, error) {
	return all(j.from, func(rows *sql.Rows) (c Change, err error) {
		err = rows.Scan(&c.Seq, &c.Kind, &c.Key)
		return c, err
	}, "SELECT seq, kind, key FROM changes WHERE kind = 'rename' AND seq > ? ORDER BY seq", after)
}

// NoteAgain has a replica look at rows once more.
func (j *Journal) NoteAgain(rows []Change) error {
	return j.alone("note rows again", func() error {
		for _, r := range rows {
			if err := j.writer.note(r.Kind, r.Key); err != nil {
				return err
			}
		}
		return nil
	})
}

// Replica is what SaveReplica was last given; nil when nothing was.
func (j *Journal) Replica() (data []byte, err error) {
	err = j.from.QueryRow("SELECT data FROM replica").Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return data, err
}

// SaveReplica keeps where the replica stands. It is no change that a replica would have to follow.
func (j *Journal) SaveReplica(data []byte) error {
	return j.alone("save state of replica", func() error {
		return j.writer.do("INSERT INTO replica (one, data) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET data = excluded.data", data)
	})
}

// alone writes in a transaction of its own, or not at all.
func (j *Journal) alone(what string, f func() error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.wrong != nil {
		return fmt.Errorf("%s: the journal cannot be written: %w", what, j.wrong)
	}
	if err := j.writer.transact(false, f); err != nil {
		j.fail(err)
		j.publish()
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Still has f read the journal as it is at one moment, whatever is written meanwhile. What it is given must not be used after it.
func (j *Journal) Still(f func(j *Journal) error) error {
	tx, err := j.readers.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to undo
	return f(&Journal{from: still{j.reader, tx}})
}

// SlotKey names a row of the ledger.
type SlotKey struct {
	Job string
	At  time.Time
}

// ReplicaOverride is an override as a replica has it: also one that has ended.
type ReplicaOverride struct {
	Override
	Ended    time.Time
	EndedWhy string
}

// RunsByID are the runs of ids, as far as they are there, in no order.
func (j *Journal) RunsByID(ids []string) ([]Run, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = fmt.Sprintf("%X", runKey(id))
	}
	return scanRuns(j.from.Query("SELECT "+runColumns+" FROM json_each(?) k JOIN runs r ON r.id = unhex(k.value) JOIN jobs j ON j.id = r.job", asJSON(keys)))
}

// RunsAfter are runs in the order of their ids, after one.
func (j *Journal) RunsAfter(id string, limit int) ([]Run, error) {
	key := runKey(id)
	if key == nil {
		key = []byte{}
	}
	return j.runs("WHERE r.id > ? ORDER BY r.id LIMIT ?", key, limit)
}

const slotColumns = "SELECT j.name, s.at, s.last, s.count, s.outcome, coalesce(s.reason, ''), s.run, coalesce(s.nominal, ''), coalesce(s.note, '') "

func scanSlot(rows *sql.Rows) (s Slot, err error) {
	var first, last int64
	var run []byte
	err = rows.Scan(&s.Job, &first, &last, &s.Count, &s.Outcome, &s.Reason, &run, &s.Nominal, &s.Note)
	s.At, s.Last, s.Run = time.Unix(0, first), time.Unix(0, last), runID(run)
	return s, err
}

// SlotsByKey are the rows of the ledger of keys, as far as they are there, in no order.
func (j *Journal) SlotsByKey(keys []SlotKey) ([]Slot, error) {
	pairs := make([][2]any, len(keys))
	for i, k := range keys {
		pairs[i] = [2]any{k.Job, k.At.UnixNano()}
	}
	return all(j.from, scanSlot, slotColumns+`FROM json_each(?) k JOIN jobs j ON j.name = k.value ->> 0
 JOIN slots s ON s.job = j.id AND s.at = k.value ->> 1`, asJSON(pairs))
}

// SlotsAfter are rows of the ledger by job and time, after one.
func (j *Journal) SlotsAfter(k SlotKey, limit int) ([]Slot, error) {
	after := int64(-1 << 63)
	if !k.At.IsZero() {
		after = k.At.UnixNano()
	}
	return all(j.from, scanSlot, slotColumns+`FROM jobs j JOIN slots s ON s.job = j.id WHERE j.name >= ?1 AND (j.name > ?1 OR s.at > ?2)
 ORDER BY j.name, s.at LIMIT ?3`, k.Job, after, limit)
}

const jobColumns = "SELECT j.name, j.cursor, j.failures, j.last_run, j.generation, j.spec_hash, j.owner, j.definition, j.gone "

func scanJob(rows *sql.Rows) (job Job, err error) {
	var cursor sql.NullInt64
	var last []byte
	err = rows.Scan(&job.Name, &cursor, &job.Failures, &last, &job.Generation, &job.SpecHash, &job.Owner, &job.Definition, &job.Gone)
	job.Cursor, job.LastRun = instant(cursor), runID(last)
	return job, err
}

// JobsByName are the jobs of names, as far as they are there, in no order.
func (j *Journal) JobsByName(names []string) ([]Job, error) {
	return all(j.from, scanJob, jobColumns+"FROM json_each(?) k JOIN jobs j ON j.name = k.value", asJSON(names))
}

// JobsAfter are jobs by name, after one.
func (j *Journal) JobsAfter(name string, limit int) ([]Job, error) {
	return all(j.from, scanJob, jobColumns+"FROM jobs j WHERE j.name > ? ORDER BY j.name LIMIT ?", name, limit)
}

const overrideColumns = `SELECT o.id, j.name, o.kind, o.until, o.owner, o.reason, o.created, o.ended, coalesce(o.ended_why, '')
 FROM overrides o JOIN jobs j ON j.id = o.job `

func scanOverride(rows *sql.Rows) (o ReplicaOverride, err error) {
	var until, ended sql.NullInt64
	var created int64
	err = rows.Scan(&o.ID, &o.Job, &o.Kind, &until, &o.Owner, &o.Reason, &created, &ended, &o.EndedWhy)
	o.Until, o.Created, o.Ended = instant(until), time.Unix(0, created), instant(ended)
	return o, err
}

// OverridesByID are the overrides of ids, in no order.
func (j *Journal) OverridesByID(ids []string) ([]ReplicaOverride, error) {
	return all(j.from, scanOverride, overrideColumns+"WHERE o.id IN (SELECT value FROM json_each(?))", asJSON(ids))
}

// OverridesAfter are overrides by id, after one.
func (j *Journal) OverridesAfter(id string, limit int) ([]ReplicaOverride, error) {
	return all(j.from, scanOverride, overrideColumns+"WHERE o.id > ? ORDER BY o.id LIMIT ?", id, limit)
}

// GenerationsAfter are generations by number, after one, without their files.
func (j *Journal) GenerationsAfter(number, limit int) ([]Generation, error) {
	return j.generations("WHERE number > ? ORDER BY number LIMIT ?", number, limit)
}

// GenerationsByNumber are the generations of numbers, in no order, without their files.
func (j *Journal) GenerationsByNumber(numbers []int) ([]Generation, error) {
	return j.generations("WHERE number IN (SELECT value FROM json_each(?))", asJSON(numbers))
}

// Rows is how many rows a replica has to read to have all.
func (j *Journal) Rows() (n int64, err error) {
	err = j.from.QueryRow(`SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM slots) + (SELECT count(*) FROM jobs) +
 (SELECT count(*) FROM overrides) + (SELECT count(*) FROM generations)`).Scan(&n)
	return n, err
}

// all reads every row of a query.
func all[T any](from queryer, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := from.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func asJSON(v any) string {
	text, _ := json.Marshal(v) // texts and numbers
	return string(text)
}
