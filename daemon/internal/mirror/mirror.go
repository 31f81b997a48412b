package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
)

const (
	// gatherFor is how long changes are gathered before they are sent.
	gatherFor = 2 * time.Second
	// heartbeat is how often the database hears of the host when nothing changes. It also keeps a free project from being paused.
	heartbeat = time.Minute
	// idleFor is how long a connection is kept after rows were sent: while jobs run, the next are not far.
	idleFor = 10 * time.Second
	// connectionFor bounds a connection's life.
	connectionFor = 30 * time.Minute
	// pruneEvery is how often the host's old rows are deleted in the database.
	pruneEvery = time.Hour
)

// Options are what a mirror is of.
type Options struct {
	Log      *slog.Logger
	Journal  *journal.Journal
	Database config.Database
	Dir      string // the state directory
	Host     Host
	Source   Source
	Run      Run // of the password command
}

// Host is what is told of the machine.
type Host struct{ Name, User, MachineID, OS, Arch, Version string }

// Source is what is sent and is not in the journal. Its methods are called from the mirror's goroutines.
type Source interface {
	// Declared is what the accepted file declares of a job, nil when nothing does. What is declared alike may be the same.
	Declared(job string) *Spec
	// Secrets are the values that must not be sent, unless they are those of a version that is known already.
	Secrets(known int) (values []string, version int)
	// Tail is the end of what a run has printed, in the pieces in which it was kept, and whether there is more before it.
	Tail(r journal.Run, most int64) (pieces []Piece, more bool)
	// Command does what a person elsewhere asks, once, and says what came of it.
	Command(ctx context.Context, c Command) (result string, err error)
}

// Mirror keeps the replica of a journal. Its Run owns all that is not behind mu.
type Mirror struct {
	options Options
	log     *slog.Logger
	journal *journal.Journal
	source  Source
	started time.Time

	wake  chan struct{}
	asks  chan chan bool
	poked atomic.Int32

	target     *Target
	conn       *pgx.Conn
	second     *pgx.Conn // while a long backlog is sent
	narrow     bool      // there was no place for a second one in this round
	connected  time.Time
	registered bool
	fenced     bool
	redactor   *redactor
	specs      map[*Spec]json.RawMessage // as they are sent; those of some jobs
	secrets    int                       // version of those in redactor
	limit      int                       // rows in a batch
	at         point
	queue      queue
	view       *journal.Journal // as it is while a batch is made
	done       []commandDone    // to be reported
	sent       int              // rows in this round
	status     string           // of the host; "" while it is there
	failures   int              // in a row
	asideInRow int              // rows that were set aside since one was taken
	told       string           // code of the error that the log tells of
	pruned     time.Time
	saved      time.Time

	mu      sync.Mutex // of what Status and Held read, and Run alone writes
	host    identity
	renamed string // why the host has another id
	state   state
	err     *Error    // of the last round
	nextTry time.Time // after an error
	offset  *time.Duration
}

// New makes a mirror. It finds out which host this is; the error is one of the state directory.
func New(o Options) (*Mirror, error) {
	m := &Mirror{
		options: o, log: o.Log, journal: o.Journal, source: o.Source, started: time.Now(), wake: make(chan struct{}, 1),
		asks: make(chan chan bool), limit: batchRows, secrets: none,
	}
	former, err := m.journal.Replica()
	if err != nil {
		m.log.Warn("read state of replica", "err", err)
	}
	if m.host, m.renamed, err = identify(o.Dir, o.Host.MachineID, len(former) > 0); err != nil {
		return nil, err
	}
	if m.renamed != "" {
		m.log.Warn("host has a new id", "host", m.host.ID, "reason", m.renamed)
	}
	m.target, m.err = m.newTarget()
	m.recall(m.where())
	return m, nil
}

func (m *Mirror) newTarget() (*Target, *Error) {
	t, err := NewTarget(m.options.Database, m.options.Run)
	if err != nil {
		wrong := (&Target{}).errorOf(err)
		wrong.Hint += "; then lsh daemon restart"
		return nil, wrong
	}
	return t, nil
}

// where is the database's address, "" when the settings have none.
func (m *Mirror) where() string {
	if m.target == nil {
		return ""
	}
	return m.target.String()
}

// How much a change matters.
const (
	calm int32 = iota
	changed
	urgent
)

