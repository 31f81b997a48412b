package journal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// writer is the one connection that writes. Its statements are prepared once.
type writer struct {
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt
	jobs    map[string]int64 // ids by name
	durable bool             // how the connection commits now
	changed map[Change]bool  // within the transaction
}

func newWriter(db *sql.DB) (*writer, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	return &writer{conn: conn, stmts: map[string]*sql.Stmt{}, jobs: map[string]int64{}}, nil
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

func (w *writer) stmt(query string) (*sql.Stmt, error) {
	if s := w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), query)
	if err == nil {
		w.stmts[query] = s
	}
	return s, err
}

func (w *writer) exec(query string, args ...any) (sql.Result, error) {
	s, err := w.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.Exec(args...)
}

func (w *writer) do(query string, args ...any) error {
	_, err := w.exec(query, args...)
	return err
}

// transact has f done in one transaction, or not at all.
func (w *writer) transact(durable bool, f func() error) error {
	if durable != w.durable {
		level := "NORMAL"
		if durable {
			level = "FULL"
		}
		if err := w.do("PRAGMA synchronous = " + level); err != nil {
			return err
		}
		w.durable = durable
	}
	if err := w.do("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	w.changed = map[Change]bool{}
	err := f()
	if err == nil {
		err = w.do("COMMIT")
	}
	if err != nil {
		_ = w.do("ROLLBACK") // an error may have done so already
		clear(w.jobs)        // the names that it has added are gone
	}
	return err
}

// queryer reads: beside the writer, or within its transaction.
type queryer interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// within reads in the writer's transaction.
type within struct{ conn *sql.Conn }

func (w within) Query(query string, args ...any) (*sql.Rows, error) {
	return w.conn.QueryContext(context.Background(), query, args...)
}

func (w within) QueryRow(query string, args ...any) *sql.Row {
	return w.conn.QueryRowContext(context.Background(), query, args...)
}

// pretend has f read as if rows that wait had been written. Nothing of it goes to the disk, which may be full.
func (w *writer) pretend(waiting []kept, f func(from queryer) error) error {
	if err := w.do("PRAGMA cache_spill = OFF"); err != nil {
		return err
	}
	if err := w.do("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	w.changed = map[Change]bool{}
	defer func() {
		_ = w.do("ROLLBACK")
		_ = w.do("PRAGMA cache_spill = ON")
		clear(w.jobs)
	}()
	for _, k := range waiting {
		for _, row := range k.rows {
			if err := w.put(row); err != nil {
				return err
			}
		}
	}
	return f(within{w.conn})
}

// write writes rows in one transaction.
func (w *writer) write(durable bool, rows []any) error {
	return w.transact(durable, func() error {
		for _, row := range rows {
			if err := w.put(row); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writer) put(row any) error {
	switch r := row.(type) {
	case Run:
		return w.putRun(r)
	case Slot:
		return w.putSlots(r)
	case cutSlots:
		return w.cutSlots(r)
	case Job:
		return w.putJob(r)
	case rename:
		return w.rename(r)
	case Override:
		return w.putOverride(r)
	case endOverride:
		return w.endOverride(r)
	case Request:
		return w.putRequest(r)
	case dropRequest:
		return w.do("DELETE FROM requests WHERE id = ?", r.ID)
	case Command:
		return w.do("INSERT OR REPLACE INTO commands (id, done, result) VALUES (?, ?, ?)", r.ID, at(r.Done), r.Result)
	case Generation:
		return w.addGeneration(r)
	case Source:
		return w.do("INSERT INTO source (one, data) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET data = excluded.data", r.Data)
	case Event:
		return w.addEvent(r)
	case Loss:
		return w.putLoss(r)
	}
	return fmt.Errorf("write %T: it is no row", row)
}

// note adds to the sequence of changes, once a transaction.
func (w *writer) note(kind, key string) error {
	c := Change{Kind: kind, Key: key}
	if w.changed[c] {
		return nil
	}
	w.changed[c] = true
	return w.do("INSERT INTO changes (kind, key) VALUES (?, ?)", kind, key)
}

// job is the id of a job's name, which is given one when it has none.
func (w *writer) job(name string) (int64, error) {
	if id, known := w.jobs[name]; known {
		return id, nil
	}
	s, err := w.stmt("SELECT id FROM jobs WHERE name = ?")
	if err != nil {
		return 0, err
	}
	var id int64
	err = s.QueryRow(name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		var done sql.Result
		if done, err = w.exec("INSERT INTO jobs (name) VALUES (?)", name); err == nil {
			id, err = done.LastInsertId()
		}
		if err == nil {
			err = w.note("job", name)
		}
	}
	if err == nil {
		w.jobs[name] = id
	}
	return id, err
}

const putRun = `INSERT OR REPLACE INTO runs (id, job, state, trigger, attempt, scheduled, not_before, started, ended, duration,
 lateness, exit_code, signal, pid, reason, generation, spec_hash, cpu, max_rss, output_bytes, output_dropped, output_lost, survivors,
 output_job, live) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`

func (w *writer) putRun(r Run) error {
	job, err := w.job(r.Job)
	if err != nil {
		return err
	}
	var exit any
	if r.ExitCode != nil {
		exit = *r.ExitCode
	}
	var live any
	if r.open() {
		live = []byte("{}")
		if r.Live != nil {
			live = r.Live
		}
	}
	if err := w.do(putRun, runKey(r.ID), job, r.State, r.Trigger, r.Attempt, at(r.Scheduled), at(r.NotBefore), at(r.Started), at(r.Ended),
		span(r.Duration), span(r.Lateness), exit, orNull(r.Signal), orNull(r.Pid), orNull(r.Reason), orNull(r.Generation), hash(r.SpecHash),
		span(r.CPU), orNull(r.MaxRSS), orNull(r.OutputBytes), orNull(r.OutputDropped), orNull(r.OutputLost), pids(r.Survivors),
		orNull(r.OutputJob), live); err != nil {
		return err
	}
	return w.note("run", r.ID)
}

func (w *writer) putJob(j Job) error {
	id, err := w.job(j.Name)
	if err != nil {
		return err
	}
	if err := w.do(`UPDATE jobs SET cursor = ?, failures = ?, last_run = ?, generation = ?, spec_hash = ?, owner = ?, definition = ?,
 gone = ? WHERE id = ?`, at(j.Cursor), j.Failures, runKey(j.LastRun), j.Generation, j.SpecHash, j.Owner, j.Definition, j.Gone, id); err != nil {
		return err
	}
	return w.note("job", j.Name)
}

// rename moves the history of a job to another name. Where that name has a history, the two become one.
func (w *writer) rename(r rename) error {
	from, err := w.job(r.From)
	if err != nil {
		return err
	}
	if err := w.do("UPDATE runs SET output_job = ? WHERE job = ? AND output_job IS NULL", r.From, from); err != nil {
		return err
	}
	to, err := w.job(r.To)
	if err != nil {
		return err
	}
	for _, query := range []string{
		"UPDATE OR IGNORE runs SET job = ? WHERE job = ?",
		"UPDATE OR IGNORE slots SET job = ? WHERE job = ?",
		"UPDATE overrides SET job = ? WHERE job = ?",
		"UPDATE requests SET job = ? WHERE job = ?",
	} {
		if err := w.do(query, to, from); err != nil {
			return err
		}
	}
	// Slots that both names had stay with the one that ran them last.
	if err := w.do("DELETE FROM slots WHERE job = ?", from); err != nil {
		return err
	}
	if err := w.do("DELETE FROM jobs WHERE id = ?", from); err != nil {
		return err
	}
	delete(w.jobs, r.From)
	clear(w.changed) // what is written of either job after this is told after it, too
	if err := w.note("rename", r.From+" "+r.To); err != nil {
		return err
	}
	return w.noteAll(to, r.To)
}

// noteAll notes every row of a job but its runs, which a rename does not change.
func (w *writer) noteAll(job int64, name string) error {
	if err := w.note("job", name); err != nil {
		return err
	}
	s, err := w.stmt("SELECT at FROM slots WHERE job = ?")
	if err != nil {
		return err
	}
	rows, err := s.Query(job)
	if err != nil {
		return err
	}
	slots, err := instants(rows)
	if err != nil {
		return err
	}
	for _, at := range slots {
		if err := w.note("slot", slotKey(name, at)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) putOverride(o Override) error {
	job, err := w.job(o.Job)
	if err != nil {
		return err
	}
	if err := w.do("INSERT OR REPLACE INTO overrides (id, job, kind, until, owner, reason, created) VALUES (?,?,?,?,?,?,?)",
		o.ID, job, o.Kind, at(o.Until), o.Owner, o.Reason, at(o.Created)); err != nil {
		return err
	}
	return w.note("override", o.ID)
}

func (w *writer) endOverride(o endOverride) error {
	if err := w.do("UPDATE overrides SET ended = ?, ended_why = ? WHERE id = ?", at(o.At), o.Why, o.ID); err != nil {
		return err
	}
	return w.note("override", o.ID)
}

func (w *writer) putRequest(r Request) error {
	job, err := w.job(r.Job)
	if err != nil {
		return err
	}
	return w.do("INSERT OR REPLACE INTO requests (id, job, trigger, slot, why, reason, created) VALUES (?,?,?,?,?,?,?)",
		r.ID, job, r.Trigger, at(r.Slot), r.Why, r.Reason, at(r.Created))
}

func (w *writer) addGeneration(g Generation) error {
	if err := w.do("INSERT OR REPLACE INTO generations (number, hash, accepted, owner, summary, reason, jobs, git_commit) VALUES (?,?,?,?,?,?,?,?)",
		g.Number, g.Hash, at(g.Accepted), g.Owner, g.Summary, g.Reason, g.Jobs, orNull(g.Commit)); err != nil {
		return err
	}
	for i, f := range g.Files {
		sum := sha256.Sum256([]byte(f.Text))
		s, err := w.stmt("SELECT 1 FROM texts WHERE sum = ?")
		if err != nil {
			return err
		}
		var one int
		switch err := s.QueryRow(sum[:]).Scan(&one); {
		case errors.Is(err, sql.ErrNoRows):
			if err := w.do("INSERT INTO texts (sum, text) VALUES (?, ?)", sum[:], packed(f.Text)); err != nil {
				return err
			}
		case err != nil:
			return err
		}
		if err := w.do("INSERT OR REPLACE INTO generation_files (generation, position, path, sum) VALUES (?,?,?,?)", g.Number, i, f.Path, sum[:]); err != nil {
			return err
		}
	}
	return w.note("generation", strconv.Itoa(g.Number))
}

func (w *writer) addEvent(e Event) error {
	if err := w.do("INSERT OR REPLACE INTO events (seq, time, kind, job, run, slot, count, message) VALUES (?,?,?,?,?,?,?,?)",
		e.Seq, at(e.Time), e.Kind, orNull(e.Job), runKey(e.Run), at(e.Slot), orNull(e.Count), e.Message); err != nil {
		return err
	}
	return nil // an event is a row of a sequence already
}

// slotKey names a ledger row in the sequence of changes.
func slotKey(job string, t time.Time) string { return job + "@" + strconv.FormatInt(t.UnixNano(), 10) }
