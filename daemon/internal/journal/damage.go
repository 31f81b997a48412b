package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// NewerError says that a later version has written the journal.
type NewerError struct {
	Path       string
	Has, Knows int // versions of the schema
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("open journal %s: a newer lsh has written it (schema %d, this one knows %d)", e.Path, e.Has, e.Knows)
}

// Hint is what to do.
func (e *NewerError) Hint() string {
	return "update lsh, or move " + e.Path + " away to begin a new one"
}

// ForeignError says that the file at the journal's path is not a file of ours.
type ForeignError struct {
	Path string
	What string
}

func (e *ForeignError) Error() string { return fmt.Sprintf("open journal %s: it %s", e.Path, e.What) }

// Hint is what to do.
func (e *ForeignError) Hint() string {
	return "look at it: ls -l " + e.Path + "; move it away to begin a new one"
}

// vet refuses what is not a plain file of ours: what lies there is believed.
func vet(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("open journal %s: %w", path, err)
	case !info.Mode().IsRegular():
		return &ForeignError{path, "is not a regular file"}
	}
	if st, is := info.Sys().(*syscall.Stat_t); is && int(st.Uid) != os.Geteuid() {
		return &ForeignError{path, fmt.Sprintf("belongs to user %d", st.Uid)}
	}
	return nil
}

// damageError is a file that is not whole.
type damageError struct{ what string }

func (e *damageError) Error() string { return "the file is damaged: " + e.what }

// isDamage tells whether an error means that the file is not whole.
func isDamage(err error) bool {
	if _, is := errors.AsType[*damageError](err); is {
		return true
	}
	code := codeOf(err) & 0xff
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}

// damageOf is damage in words.
func damageOf(err error) error {
	switch codeOf(err) & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return &damageError{"it is no database"}
	case sqlite3.SQLITE_CORRUPT:
		return &damageError{"its pages contradict each other"}
	}
	return err
}

func codeOf(err error) int {
	if e, is := errors.AsType[*sqlite.Error](err); is {
		return e.Code()
	}
	return 0
}

// cause is an error of the database in a few words.
func cause(err error) string {
	switch codeOf(err) & 0xff {
	case sqlite3.SQLITE_FULL:
		return "no space left on the device"
	case sqlite3.SQLITE_READONLY:
		return "it is read-only"
	case sqlite3.SQLITE_IOERR:
		return "the disk does not take it"
	case sqlite3.SQLITE_CANTOPEN:
		return "it cannot be opened"
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return "the file is damaged; the next start sets it aside"
	}
	return err.Error()
}

// smallFile is up to what size the whole file is checked when it is opened, in bytes.
const smallFile = 8 << 20

func (j *Journal) checkSmall() error {
	info, err := os.Stat(j.path)
	if err != nil || info.Size() > smallFile {
		return err
	}
	return check(context.Background(), j.db)
}

// check reads the whole file.
func check(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return &damageError{strings.TrimSpace(verdict)}
	}
	return nil
}

// mark leaves word that the file is damaged: it is set aside when it is next opened.
func (j *Journal) mark(why error) {
	_ = os.WriteFile(j.path+".damaged", []byte(why.Error()+"\n"), 0o600)
}

// marked is what an earlier mark says, or an empty file where there was a journal; nil when there is neither.
func (j *Journal) marked() error {
	if info, err := os.Stat(j.path); err == nil && info.Size() == 0 && exists(j.path+spillSuffix) {
		return &damageError{"it is empty"}
	}
	text, err := os.ReadFile(j.path + ".damaged")
	if err != nil {
		return nil
	}
	return &damageError{strings.TrimSpace(string(text))}
}

// setAside gives a damaged journal another name. Nothing of it is deleted.
func (j *Journal) setAside(why error) error {
	j.closeAll()
	aside := j.path + ".damaged-" + time.Now().UTC().Format("20060102T150405")
	for i := 2; exists(aside); i++ {
		aside = fmt.Sprintf("%s.damaged-%s-%d", j.path, time.Now().UTC().Format("20060102T150405"), i)
	}
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(j.path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set damaged journal aside: %w", err)
		}
	}
	_ = os.Remove(j.path + ".damaged")
	j.aside = aside
	j.log.Error("journal is damaged and a new one is begun", "path", j.path, "aside", filepath.Base(aside), "err", why)
	return nil
}

// lastAside is the file that was last set aside and still lies there; "" when none does.
func (j *Journal) lastAside() string {
	dir, prefix := filepath.Dir(j.path), filepath.Base(j.path)+".damaged-"
	files, _ := os.ReadDir(dir) // in the order of their names, which is that of time
	for _, f := range slices.Backward(files) {
		name := f.Name()
		if strings.HasPrefix(name, prefix) && !strings.HasSuffix(name, "-wal") && !strings.HasSuffix(name, "-shm") {
			return filepath.Join(dir, name)
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
