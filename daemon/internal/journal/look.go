package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Look reads, without a daemon, what a worker in a directory would go on from, and when that
// was last written to. It changes nothing, needs no lock, and disturbs no daemon that has the
// journal open. Without a journal what it returns is empty.
func Look(dir string) (b Boot, at time.Time, err error) {
	j := &Journal{path: filepath.Join(dir, fileName)}
	if err := vet(j.path); err != nil {
		return b, at, err
	}
	if at, err = j.lastWrite(); errors.Is(err, fs.ErrNotExist) {
		return b, at, nil
	}
	if why := j.marked(); err == nil && why != nil {
		err = why
	}
	if err != nil {
		return b, at, fmt.Errorf("read journal %s: %w", j.path, err)
	}
	if j.readers, err = sql.Open("sqlite", dsn(j.path, "ro")); err != nil {
		return b, at, fmt.Errorf("read journal %s: %w", j.path, err)
	}
	defer j.readers.Close()
	j.from = j.readers
	has, knows, err := versions(j.readers)
	switch {
	case err != nil:
		return b, at, fmt.Errorf("read journal %s: %s", j.path, cause(err))
	case has > knows:
		return b, at, &NewerError{j.path, has, knows}
	case has == 0:
		return b, time.Time{}, nil // it was made, and nothing has been written
	case has < knows:
		return b, at, &olderError{j.path}
	}
	if b, err = j.Boot(); err != nil {
		return Boot{}, at, fmt.Errorf("read journal %s: %s", j.path, cause(err))
	}
	return b, at, nil
}

// lastWrite is when the journal was last written to.
func (j *Journal) lastWrite() (time.Time, error) {
	info, err := os.Stat(j.path)
	if err != nil {
		return time.Time{}, err
	}
	at := info.ModTime()
	if log, err := os.Stat(j.path + "-wal"); err == nil {
		at = later(at, log.ModTime())
	}
	return at, nil
}

// versions are those of the schema: of the file, and the one that is known here.
func versions(db *sql.DB) (has, knows int, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, 0, err
	}
	err = db.QueryRow("PRAGMA user_version").Scan(&has)
	return has, len(names), err
}

// olderError says that the journal's schema is to be brought up to date first.
type olderError struct{ path string }

func (e *olderError) Error() string {
	return "read journal " + e.path + ": an older lsh has written it"
}

// Hint is what to do.
func (e *olderError) Hint() string { return "lsh daemon start brings it up to date" }
