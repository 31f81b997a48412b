package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/daemon/internal/journal"
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

// made is a batch that was gathered, and where the snapshot is behind it.
type made struct {
	batch    *batch
	snapshot *snapshot
	at       time.Time // when it was begun
	err      error
	without  *pgconn.PgError // why the run's output was left out of it
}

// make makes the next batch from a point.
func (m *Mirror) make(from point, s *snapshot) made {
	next := made{at: time.Now()}
	m.refresh()
	next.err = m.journal.Still(func(still *journal.Journal) (err error) {
		m.view = still
		if s == nil {
			next.batch, err = m.gather(from, m.limit)
			return err
		}
		var after snapshot
		next.batch, after, err = m.page(s, from, m.limit)
		next.snapshot = &after
		return err
	})
	if next.err == nil {
		next.batch.seal()
	}
	return next
}

// drain sends batch after batch until nothing waits. The next one is gathered while one is on its way, and of a long backlog two are.
func (m *Mirror) drain(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var under flights
	defer m.closeSecond()
	defer func() {
		cancel()
		under.await()
	}()
	tip := m.make(m.start(), m.state.Snapshot) // the last that was made
	waits := true                              // and is not sent yet
	for {
		if waits && under.room(m, ctx) {
			if err := m.sendable(tip); err != nil {
				return err
			}
			under.send(ctx, m, tip)
			waits = false
		}
		if !waits && tip.batch.full && m.limit == batchRows {
			tip, waits = m.after(tip), true
			continue
		}
		now, err := under.land()
		switch {
		case now.overtaken(err):
			under.await()
			tip, waits = m.make(m.start(), m.state.Snapshot), true
			continue
		case err != nil:
			under.await()
			if tip, err = m.mend(now.made, err); err != nil {
				return err
			}
			waits = true
			continue
		case now.answer.verdict == verdictFenced:
			m.registered = false
			return m.fencedError()
		case now.answer.verdict == verdictBehind:
			return m.moved(now.answer.acked)
		}
		m.applied(now)
		m.heed(ctx, now.answer.commands)
		if waits || len(under) > 0 {
			continue
		}
		if !tip.batch.full && len(m.done) == 0 {
			break
		}
		m.limit = min(batchRows, 2*m.limit)
		tip, waits = m.make(m.start(), m.state.Snapshot), true
	}
	m.mu.Lock()
	m.state.Synced = tip.at
	m.mu.Unlock()
	m.save(false)
	m.prune(ctx)
	return nil
}

// sendable tells why a batch cannot be sent.
func (m *Mirror) sendable(next made) error {
	if errors.Is(next.err, errCut) {
		m.registered = false
		return errAgain
	}
	if next.err != nil {
		return fmt.Errorf("read journal: %w", next.err)
	}
	return nil
}

// start is where the next batch begins. A new life has no events yet.
func (m *Mirror) start() point {
	if s := m.state.Snapshot; s != nil && s.Life != 0 {
		return point{m.at.change, 0}
	}
	return m.at
}

// after makes the batch after one that is full.
func (m *Mirror) after(now made) made {
	s := now.snapshot
	if now.ends() {
		s = nil
	}
	return m.make(point{now.batch.upto, now.batch.EventsUpto}, s)
}

// ends tells whether a batch is the last of a snapshot.
func (n made) ends() bool { return n.snapshot != nil && n.batch.upto == n.snapshot.Seq }

// applied notes that a batch has been applied.
func (m *Mirror) applied(now *flight) {
	s, acked := now.snapshot, now.answer.acked
	if now.ends() {
		s = nil
	}
	if n := now.batch.count(); n > 0 {
		m.sent += n
		m.asideInRow = 0
		if now.without != nil {
			m.setAside("output of "+now.batch.what[0], now.without)
		}
	}
	m.done = m.done[len(now.batch.CommandsDone):]
	m.mu.Lock()
	m.at = acked
	m.state.Acked, m.state.Event, m.state.LastAck, m.state.Snapshot = acked.change, acked.event, time.Now().Round(0), s
	m.mu.Unlock()
	if now.snapshot != nil {
		m.save(now.ends())
	}
}

// moved takes in that the database is elsewhere than was thought: an answer of it was lost on the way, or it was restored from a copy.
func (m *Mirror) moved(acked point) error {
	m.registered = false
	if acked == m.at {
		return m.target.classed(codeServer, "it does not say where it stands")
	}
	return errAgain
}

