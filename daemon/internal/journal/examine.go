package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// Finding is how a journal's file stands.
type Finding struct {
	Path     string
	Bytes    int64
	Absent   bool      // there is none
	Whole    bool      // all of it was read
	Newest   time.Time // of the latest event; zero when that is not known
	SetAside string    // the last damaged file that lies beside it
	// Err is what is wrong with the file; Damage tells one that is not whole from one that cannot be used.
	Err    error
	Damage bool
}

// Examine reads through the journal in a directory until ctx ends. It changes nothing, and disturbs no daemon that has it open.
func Examine(ctx context.Context, dir string) Finding {
	j := &Journal{path: filepath.Join(dir, fileName)}
	f := Finding{Path: j.path, Bytes: j.size(), SetAside: j.lastAside()}
	if f.Err = vet(j.path); f.Err != nil {
		return f
	}
	_, err := j.lastWrite()
	if f.Absent = errors.Is(err, fs.ErrNotExist); f.Absent {
		return f
	}
	if err == nil {
		err = j.marked()
	}
	if err == nil {
		err = j.readThrough(ctx, &f)
	}
	busy := codeOf(err)&0xff == sqlite3.SQLITE_BUSY
	switch {
	case err == nil, ctx.Err() != nil, busy:
		f.Whole = err == nil
		return f
	case isDamage(err):
		f.Damage = true
		f.Err = damageOf(err)
	case codeOf(err) != 0:
		f.Err = fmt.Errorf("read journal %s: %s", j.path, cause(err))
	default:
		f.Err = err
	}
	return f
}

func (j *Journal) readThrough(ctx context.Context, f *Finding) error {
	db, err := sql.Open("sqlite", dsn(j.path, "ro"))
	if err != nil {
		return err
	}
	defer db.Close()
	has, knows, err := versions(db)
	switch {
	case err != nil:
		return err
	case has > knows:
		return &NewerError{j.path, has, knows}
	}
	if has > 0 {
		var newest sql.NullInt64
		if err := db.QueryRowContext(ctx, "SELECT max(time) FROM events").Scan(&newest); err != nil {
			return err
		}
		f.Newest = instant(newest)
	}
	return check(ctx, db)
}