// Changed says that the journal has changed. A failure is told at once.
func (m *Mirror) Changed(failure bool) {
	much := changed
	if failure {
		much = urgent
	}
	for {
		before := m.poked.Load()
		if before >= much {
			return
		}
		if m.poked.CompareAndSwap(before, much) {
			break
		}
	}
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Now sends what waits, whatever went wrong before, and tells whether all of it has arrived.
func (m *Mirror) Now(ctx context.Context) bool {
	answer := make(chan bool, 1)
	select {
	case m.asks <- answer:
	case <-ctx.Done():
		return false
	}
	select {
	case done := <-answer:
		return done
	case <-ctx.Done():
		return false
	}
}

// Run keeps the replica until ctx ends. End comes after it.
func (m *Mirror) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var since, last time.Time // of the first change that waits, of the last round
	for {
		var asked chan bool
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		case <-timer.C:
		case asked = <-m.asks:
		}
		now := time.Now()
		if since.IsZero() && m.poked.Load() != calm {
			since = now
		}
		if asked != nil || !now.Before(m.due(since, last)) {
			since, last = time.Time{}, now
			if asked != nil {
				m.tryAside(asideKept)
			}
			done := m.round(ctx)
			if asked != nil {
				asked <- done
			}
		}
		m.closeIdle(last)
		timer.Reset(time.Until(m.wakeAt(since, last)))
	}
}

// farewellWithin bounds how long the end waits for the database.
const farewellWithin = 2 * time.Second

// End closes the connection. Where the daemon stops, and no other worker follows, it sends the last rows and says so, unless the
// database is away.
func (m *Mirror) End(stops bool) {
	m.mu.Lock()
	well := m.err == nil
	m.mu.Unlock()
	if stops && well && m.registered {
		ctx, cancel := context.WithTimeout(context.Background(), farewellWithin)
		defer cancel()
		m.status = "offline"
		if err := m.sync(ctx); err != nil {
			m.log.Info("database was not told of the stop", "err", m.target.errorOf(err))
		}
	}
	m.save(true)
	m.disconnect()
}

// due is when the next round is.
func (m *Mirror) due(since, last time.Time) time.Time {
	m.mu.Lock()
	next := m.nextTry
	m.mu.Unlock()
	switch {
	case last.IsZero():
		return last
	case !next.IsZero():
		return next
	case since.IsZero():
		return last.Add(heartbeat)
	case m.poked.Load() == urgent:
		return since
	}
	return earlier(since.Add(gatherFor), last.Add(heartbeat))
}

// wakeAt is when something is to be done.
func (m *Mirror) wakeAt(since, last time.Time) time.Time {
	due := m.due(since, last)
	if m.conn != nil {
		return earlier(due, last.Add(idleFor))
	}
	return due
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// closeIdle closes a connection that is not needed for now, or that is old. None is held between heartbeats.
func (m *Mirror) closeIdle(last time.Time) {
	if m.conn == nil {
		return
	}
	idle := m.poked.Load() == calm && (m.sent == 0 || time.Since(last) >= idleFor)
	if idle || time.Since(m.connected) > connectionFor {
		m.disconnect()
	}
}

func (m *Mirror) disconnect() {
	closeConn(m.conn)
	m.conn = nil
}

// closeConn closes a connection, which is given up either way.
func closeConn(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// round connects where that is needed, and sends all that waits. It tells whether all has arrived.
func (m *Mirror) round(ctx context.Context) bool {
	m.poked.Store(calm)
	m.sent, m.narrow = 0, false
	var err error
	for range 3 {
		if err = m.sync(ctx); !errors.Is(err, errAgain) {
			break
		}
	}
	if ctx.Err() != nil {
		return false
	}
	m.settle(err)
	return err == nil
}

func (m *Mirror) sync(ctx context.Context) error {
	if m.target == nil {
		target, wrong := m.newTarget()
		if wrong != nil {
			return wrong
		}
		m.mu.Lock()
		m.target = target
		m.mu.Unlock()
		m.recall(m.where())
	}
	if m.conn == nil {
		conn, err := m.target.Connect(ctx)
		if err != nil {
			return err
		}
		m.conn, m.connected, m.secrets = conn, time.Now(), none
	}
	if !m.registered {
		if err := m.enroll(ctx); err != nil {
			return err
		}
	}
	return m.drain(ctx)
}

// none is the version of no secrets.
const none = -1

// refresh renews the redactor when there are other secrets.
func (m *Mirror) refresh() {
	values, version := m.source.Secrets(m.secrets)
	if version == m.secrets {
		return
	}
	m.specs = nil
	m.redactor, m.secrets = newRedactor(append(values, m.target.secrets()...), m.options.Database.Redact), version
}

// tailWanted tells whether the end of a run's output is sent.
func (m *Mirror) tailWanted(r journal.Run) bool {
	switch r.State {
	case "queued", "running":
		return false
	}
	switch m.options.Database.Output {
	case config.TailsOff:
		return false
	case config.TailsOfAll:
		return true
	}
	return r.State == "failed" || r.State == "timed_out" || r.State == "lost"
}
