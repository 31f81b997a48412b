package mirror

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/config"
)

// InitOptions say what to set up, and with whose rights.
type InitOptions struct {
	AdminURL    string // of a user who may make schemas and roles; it goes nowhere else
	CACert      string // as config.Database has it
	User        string // the person whose machines will write
	NewPassword bool   // also when the person's role is there and has one
	ShellJobs   bool   // the predecessor's table public.shell_jobs is to be fed
}

// InitResult is what there is then.
type InitResult struct {
	User          string
	Role          string
	Created       bool   // the role was not there
	URL           string // for the daemons of the person
	Password      bool   // one was made, and URL has it: it can be had from nowhere else
	Server        string // host and port
	SchemaVersion int64
	Applied       []string // names of the migrations that were not there
	Mended        bool     // rights that the migrations give were missing
	ShellJobs     bool     // there is the trigger
}

const (
	initWithin = time.Minute
	// initTries bounds how often it is begun again when somebody else changes the same roles: those are of all databases of a server,
	// and the lock of one.
	initTries = 5
	// initLock is the key of the advisory lock. A lock of the session would get lost behind a transaction pooler.
	initLock = 0x6c7368
)

// Init makes the schema, as far as it is not there, and the person's role and row, in one transaction. Doing it again changes
// nothing. The error is an *Error.
func Init(ctx context.Context, o InitOptions) (InitResult, error) {
	if _, err := roleName(o.User); err != nil {
		return InitResult{}, err
	}
	target, err := NewTarget(config.Database{URL: o.AdminURL, CACert: o.CACert}, nil)
	if err != nil {
		return InitResult{}, inFlags(err)
	}
	if err := checkURL(o.AdminURL); err != nil {
		return InitResult{}, inFlags(err)
	}
	ctx, cancel := context.WithTimeout(ctx, initWithin)
	defer cancel()
	conn, err := target.Connect(ctx)
	if err != nil {
		return InitResult{}, inFlags(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var r InitResult
	for try := range initTries {
		if r, err = initOnce(ctx, conn, target, o); !collided(err) {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(try+1) * 100 * time.Millisecond):
		}
	}
	if err != nil {
		return InitResult{}, inFlags(target.setupError(err))
	}
	return r, nil
}

func initOnce(ctx context.Context, conn *pgx.Conn, target *Target, o InitOptions) (r InitResult, err error) {
	// Each statement must see what whoever had the lock before has committed.
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return r, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreClosed(tx.Rollback(context.WithoutCancel(ctx))))
		}
	}()
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1::bigint)", int64(initLock)); err != nil {
		return r, err
	}
	schema, err := migrate(ctx, tx)
	if err != nil {
		return r, err
	}
	r.SchemaVersion, r.Applied, r.Mended = schema.version, schema.applied, schema.mended
	p, err := admit(ctx, tx, o.User, o.NewPassword)
	if err != nil {
		return r, err
	}
	if o.ShellJobs {
		if err := feed(ctx, tx); err != nil {
			return r, err
		}
	}
	var admin, database string
	if err := tx.QueryRow(ctx, "select session_user::text, current_database()::text").Scan(&admin, &database); err != nil {
		return r, err
	}
	r.User, r.Role, r.Created, r.Password, r.Server = o.User, p.role, p.created, p.password != "", target.address()
	if r.URL, err = daemonURL(target, o.AdminURL, database, login(p.role, target.user(), admin), p.password); err != nil {
		return r, err
	}
	if r.ShellJobs, err = yes(ctx, tx, "select to_regproc('lsh.feed_shell_jobs') is not null"); err != nil {
		return r, err
	}
	return r, tx.Commit(ctx)
}

// ignoreClosed is err, unless it says that the transaction has ended already.
func ignoreClosed(err error) error {
	if errors.Is(err, pgx.ErrTxClosed) {
		return nil
	}
	return err
}

// collided tells whether somebody else made or changed the same thing at the same time.
func collided(err error) bool {
	pg, is := errors.AsType[*pgconn.PgError](err)
	if !is {
		return false
	}
	switch pg.Code {
	case "42710", "42P06", "23505", "40001", "40P01": // duplicate object, schema or row; serialization; deadlock
		return true
	}
	return strings.Contains(pg.Message, "tuple concurrently")
}

// script carries out several statements.
func script(ctx context.Context, tx pgx.Tx, text string) error {
	_, err := tx.Conn().PgConn().Exec(ctx, text).ReadAll()
	return err
}

func yes(ctx context.Context, tx pgx.Tx, query string, args ...any) (is bool, err error) {
	err = tx.QueryRow(ctx, query, args...).Scan(&is)
	return is, err
}

// setupError is an error of Init, for which some things mean something else than for a daemon.
func (t *Target) setupError(err error) *Error {
	pg, is := errors.AsType[*pgconn.PgError](err)
	switch {
	case is && pg.Code == "42501":
		return &Error{
			Code: codeDenied, Message: fmt.Sprintf("set up %s: %s", t.address(), pg.Message),
			Hint: "use the URL of the user postgres, or of another who may create schemas and roles",
		}
	case is && strings.HasPrefix(pg.Code, "42"):
		return &Error{
			Code: codeSchema, Message: fmt.Sprintf("make the schema lsh on %s: %s", t.address(), pg.Message),
			Hint: "what is in that schema was not made by lsh alone: look at it, and when nothing of it is wanted: drop schema lsh cascade",
		}
	}
	return t.errorOf(err)
}

// inFlags is an error of the settings in the words of lsh sync init.
func inFlags(err error) error {
	e, is := errors.AsType[*Error](err)
	if !is {
		return err
	}
	told := *e
	words := strings.NewReplacer("database.url", "--admin-url", "database.ca_cert", "--ca-cert", "; lsh tries again by itself", "")
	told.Message, told.Hint = words.Replace(e.Message), words.Replace(e.Hint)
	switch told.Code {
	case codeAuth:
		told.Hint = "take the string from the project's page, Connect; the password is the database's own, under Database, Settings"
	case codeTLS:
		told.Hint = strings.NewReplacer("database: {url: ", "--admin-url ", "}", "").Replace(told.Hint)
	case codeTimeout, codeDown:
		told.Hint = "try again"
	case codeReadOnly, codeDisk:
		told.Hint = "free room there or give it more, then try again"
	}
	return &told
}
