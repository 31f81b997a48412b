package journal

import (
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
)

const runColumns = `r.id, j.name, r.state, r.trigger, r.attempt, r.scheduled, r.not_before, r.started, r.ended, r.duration, r.lateness,
 r.exit_code, coalesce(r.signal, ''), coalesce(r.pid, 0), coalesce(r.reason, ''), coalesce(r.generation, 0), r.spec_hash, r.cpu,
 coalesce(r.max_rss, 0), coalesce(r.output_bytes, 0), coalesce(r.output_dropped, 0), coalesce(r.output_lost, ''), r.survivors,
 coalesce(r.output_job, ''), r.live`

const fromRuns = " FROM runs r JOIN jobs j ON j.id = r.job "

// scanRuns reads rows of runColumns.
func scanRuns(rows *sql.Rows, err error) ([]Run, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var runs []Run
	for rows.Next() {
		var r Run
		var id []byte
		var scheduled, notBefore, started, ended, took, late, exit, cpu sql.NullInt64
		var spec any
		var left sql.NullString
		if err := rows.Scan(&id, &r.Job, &r.State, &r.Trigger, &r.Attempt, &scheduled, &notBefore, &started, &ended, &took, &late,
			&exit, &r.Signal, &r.Pid, &r.Reason, &r.Generation, &spec, &cpu, &r.MaxRSS, &r.OutputBytes, &r.OutputDropped, &r.OutputLost,
			&left, &r.OutputJob, &r.Live); err != nil {
			return nil, err
		}
		r.ID, r.SpecHash, r.Survivors = runID(id), unhash(spec), unpids(left)
		r.Scheduled, r.NotBefore, r.Started, r.Ended = instant(scheduled), instant(notBefore), instant(started), instant(ended)
		r.Duration, r.Lateness, r.CPU = duration(took), duration(late), duration(cpu)
		if exit.Valid {
			r.ExitCode = new(int(exit.Int64))
		}
		runs = append(runs, r)
	}
	return runs, rows.Err()
}

func (j *Journal) runs(query string, args ...any) ([]Run, error) {
	return scanRuns(j.from.Query("SELECT "+runColumns+fromRuns+query, args...))
}

// Run is the run of an id, or of an end of one that no other shares, of four characters at least.
func (j *Journal) Run(id string) (Run, bool, error) {
	for _, r := range j.inMemory(func(r Run) bool { return strings.HasSuffix(r.ID, id) }) {
		return r, true, nil
	}
	const whole, least = 36, 4
	if len(id) == whole {
		runs, err := j.runs("WHERE r.id = ?", runKey(id))
		return only(runs, err)
	}
	tail, err := hex.DecodeString(id[max(0, len(id)-least):])
	if err != nil || len(id) < least {
		return Run{}, false, nil
	}
	runs, err := j.runs("WHERE substr(r.id, 15) = ?", tail)
	return only(slices.DeleteFunc(runs, func(r Run) bool { return !strings.HasSuffix(r.ID, id) }), err)
}

func only(runs []Run, err error) (Run, bool, error) {
	if err != nil || len(runs) != 1 {
		return Run{}, false, err
	}
	return runs[0], true, nil
}

// LastRun is the newest run of a job.
func (j *Journal) LastRun(job string) (Run, bool, error) {
	runs, _, err := j.Runs(RunFilter{Job: job, Limit: 1})
	return only(runs, err)
}

// attemptsWithin is how many runs of a job after a slot's first are looked through for its later attempts.
const attemptsWithin = 1000

// Attempts are the later attempts of slots of a job, oldest first: those after the run first, and not long after the run last.
func (j *Journal) Attempts(job, first, last string) ([]Run, error) {
	runs, err := j.runs(`WHERE r.job = (SELECT id FROM jobs WHERE name = ?1) AND r.id > ?2 AND r.id <= coalesce((SELECT max(id) FROM
 (SELECT n.id FROM runs n JOIN jobs o ON o.id = n.job WHERE o.name = ?1 AND n.id > ?3 ORDER BY n.id LIMIT ?4)), ?3)
 AND r.attempt > 1 AND r.scheduled IS NOT NULL ORDER BY r.id`, job, runKey(first), runKey(last), attemptsWithin)
	if err != nil {
		return nil, err
	}
	runs = slices.DeleteFunc(j.overlay(runs, RunFilter{Job: job}), func(r Run) bool {
		return r.Attempt < 2 || r.Scheduled.IsZero() || r.ID <= first
	})
	slices.Reverse(runs)
	return runs, nil
}

