package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// fileName is the journal's in the state directory. SQLite keeps -wal and
// -shm beside it.
const fileName = "journal.db"

// Journal is one open journal. It is safe for concurrent use.
type Journal struct {
	// Recovered is told when the journal is written again after it could not be; nil when nobody cares. It is set before the
	// first Write, and must not call the journal.
	Recovered func(Recovery)
	// Wrote is told of each batch how long its transaction took, and why it failed; nil when nobody cares. As Recovered, it is set
	// before the first Write and must not call the journal.
	Wrote func(took time.Duration, err error)

	log     *slog.Logger
	path    string
	opening string // id of this one

	mu      sync.Mutex // of all that writes
	db      *sql.DB
	writer  *writer
	wrong   error     // why the last write failed; nil when it did not
	since   time.Time // when it first did
	tried   time.Time
	kept    []kept // batches that could not be written, in order
	rows    int    // of kept
	losing  int    // rows that have found no place in kept
	written int    // rows that were in kept
	lost    Loss   // before that, as the file has it
	aside   string

	syncer  syncer
	readers *sql.DB
	reader  *reader // of readers
	from    queryer // reader
	spill   *spill
	state   atomic.Pointer[State]
	memory  atomic.Pointer[[]kept] // kept, for readers; nil when there is none
}

// Open opens the journal in a directory, or begins one. A damaged one is set aside. The error is a *NewerError or a
// *ForeignError, which an operator must mend, or one of the disk.
func Open(dir string, log *slog.Logger) (*Journal, error) {
	j := &Journal{log: log, path: filepath.Join(dir, fileName)}
	j.syncer.path = j.path + "-wal"
	if err := vet(j.path); err != nil {
		return nil, err
	}
	why := j.marked()
	if why == nil {
		why = j.open()
	}
	if why != nil && isDamage(why) {
		if err := j.setAside(why); err != nil {
			return nil, err
		}
		why = j.open()
	}
	if newer, is := errors.AsType[*NewerError](why); is {
		j.closeAll()
		newer.Path = j.path
		return nil, newer
	}
	if foreign, is := errors.AsType[*ForeignError](why); is {
		j.closeAll()
		foreign.Path = j.path
		return nil, foreign
	}
	if why != nil {
		j.closeAll()
		return nil, fmt.Errorf("open journal %s: %w", j.path, why)
	}
	if j.aside == "" {
		j.aside = j.lastAside()
	}
	j.spill = openSpill(j.path + spillSuffix)
	j.noteOpening()
	j.takeUp()
	j.publish()
	return j, nil
}

// open opens the file, brings its schema up to date and looks whether it is whole.
func (j *Journal) open() error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		// Before it is opened, since what SQLite makes beside it gets its mode.
		if err := makePrivate(j.path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	db, err := sql.Open("sqlite", dsn(j.path, "rwc"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	j.db = db
	if _, err := db.Exec("PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	if err := makePrivate(j.path); err != nil { // it may be new
		return err
	}
	if err := migrate(db); err != nil {
		return err
	}
	if err := j.checkSmall(); err != nil {
		return err
	}
	if j.writer, err = newWriter(db); err != nil {
		return err
	}
	if j.readers, err = sql.Open("sqlite", dsn(j.path, "rw")+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	j.readers.SetMaxOpenConns(2)
	j.readers.SetMaxIdleConns(1)
	j.reader = newReader(j.readers)
	j.from = j.reader
	return j.readLosses()
}

// makePrivate gives a file the mode that it should have.
func makePrivate(path string) error {
	const mode = 0o600
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() == mode {
		return err
	}
	return os.Chmod(path, mode)
}

// dsn names the file to the driver. The cache is small, since the daemon is
// idle most of the time; sorting happens in memory, since the disk may be full.
func dsn(path, mode string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return u.String() + "?mode=" + mode + "&_pragma=busy_timeout(10000)&_pragma=cache_size(-1024)&_pragma=temp_store(2)" +
		"&_pragma=synchronous(NORMAL)&_pragma=wal_autocheckpoint(1000)&_pragma=journal_size_limit(4194304)"
}

// Close writes what is still kept, as far as that goes, and closes the file.
func (j *Journal) Close() error {
	j.syncer.close()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.flush()
	defer j.spill.close()
	if lost := j.exposed(); lost > 0 {
		j.log.Error("rows of the journal are lost", "rows", lost, "err", j.wrong)
	}
	return j.closeAll()
}

func (j *Journal) closeAll() error {
	var errs []error
	if j.readers != nil {
		errs = append(errs, j.readers.Close())
	}
	if j.writer != nil {
		errs = append(errs, j.writer.close())
	}
	if j.db != nil {
		errs = append(errs, j.db.Close())
	}
	j.writer, j.db = nil, nil // a reader that comes late is told that it is closed
	return errors.Join(errs...)
}

// Write writes a batch in one transaction. It does not fail: what cannot be
// written is kept in memory, see State.
func (j *Journal) Write(b *Batch) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.wrong == nil {
		began := time.Now()
		err := j.writer.write(b.Durable, b.rows)
		if j.Wrote != nil {
			j.Wrote(time.Since(began), err)
		}
		if err == nil {
			if !b.Durable {
				j.syncer.soon()
			}
			return
		}
		j.fail(err)
	}
	j.keep(kept{durable: b.Durable, rows: b.rows})
	j.retry()
	j.publish()
}

// Retry tries again to write what is kept, at most once a second.
func (j *Journal) Retry() {
	if j.OK() {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.retry()
	j.publish()
}

// State tells how the journal stands. It does not wait for a write.
func (j *Journal) State() State {
	s := *j.state.Load()
	s.Bytes = j.size()
	if s.SetAside != "" && !exists(s.SetAside) {
		s.SetAside = "" // somebody has dealt with it
	}
	return s
}

// OK tells whether everything that was given to Write is in the file.
func (j *Journal) OK() bool { return j.state.Load().OK }

// Forget drops ended runs; their slots stay in the ledger. Where it fails, all of them are still there.
func (j *Journal) Forget(runs []string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.wrong != nil {
		return fmt.Errorf("forget runs: the journal cannot be written: %w", j.wrong)
	}
	err := j.writer.transact(false, func() error {
		for _, id := range runs {
			if err := j.writer.forget(id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		j.fail(err)
		j.publish()
		return fmt.Errorf("forget runs: %w", err)
	}
	return nil
}

// size is what the journal takes on disk, in bytes.
func (j *Journal) size() int64 {
	var sum int64
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(j.path + suffix); err == nil {
			sum += info.Size()
		}
	}
	return sum
}
