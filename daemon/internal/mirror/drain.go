package mirror

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

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