// RunFilter chooses runs; what is empty chooses all.
type RunFilter struct {
	Job          string
	States       []string
	Since, Until time.Time // of their admission
	After        string    // run id: runs before it
	Limit        int
}

// Runs is a page of runs, newest first. It tells whether there are more.
func (j *Journal) Runs(f RunFilter) (runs []Run, more bool, err error) {
	var where []string
	var args []any
	add := func(condition string, values ...any) {
		where, args = append(where, condition), append(args, values...)
	}
	if f.Job != "" {
		add("r.job = (SELECT id FROM jobs WHERE name = ?)", f.Job)
	}
	if len(f.States) > 0 {
		list := "'" + strings.Join(slices.Collect(known(f.States)), "','") + "'"
		if onlyFailures(f.States) {
			// In the words of the index on failures, so that it serves.
			add("r.state IN ('failed', 'timed_out', 'lost')")
		}
		add("r.state IN (" + list + ")")
	}
	if f.After != "" {
		add("r.id < ?", runKey(f.After))
	}
	if !f.Since.IsZero() {
		add("r.id >= ?", lowest(f.Since))
	}
	if !f.Until.IsZero() {
		add("r.id < ?", lowest(f.Until))
	}
	query := ""
	if len(where) > 0 {
		query = "WHERE " + strings.Join(where, " AND ")
	}
	runs, err = j.runs(query+" ORDER BY r.id DESC LIMIT ?", append(args, f.Limit+1)...)
	if err != nil {
		return nil, false, err
	}
	runs = j.overlay(runs, f)
	if len(runs) > f.Limit {
		return runs[:f.Limit], true, nil
	}
	return runs, false, nil
}

// known keeps what is a state's word: it becomes a part of the query.
func known(states []string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, s := range states {
			if strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == "" && !yield(s) {
				return
			}
		}
	}
}

func onlyFailures(states []string) bool {
	return !slices.ContainsFunc(states, func(s string) bool { return s != "failed" && s != "timed_out" && s != "lost" })
}

// lowest is the least id of a run that was admitted at an instant: UUIDv7 begins with its milliseconds.
func lowest(t time.Time) []byte {
	key := make([]byte, 16)
	binary.BigEndian.PutUint64(key, uint64(max(0, t.UnixMilli()))<<16)
	return key
}

// Slots are the ledger's entries of a job that touch a stretch of time, in order of time; with a limit, the newest.
func (j *Journal) Slots(job string, from, to time.Time, limit int) ([]Slot, error) {
	if limit <= 0 {
		limit = -1
	}
	// The entry that begins before the stretch may reach into it.
	rows, err := j.from.Query(`SELECT s.at, s.last, s.count, s.outcome, coalesce(s.reason, ''), s.run, coalesce(s.nominal, ''),
 coalesce(s.note, '') FROM slots s JOIN jobs j ON j.id = s.job WHERE j.name = ?1 AND s.at <= ?3 AND s.at >= coalesce(
 (SELECT max(at) FROM slots WHERE job = j.id AND at <= ?2 AND last >= ?2), ?2) ORDER BY s.at DESC LIMIT ?4`,
		job, from.UnixNano(), to.UnixNano(), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var slots []Slot
	for rows.Next() {
		s := Slot{Job: job}
		var first, last int64
		var run []byte
		if err := rows.Scan(&first, &last, &s.Count, &s.Outcome, &s.Reason, &run, &s.Nominal, &s.Note); err != nil {
			return nil, err
		}
		s.At, s.Last, s.Run = time.Unix(0, first), time.Unix(0, last), runID(run)
		slots = append(slots, s)
	}
	slices.Reverse(slots)
	return j.overlaySlots(slots, job, from, to), rows.Err()
}

// Expired are ended runs of a job beyond the newest keep, or that ended before an instant: the oldest first.
func (j *Journal) Expired(job string, keep int, before time.Time, limit int) ([]Run, error) {
	// Both counts are made of indices alone; that of the ended runs would have to read each of them.
	var count int
	if err := j.from.QueryRow(`SELECT (SELECT count(*) FROM runs WHERE job = j.id) -
 (SELECT count(*) FROM runs INDEXED BY runs_open WHERE live IS NOT NULL AND job = j.id) FROM jobs j WHERE j.name = ?`, job).Scan(&count); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		return nil, err
	}
	const ofJob = "WHERE r.job = (SELECT id FROM jobs WHERE name = ?) AND r.live IS NULL "
	if over := min(limit, count-keep); over > 0 {
		return j.runs(ofJob+"ORDER BY r.id LIMIT ?", job, over)
	}
	return j.runs(ofJob+"AND r.id < ? AND coalesce(r.ended, 0) < ? ORDER BY r.id LIMIT ?", job, lowest(before), before.UnixNano(), limit)
}

