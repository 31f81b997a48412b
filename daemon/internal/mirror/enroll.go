package mirror

import (
	"context"
	"fmt"
	"time"
)

// enroll registers this worker and finds out where to go on.
func (m *Mirror) enroll(ctx context.Context) error {
	r, err := m.register(ctx)
	if err != nil {
		return err
	}
	if r.schema < Newest() {
		e := m.target.classed(codeSchema, "")
		e.Code, e.Message = codeOlder, fmt.Sprintf("use the schema lsh on %s: it is version %d, this lsh needs %d", m.target.address(), r.schema, Newest())
		e.Hint = "bring it up to date: lsh sync init --admin-url URL"
		return e
	}
	switch r.verdict {
	case verdictBusy:
		return m.fencedError()
	case verdictTaken:
		if err := m.rename("its id is that of another person's host in the database"); err != nil {
			return err
		}
		return m.enroll(ctx)
	}
	m.fenced = false
	if err := m.goOn(r); err != nil {
		return err
	}
	if kind := m.target.probe(ctx, m.conn); kind != "" {
		m.mu.Lock()
		m.state.Kind = kind
		m.mu.Unlock()
	}
	m.registered = true
	return nil
}

// rename gives the host another id: the rows under its own can neither be seen nor written.
func (m *Mirror) rename(why string) error {
	host, err := m.host.other()
	if err != nil {
		return err
	}
	m.log.Warn("host has a new id", "host", host.ID, "reason", why)
	m.mu.Lock()
	m.host, m.renamed = host, why
	m.mu.Unlock()
	m.recall(m.where())
	return nil
}

// goOn finds out whether the changes after what the database has are those that it lacks.
func (m *Mirror) goOn(r registration) error {
	openings, err := m.journal.Openings()
	if err != nil {
		return err
	}
	heads, err := m.journal.Heads()
	if err != nil {
		return err
	}
	s := m.state.Snapshot
	switch {
	case s != nil && s.From == r.acked.change && s.By == r.ackedBy:
		// It was broken off.
	case !goesOn(openings, heads, r.ackedBy, r.acked):
		m.log.Warn("journal is a restored one, all its rows are sent anew", "acked", r.acked.change, "newest", heads.NewestChange)
		s, err = m.begin(r, max(r.acked.change, heads.NewestChange))
		if err == nil {
			s.Life = s.Seq - 1
		}
	case wereCut(heads, r.acked.change):
		s, err = m.begin(r, heads.NewestChange)
	default:
		s = nil
	}
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.at = r.acked
	if r.acked.change < m.state.Acked {
		m.state.Synced = time.Time{} // the database has lost rows that it had
	}
	m.state.Acked, m.state.Event, m.state.Snapshot = r.acked.change, r.acked.event, s
	m.mu.Unlock()
	m.save(true)
	return nil
}

// begin begins a snapshot. Its number is one that no change has or gets, in this life of the journal or another: the time in
// milliseconds is far ahead of any count of changes.
func (m *Mirror) begin(r registration, beyond int64) (*snapshot, error) {
	seq := max(beyond+1, time.Now().UnixMilli())
	if err := m.journal.SkipChanges(seq); err != nil {
		return nil, err
	}
	rows, err := m.journal.Rows()
	return &snapshot{Seq: seq, From: r.acked.change, By: r.ackedBy, Rows: rows}, err
}
