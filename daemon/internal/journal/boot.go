package journal

import (
	"database/sql"
	"errors"
	"slices"
	"time"
)

// Boot is what a worker needs to go on where another ended. Rows that an earlier worker could not write count.
func (j *Journal) Boot() (b Boot, err error) {
	j.mu.Lock()
	waiting := slices.Clone(j.kept)
	j.mu.Unlock()
	if len(waiting) == 0 {
		return j.boot()
	}
	err = j.writer.pretend(waiting, func(from queryer) error {
		b, err = (&Journal{from: from}).boot()
		return err
	})
	if err != nil {
		j.log.Error("rows that wait are not heeded", "path", j.path, "err", err)
		return j.boot()
	}
	return b, nil
}

func (j *Journal) boot() (Boot, error) {
	var b Boot
	for _, read := range []func(*Boot) error{
		j.bootGeneration, j.bootJobs, j.bootRuns, j.bootAhead, j.bootOverrides, j.bootRequests, j.bootRest,
	} {
		if err := read(&b); err != nil {
			return Boot{}, err
		}
	}
	return b, nil
}

func (j *Journal) bootGeneration(b *Boot) error {
	last, err := j.Generations(0, 1)
	if err != nil || len(last) == 0 {
		return err
	}
	b.Generation, _, err = j.Generation(last[0].Number)
	return err
}

func (j *Journal) bootJobs(b *Boot) (err error) {
	b.Jobs, err = all(j.from, scanJob, jobColumns+"FROM jobs j")
	return err
}

func (j *Journal) bootRuns(b *Boot) (err error) {
	b.LastRuns, err = scanRuns(j.from.Query("SELECT " + runColumns + " FROM jobs j JOIN runs r ON r.id = j.last_run WHERE NOT j.gone"))
	if err != nil {
		return err
	}
	b.Open, err = j.runs("WHERE r.live IS NOT NULL ORDER BY r.id")
	return err
}

// bootAhead reads what the ledger has after the cursors. There is seldom anything, so it is two searches a job.
func (j *Journal) bootAhead(b *Boot) error {
	rows, err := j.from.Query(`SELECT j.name, s.at, s.last, s.outcome FROM jobs j JOIN slots s ON s.job = j.id
 WHERE NOT j.gone AND s.last > j.cursor AND s.at >= coalesce((SELECT max(at) FROM slots WHERE job = j.id AND at <= j.cursor), j.cursor)
 ORDER BY j.id, s.at`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s Slot
		var first, last int64
		if err := rows.Scan(&s.Job, &first, &last, &s.Outcome); err != nil {
			return err
		}
		s.At, s.Last = time.Unix(0, first), time.Unix(0, last)
		b.Ahead = append(b.Ahead, s)
	}
	return rows.Err()
}

func (j *Journal) bootOverrides(b *Boot) error {
	rows, err := j.from.Query(`SELECT o.id, j.name, o.kind, o.until, o.owner, o.reason, o.created FROM overrides o JOIN jobs j ON j.id = o.job
 WHERE o.ended IS NULL ORDER BY o.created`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var o Override
		var until sql.NullInt64
		var created int64
		if err := rows.Scan(&o.ID, &o.Job, &o.Kind, &until, &o.Owner, &o.Reason, &created); err != nil {
			return err
		}
		o.Until, o.Created = instant(until), time.Unix(0, created)
		b.Overrides = append(b.Overrides, o)
	}
	return rows.Err()
}

func (j *Journal) bootRequests(b *Boot) error {
	rows, err := j.from.Query(`SELECT q.id, j.name, q.trigger, q.slot, q.why, q.reason, q.created FROM requests q JOIN jobs j ON j.id = q.job
 ORDER BY q.created, q.id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var q Request
		var slot sql.NullInt64
		var created int64
		if err := rows.Scan(&q.ID, &q.Job, &q.Trigger, &slot, &q.Why, &q.Reason, &created); err != nil {
			return err
		}
		q.Slot, q.Created = instant(slot), time.Unix(0, created)
		b.Requests = append(b.Requests, q)
	}
	return rows.Err()
}

func (j *Journal) bootRest(b *Boot) error {
	err := j.from.QueryRow("SELECT data FROM source").Scan(&b.Source.Data)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return j.from.QueryRow("SELECT coalesce(max(seq), 0) FROM events").Scan(&b.EventSeq)
}
