package mirror

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

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
