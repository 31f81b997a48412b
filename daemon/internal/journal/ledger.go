package journal

import (
	"database/sql"
	"errors"
	"time"
)

// neighbour is a row of the ledger as far as folding goes.
type neighbour struct {
	at, last int64
	count    int
	outcome  string
	reason   string
	run      []byte
	note     string
}

// before is the row of a job at an instant or the nearest before it.
func (w *writer) before(job, at int64) (n neighbour, ok bool, err error) {
	s, err := w.stmt(`SELECT at, last, count, outcome, coalesce(reason, ''), run, coalesce(note, '') FROM slots
 WHERE job = ? AND at <= ? ORDER BY at DESC LIMIT 1`)
	if err != nil {
		return n, false, err
	}
	err = s.QueryRow(job, at).Scan(&n.at, &n.last, &n.count, &n.outcome, &n.reason, &n.run, &n.note)
	if errors.Is(err, sql.ErrNoRows) {
		return n, false, nil
	}
	return n, err == nil, err
}

func (w *writer) putSlots(s Slot) error {
	job, err := w.job(s.Job)
	if err != nil {
		return err
	}
	first, last, count := s.At.UnixNano(), s.Last.UnixNano(), s.Count
	n, there, err := w.before(job, first)
	if err != nil {
		return err
	}
	switch {
	case there && n.at != first && n.last >= first:
		return nil // within a stretch that has its outcome
	case there && n.at != first && !s.Apart && s.Run == "" && n.run == nil && s.Note == "" && n.note == "" && n.outcome == s.Outcome && n.reason == s.Reason:
		if err := w.do("UPDATE slots SET last = ?, count = ? WHERE job = ? AND at = ?", last, n.count+count, job, n.at); err != nil {
			return err
		}
		return w.note("slot", slotKey(s.Job, time.Unix(0, n.at)))
	}
	if err := w.do("INSERT OR REPLACE INTO slots (job, at, last, count, outcome, reason, run, nominal, note) VALUES (?,?,?,?,?,?,?,?,?)",
		job, first, last, count, s.Outcome, orNull(s.Reason), runKey(s.Run), orNull(s.Nominal), orNull(s.Note)); err != nil {
		return err
	}
	return w.note("slot", slotKey(s.Job, s.At))
}

// cutSlots forgets what was called missed and has not come yet. A stretch that begins before the instant goes as a
// whole: its writer counts it anew.
func (w *writer) cutSlots(c cutSlots) error {
	job, err := w.job(c.Job)
	if err != nil {
		return err
	}
	s, err := w.stmt("DELETE FROM slots WHERE job = ? AND last > ? AND outcome = 'missed' RETURNING at")
	if err != nil {
		return err
	}
	rows, err := s.Query(job, c.After.UnixNano())
	if err != nil {
		return err
	}
	cut, err := instants(rows)
	for _, at := range cut {
		if err := w.note("slot", slotKey(c.Job, at)); err != nil {
			return err
		}
	}
	return err
}

// instants reads rows of one instant each.
func instants(rows *sql.Rows) ([]time.Time, error) {
	defer rows.Close()
	var all []time.Time
	for rows.Next() {
		var at int64
		if err := rows.Scan(&at); err != nil {
			return nil, err
		}
		all = append(all, time.Unix(0, at))
	}
	return all, rows.Err()
}

// forget drops a run. Its slot stays in the ledger, as a part of a stretch.
func (w *writer) forget(id string) error {
	s, err := w.stmt("SELECT r.job, r.scheduled, j.name FROM runs r JOIN jobs j ON j.id = r.job WHERE r.id = ? AND r.live IS NULL")
	if err != nil {
		return err
	}
	var job int64
	var scheduled sql.NullInt64
	var name string
	err = s.QueryRow(runKey(id)).Scan(&job, &scheduled, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // gone, or in progress again
	}
	if err != nil {
		return err
	}
	if err := w.do("DELETE FROM runs WHERE id = ?", runKey(id)); err != nil {
		return err
	}
	if err := w.note("run", id); err != nil {
		return err
	}
	if !scheduled.Valid {
		return nil
	}
	return w.fold(job, name, scheduled.Int64, id)
}

// fold lays the row of a slot whose run is gone to the stretch before it. Why it ran is no more than that it was due; why it did
// not is kept.
func (w *writer) fold(job int64, name string, slot int64, id string) error {
	done, err := w.exec(`UPDATE slots SET run = NULL, nominal = NULL, reason = CASE WHEN outcome IN ('ran', 'caught_up') THEN NULL ELSE reason END
 WHERE job = ? AND at = ? AND run = ?`, job, slot, runKey(id))
	if err != nil {
		return err
	}
	if n, _ := done.RowsAffected(); n == 0 {
		return nil // a further attempt: the slot is the first one's
	}
	if err := w.note("slot", slotKey(name, time.Unix(0, slot))); err != nil {
		return err
	}
	own, there, err := w.before(job, slot)
	if err != nil || !there || own.at != slot {
		return err
	}
	n, there, err := w.before(job, slot-1)
	if err != nil || !there || n.run != nil || n.outcome != own.outcome || n.reason != own.reason || n.note != own.note {
		return err
	}
	if err := w.do("DELETE FROM slots WHERE job = ? AND at = ?", job, slot); err != nil {
		return err
	}
	if err := w.do("UPDATE slots SET last = ?, count = ? WHERE job = ? AND at = ?", own.last, n.count+own.count, job, n.at); err != nil {
		return err
	}
	return w.note("slot", slotKey(name, time.Unix(0, n.at)))
}
