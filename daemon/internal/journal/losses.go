package journal

import "time"

// Loss says how many rows never were written, and since and until when the journal could not be.
type Loss struct {
	Since, Until time.Time
	Rows         int
}

// and is one loss in place of two.
func (l Loss) and(other Loss) Loss {
	switch {
	case l.Rows == 0:
		return other
	case other.Rows == 0:
		return l
	}
	l.Rows += other.Rows
	if other.Since.Before(l.Since) {
		l.Since = other.Since
	}
	l.Until = later(l.Until, other.Until)
	return l
}

// Recovery says that the journal is written again.
type Recovery struct {
	Loss     // of what found no place in memory; its Rows may be 0
	Kept int // rows that did, and are written now
}

// rows are what the journal keeps of it.
func (r Recovery) rows() []any {
	if r.Rows == 0 {
		return nil
	}
	return []any{r.Loss}
}

// readLosses recalls what was lost, as far back as it is told.
func (j *Journal) readLosses() error {
	var since, until int64
	var l Loss
	err := j.from.QueryRow("SELECT coalesce(sum(rows), 0), coalesce(min(since), 0), coalesce(max(until), 0) FROM losses").
		Scan(&l.Rows, &since, &until)
	l.Since, l.Until = time.Unix(0, since), time.Unix(0, until)
	j.lost = l
	return err
}

func (w *writer) putLoss(l Loss) error {
	return w.do("INSERT INTO losses (since, until, rows) VALUES (?,?,?) ON CONFLICT (since) DO UPDATE SET until = excluded.until, rows = rows + excluded.rows",
		at(l.Since), at(l.Until), l.Rows)
}