// LastSuccesses are when the newest runs of some jobs that succeeded have ended, by name: none of a job without one.
func (j *Journal) LastSuccesses(jobs []string) (map[string]time.Time, error) {
	rows, err := j.from.Query(`SELECT k.value, (SELECT r.ended FROM runs r WHERE r.job = j.id AND r.state = 'succeeded' ORDER BY r.id DESC LIMIT 1)
 FROM json_each(?) k JOIN jobs j ON j.name = k.value`, asJSON(jobs))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	last := map[string]time.Time{}
	for rows.Next() {
		var name string
		var ended sql.NullInt64
		if err := rows.Scan(&name, &ended); err != nil {
			return nil, err
		}
		if ended.Valid {
			last[name] = instant(ended)
		}
	}
	return last, rows.Err()
}

// Gone are the names of former jobs of which runs are kept.
func (j *Journal) Gone() ([]string, error) {
	rows, err := j.from.Query("SELECT name FROM jobs WHERE gone AND EXISTS (SELECT 1 FROM runs WHERE job = jobs.id)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// Events are those after a number, of one job or of all, in order.
func (j *Journal) Events(after int64, job string, limit int) ([]Event, error) {
	rows, err := j.from.Query(`SELECT seq, time, kind, coalesce(job, ''), run, slot, coalesce(count, 0), message FROM events
 WHERE seq > ?1 AND (?2 = '' OR job = ?2) ORDER BY seq LIMIT ?3`, after, job, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		var e Event
		var when int64
		var slot sql.NullInt64
		var run []byte
		if err := rows.Scan(&e.Seq, &when, &e.Kind, &e.Job, &run, &slot, &e.Count, &e.Message); err != nil {
			return nil, err
		}
		e.Time, e.Run, e.Slot = time.Unix(0, when), runID(run), instant(slot)
		events = append(events, e)
	}
	return events, rows.Err()
}

// Changes are those after a number, in order.
func (j *Journal) Changes(after int64, limit int) ([]Change, error) {
	rows, err := j.from.Query("SELECT seq, kind, key FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var changes []Change
	for rows.Next() {
		var c Change
		if err := rows.Scan(&c.Seq, &c.Kind, &c.Key); err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, rows.Err()
}

// Command is the result of something that was asked from elsewhere, and whether it is done.
func (j *Journal) Command(id string) (result string, done bool, err error) {
	if c, waits := j.commandInMemory(id); waits {
		return c.Result, true, nil
	}
	err = j.from.QueryRow("SELECT result FROM commands WHERE id = ?", id).Scan(&result)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return result, err == nil, err
}

const generationColumns = "SELECT number, hash, accepted, owner, summary, reason, jobs, coalesce(git_commit, '') FROM generations "

func (j *Journal) generations(query string, args ...any) ([]Generation, error) {
	rows, err := j.from.Query(generationColumns+query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Generation
	for rows.Next() {
		var g Generation
		var accepted int64
		if err := rows.Scan(&g.Number, &g.Hash, &accepted, &g.Owner, &g.Summary, &g.Reason, &g.Jobs, &g.Commit); err != nil {
			return nil, err
		}
		g.Accepted = time.Unix(0, accepted)
		all = append(all, g)
	}
	return all, rows.Err()
}

// Generations are those before a number (0: all), newest first, without their files.
func (j *Journal) Generations(before, limit int) ([]Generation, error) {
	return j.generations("WHERE ?1 = 0 OR number < ?1 ORDER BY number DESC LIMIT ?2", before, limit)
}

// Generation is one with its files.
func (j *Journal) Generation(number int) (Generation, bool, error) {
	all, err := j.generations("WHERE number = ?", number)
	if err != nil || len(all) == 0 {
		return Generation{}, false, err
	}
	g := all[0]
	g.Files, err = j.files(number)
	return g, err == nil, err
}

func (j *Journal) files(number int) ([]File, error) {
	rows, err := j.from.Query(`SELECT f.path, t.text FROM generation_files f JOIN texts t ON t.sum = f.sum
 WHERE f.generation = ? ORDER BY f.position`, number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var files []File
	for rows.Next() {
		var f File
		var text []byte
		if err := rows.Scan(&f.Path, &text); err != nil {
			return nil, err
		}
		if f.Text, err = unpacked(text); err != nil {
			return nil, errors.Join(err, rows.Err())
		}
		files = append(files, f)
	}
	return files, rows.Err()
}
