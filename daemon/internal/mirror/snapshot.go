package mirror

import (
	"strconv"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// snapshot is the sending of all rows that there are, where the changes alone do not tell: they were cut, or the journal is a copy that
// was restored. It goes through the tables in the order of their keys, and can go on where it was broken off.
type snapshot struct {
	Seq   int64  `json:"seq"`            // of every row in it
	Life  int64  `json:"life,omitempty"` // rows in the database up to here are of another life of the journal; 0: of this one
	From  int64  `json:"from"`           // what had been applied when it began
	By    string `json:"by"`             // and by whom
	Table int    `json:"table"`
	After string `json:"after"` // the key of the last row that was sent
	At    int64  `json:"at"`    // of a slot
	Rows  int64  `json:"rows"`  // in all
	Sent  int64  `json:"sent"`
}

// expiry is how long the database keeps runs: older ones are not sent to it. See lsh.prune.
const expiry = 30 * 24 * time.Hour

// tables are the kinds in the order of a snapshot. Runs come in the order in which they were admitted.
func tables() []string { return []string{kindGeneration, kindJob, kindOverride, kindRun, kindSlot} }

// page makes the next batch of a snapshot, of at most so many rows; done when there is none.
func (m *Mirror) page(s *snapshot, from point, limit int) (b *batch, next snapshot, err error) {
	next = *s
	b = newBatch(from)
	b.Life, b.full = s.Life, true
	for next.Table < len(tables()) {
		rows, err := m.pageOf(b, &next, limit)
		if err != nil {
			return nil, next, err
		}
		if rows > 0 {
			next.Sent += int64(rows)
			return b, next, nil
		}
		next.Table, next.After, next.At = next.Table+1, "", 0
	}
	// All of it has arrived: from here on there are changes.
	b.upto, b.Sweep = s.Seq, s.Seq
	return b, next, nil
}

// pageOf reads a page of the table that a snapshot is at, and moves on behind it.
func (m *Mirror) pageOf(b *batch, s *snapshot, limit int) (rows int, err error) {
	size := 0
	add := func(key string, row func() int) bool {
		if size > batchBytes {
			return false
		}
		size += row()
		rows++
		s.After = key
		b.what = append(b.what, tables()[s.Table]+" "+key)
		return true
	}
	switch tables()[s.Table] {
	case kindGeneration:
		after, _ := strconv.Atoi(s.After)
		list, err := m.view.GenerationsAfter(after, limit)
		for _, g := range list {
			if !add(strconv.Itoa(g.Number), func() int {
				b.Generations = append(b.Generations, m.redactor.generation(g, s.Seq))
				return rowBytes + len(g.Summary)
			}) {
				break
			}
		}
		return rows, err
	case kindJob:
		list, err := m.view.JobsAfter(s.After, limit)
		for _, j := range list {
			if !add(j.Name, func() int { return m.putJob(b, j, s.Seq) }) {
				break
			}
		}
		return rows, err
	case kindOverride:
		list, err := m.view.OverridesAfter(s.After, limit)
		if err != nil {
			return 0, err
		}
		names, err := m.renamesAfter(s.Seq)
		for _, o := range list {
			if !add(o.ID, func() int {
				if !names.undo(&o.Job) {
					return 0
				}
				b.Overrides = append(b.Overrides, m.redactor.override(o, s.Seq))
				return rowBytes + len(o.Reason)
			}) {
				break
			}
		}
		return rows, err
	case kindRun:
		list, err := m.view.RunsAfter(s.After, limit)
		if err != nil {
			return 0, err
		}
		names, err := m.renamesAfter(s.Seq)
		for _, r := range list {
			if !add(r.ID, func() int {
				if expired(r, time.Now()) || !names.undo(&r.Job) {
					return 0
				}
				return m.putRun(b, r, s.Seq)
			}) {
				break
			}
		}
		return rows, err
	default:
		after := journal.SlotKey{Job: s.After}
		if s.At != 0 {
			after.At = time.Unix(0, s.At)
		}
		list, err := m.view.SlotsAfter(after, limit)
		for _, slot := range list {
			if !add(slot.Job, func() int {
				if m.host.before(slot.Last) {
					return 0
				}
				b.Slots = append(b.Slots, m.redactor.slot(slot, s.Seq))
				return rowBytes + len(slot.Reason)
			}) {
				break
			}
			s.At = slot.At.UnixNano()
			b.what[len(b.what)-1] += "@" + strconv.FormatInt(s.At, 10)
		}
		return rows, err
	}
}

// expired tells whether the database keeps a run no longer. One of before there were runs is of a clock that was not set, and of any age.
func expired(r journal.Run, now time.Time) bool {
	at := admitted(r.ID)
	return !r.Ended.IsZero() && r.Ended.Before(now.Add(-expiry)) && at.Before(now.Add(-expiry)) && at.Year() > 2020
}
