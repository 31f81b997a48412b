package mirror

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// flight is a batch on its way.
type flight struct {
	made
	conn   *pgx.Conn
	alone  bool // no other was on its way when it was sent
	landed chan error
	answer pushed
}

// flights are the batches on their way, in their order: two at most, each on a connection of its own. The second is made for where the
// first brings the host. The database has it wait for the first; should it come before, it changes nothing and is sent again.
type flights []*flight

// longBacklog is after how many rows of a round a second connection is worth its price.
const longBacklog = 4 * batchRows

// room tells whether another batch may be sent, and makes a second connection for it where that is needed.
func (f *flights) room(m *Mirror, ctx context.Context) bool {
	if len(*f) == 0 {
		return true
	}
	if len(*f) > 1 || m.sent < longBacklog || m.narrow || m.limit < batchRows {
		return false
	}
	if m.second == nil {
		var err error
		if m.second, err = m.target.Connect(ctx); err != nil {
			m.narrow = true // one is enough, only slower
			return false
		}
	}
	return true
}

// send sends a batch.
func (f *flights) send(ctx context.Context, m *Mirror, next made) {
	now := &flight{made: next, conn: m.conn, alone: len(*f) == 0, landed: make(chan error, 1)}
	if !now.alone && (*f)[0].conn == m.conn {
		now.conn = m.second
	}
	m.address(next.batch, now.alone)
	go func() {
		var err error
		now.answer, err = m.push(ctx, now.conn, next.batch)
		now.landed <- err
	}()
	*f = append(*f, now)
}

// land waits for the answer to the first.
func (f *flights) land() (now *flight, err error) {
	now = (*f)[0]
	*f = (*f)[1:]
	return now, <-now.landed
}

// await waits for all, whatever comes of them.
func (f *flights) await() {
	for len(*f) > 0 {
		_, _ = f.land()
	}
}

// lockTimeout is the code when a lock is waited for too long.
const lockTimeout = "55P03"

// overtaken tells whether a batch came before the one that it follows, or waited for it too long.
func (now *flight) overtaken(err error) bool {
	if now.alone {
		return false
	}
	pg, is := errors.AsType[*pgconn.PgError](err)
	return err == nil && now.answer.verdict == verdictBehind || is && pg.Code == lockTimeout
}

// closeSecond closes the second connection. Without a backlog one is enough.
func (m *Mirror) closeSecond() {
	closeConn(m.second)
	m.second = nil
}
