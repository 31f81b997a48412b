package mirror

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

const (
	// backoffMost bounds how long a try waits for the next one where the trouble may end at any time.
	backoffMost = 5 * time.Minute
	// patience is how long a fenced worker waits to see whether the other one has gone.
	patience = 5 * time.Minute
	// clockOff is from what offset of the clock on a person is told.
	clockOff = 5 * time.Second
)

// settle takes in how a round ended, and when the next one is.
func (m *Mirror) settle(err error) {
	if err == nil {
		m.mu.Lock()
		recovered := m.err != nil
		m.err, m.nextTry = nil, time.Time{}
		m.mu.Unlock()
		m.failures, m.told = 0, ""
		if recovered {
			m.log.Info("sync goes on", "database", m.where(), "acked", m.at.change)
		}
		return
	}
	m.disconnect()
	wrong := m.errorOf(err)
	wait := backoff(m.failures)
	if wrong.Again > 0 {
		wait = wrong.Again - rand.N(wrong.Again/10) //nolint:gosec // spreads tries, no secret
	}
	m.failures++
	m.mu.Lock()
	m.err, m.nextTry = wrong, time.Now().Add(wait)
	m.mu.Unlock()
	if m.told != wrong.Code {
		m.told = wrong.Code
		m.log.Warn("sync is interrupted, jobs go on", "code", wrong.Code, "again_in", max(time.Second, wait.Round(time.Second)), "err", wrong.Message, "hint", wrong.Hint)
	}
}

// errorOf puts an error of a round in one of the classes.
func (m *Mirror) errorOf(err error) *Error {
	if m.target == nil {
		return (&Target{}).errorOf(err)
	}
	return m.target.errorOf(err)
}

// backoff is how long to wait after so many failures before: from a second on, twice as long each time, anywhere between none and all of it,
// so that a fleet does not come back at once.
func backoff(failures int) time.Duration {
	most := min(backoffMost, time.Second<<min(failures, 16))
	return most/10 + rand.N(most*9/10) //nolint:gosec // spreads tries, no secret
}

// fencedError says that another worker has this host's id.
func (m *Mirror) fencedError() *Error {
	m.fenced = true
	return &Error{
		Code: codeFenced, State: StateStopped, Again: patience,
		Message: "sync as host " + m.host.ID + ": another daemon does so, from a copy of this state directory",
		Hint:    "make one of the two a host of its own: lsh daemon stop, remove " + hostFile + " in its state directory, lsh daemon start",
	}
}

// Status tells how the replica stands.
func (m *Mirror) Status() Status {
	heads, err := m.journal.Heads()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Status{
		State: StateOK, Kind: m.state.Kind, Database: m.state.Database, HostID: m.host.ID, Acked: m.state.Acked, LastAck: m.state.LastAck, Synced: m.state.Synced,
		NextTry: m.nextTry, Err: m.err, SetAside: m.state.Aside, LastAside: m.state.LastAside, ClockOffset: m.offset,
	}
	if m.err != nil {
		s.State = m.err.State
	}
	if err == nil {
		s.Backlog = m.waiting(heads)
	}
	if m.offset != nil && m.offset.Abs() > clockOff {
		s.Warnings = append(s.Warnings, "the clocks of this machine and of the database are "+m.offset.Abs().Round(time.Second).String()+
			" apart: set this one right (timedatectl)")
	}
	if m.state.Aside > 0 {
		s.Warnings = append(s.Warnings, "the database has not taken every row: mend what refuses them; they are sent again every hour, and at once by lsh sync now")
	}
	if m.renamed != "" {
		s.Warnings = append(s.Warnings, "this host has a new id in the database: "+m.renamed)
	}
	return s
}

// waiting is how many rows wait: of a snapshot those that are left, else the changes.
func (m *Mirror) waiting(h journal.Heads) int64 {
	events := max(0, h.NewestEvent-m.state.Event)
	if s := m.state.Snapshot; s != nil {
		return max(0, s.Rows-s.Sent) + events
	}
	changes := h.NewestChange - m.state.Acked
	if changes < 0 || changes > h.NewestChange-h.OldestChange+1 {
		n, err := m.journal.Rows() // all of them, as they stand
		if err != nil {
			n = 0
		}
		changes = n
	}
	return changes + events
}

// heldMost is up to how many changes behind it is looked which runs wait; further behind, all that have not ended before the last time
// that everything had arrived do.
const heldMost = 20_000

// noted is how long after a run has ended its end may be noted, once a worker has been there for as long.
const noted = time.Minute

// Held are the runs among some that the replica does not have as they are: the journal keeps them until it does.
func (m *Mirror) Held(runs []journal.Run) map[string]bool {
	m.mu.Lock()
	s := m.state
	m.mu.Unlock()
	held := map[string]bool{}
	for _, c := range s.AsideKeys {
		if c.Kind == kindRun {
			held[c.Key] = true
		}
	}
	if s.Snapshot == nil && s.Synced.After(m.started.Add(noted)) && !slices.ContainsFunc(runs, func(r journal.Run) bool {
		return r.Ended.After(s.Synced.Add(-noted)) || r.Ended.IsZero()
	}) {
		return held // all of them ended long before everything had arrived
	}
	heads, err := m.journal.Heads()
	var changes []journal.Change
	behind := heads.NewestChange - s.Acked
	far := err != nil || s.Snapshot != nil || behind < 0 || behind > heldMost || s.LastAck.IsZero()
	if !far {
		changes, err = m.journal.Changes(s.Acked, heldMost+1)
		far = err != nil
	}
	if far {
		// Ends are noted some moments after they happened, after a crash of the worker even later.
		const margin = 10 * time.Minute
		for _, r := range runs {
			held[r.ID] = r.Ended.IsZero() || r.Ended.After(s.Synced.Add(-margin))
		}
		return held
	}
	for _, c := range changes {
		if c.Kind == kindRun {
			held[c.Key] = true
		}
	}
	return held
}