// errAgain has a round begin anew at once.
var errAgain = errors.New("begin again")

// mend makes of a batch that the database did not take one that it may. A row that it never takes must not hold up the rest: the batch
// is halved until the row is alone, which is then left out.
func (m *Mirror) mend(now made, err error) (made, error) {
	pg, is := errors.AsType[*pgconn.PgError](err)
	switch {
	case !is || m.conn.IsClosed():
		return made{}, err
	case pg.Code == noSuchHost:
		m.registered = false
		return made{}, errAgain
	case m.target.serverError(pg).Code != codeData:
		return made{}, err
	case len(now.batch.what) == 0:
		return made{}, m.target.classed(codeServer, pg.Message)
	case len(now.batch.what) > 1:
		m.limit = max(1, len(now.batch.what)/2)
		return m.make(m.start(), m.state.Snapshot), nil
	case m.asideInRow == mostAside:
		return made{}, m.target.classed(codeServer, pg.Message) // it is not the rows
	case len(now.batch.Outputs) > 0:
		// Perhaps it is what the run has printed, and not the run.
		now.without, now.batch.Outputs = pg, nil
		now.batch.seal()
		return now, nil
	}
	m.setAside(now.batch.what[0], pg)
	now.batch = now.batch.empty()
	return now, nil
}

// noSuchHost is the code of lsh.push when the host's row is gone.
const noSuchHost = "LS002"

const (
	// mostAside is how many rows are set aside without one between that is taken: then something else is wrong.
	mostAside = 100
	// asideKept is how many are remembered, to be sent again.
	asideKept = 1000
)

// setAside reports a row that the database does not take.
func (m *Mirror) setAside(what string, why *pgconn.PgError) {
	said := m.redactor.redact(why.Message)
	m.log.Warn("row is not synced: the database does not take it", "row", what, "code", why.Code, "err", said)
	m.asideInRow++
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state.Aside++
	m.state.LastAside = fmt.Sprintf("%s: %s (%s)", what, said, why.Code)
	kind, key, _ := strings.Cut(strings.TrimPrefix(what, "output of "), " ")
	if slices.Contains(tables(), kind) && len(m.state.AsideKeys) < asideKept {
		m.state.AsideKeys = append(m.state.AsideKeys, journal.Change{Kind: kind, Key: key})
	}
}

// tryAside has rows that were set aside sent again, at most so many.
func (m *Mirror) tryAside(most int) {
	keys := m.state.AsideKeys[:min(most, len(m.state.AsideKeys))]
	if len(keys) == 0 {
		return
	}
	if err := m.journal.NoteAgain(keys); err != nil {
		m.log.Warn("send rows again that were set aside", "err", err)
		return
	}
	m.mu.Lock()
	m.state.Aside -= len(keys)
	m.state.AsideKeys = slices.Clone(m.state.AsideKeys[len(keys):])
	if m.state.Aside == 0 {
		m.state.LastAside = ""
	}
	m.mu.Unlock()
	m.save(true)
}

// heed does what was asked from elsewhere. What could not be done now is in the next answer again.
func (m *Mirror) heed(ctx context.Context, commands []Command) {
	for _, c := range commands {
		result, err := m.source.Command(ctx, c)
		if err != nil {
			m.log.Warn("command from elsewhere is left for later", "job", c.Job, "action", c.Action, "err", err)
			continue
		}
		m.done = append(m.done, commandDone{c.ID, m.redactor.text(result)})
	}
}

// prune deletes what the database keeps no longer of this host.
func (m *Mirror) prune(ctx context.Context) {
	if time.Since(m.pruned) < pruneEvery {
		return
	}
	if !m.pruned.IsZero() {
		m.tryAside(mostAside) // with the next round
	}
	m.pruned = time.Now()
	const atMost = 1000 // thousands; what is left then has an hour's time
	for range atMost {
		var n int64
		err := m.call(ctx, m.conn, "select lsh.prune($1::uuid), clock_timestamp()", []any{m.host.ID}, &n)
		if err != nil {
			m.log.Warn("delete old rows in the database", "err", m.target.errorOf(err))
			return
		}
		if n == 0 {
			return
		}
	}
}
