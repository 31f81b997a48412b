package mirror

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Error is what keeps the replica from going on: in the words of whoever must mend it, and never with a password.
type Error struct {
	Code    string        // a word of the list below
	Message string        // verb object: cause
	Hint    string        // what to do
	State   string        // one of the states of Status
	Again   time.Duration // when the next try makes sense; 0: soon, and later with each
}

func (e *Error) Error() string { return e.Message }

// The classes of errors, each with its own message and schedule.
const (
	codeURL         = "url"
	codeTLS         = "tls_required"
	codePassword    = "password_command"
	codeCA          = "ca_cert"
	codeAuth        = "auth"
	codeTenant      = "tenant"
	codeDatabase    = "no_database"
	codeNobody      = "no_user"
	codeDenied      = "denied"
	codeCertificate = "certificate"
	codeName        = "name"
	codeNoRoute     = "no_route"
	codeUnreachable = "unreachable"
	codeTimeout     = "timeout"
	codeFull        = "pool_full"
	codeReadOnly    = "read_only"
	codeDisk        = "disk_full"
	codeSchema      = "schema_missing"
	codeOlder       = "schema_older"
	codeFenced      = "fenced"
	codeDown        = "server_down"
	codeServer      = "server"
	codeData        = "data" // of one row, not of the database
)

const (
	// stopFor is how long a try rests that cannot succeed until somebody has mended something: wrong passwords get the address banned.
	stopFor = 30 * time.Minute
	// absentFor is for a project that is paused, or a schema that is missing.
	absentFor = 10 * time.Minute
	// fullFor is for a project over its size.
	fullFor = time.Hour
)

// ErrorOf is an error of a call in one of the classes.
func (t *Target) ErrorOf(err error) *Error { return t.errorOf(err) }

// errorOf puts an error of the driver in one of the classes.
func (t *Target) errorOf(err error) *Error {
	if err == nil {
		return nil
	}
	if ours, is := errors.AsType[*Error](err); is {
		return ours
	}
	if pg, is := errors.AsType[*pgconn.PgError](err); is {
		return t.serverError(pg)
	}
	return t.netError(err)
}

// poolerWords are what poolers say in place of a code, since their errors have one code for all.
var poolerWords = []struct{ text, code string }{
	{"tenant or user not found", codeTenant},
	{"tenant/user", codeTenant},
	{"enotfound", codeTenant},
	{"max clients", codeFull},
	{"max client conn", codeFull},
	{"no more connections allowed", codeFull},
	{"emaxconn", codeFull},
	{"too many connections", codeFull},
	{"query_wait_timeout", codeFull},
	{"password authentication failed", codeAuth},
	{"sasl authentication failed", codeAuth},
	{"no such user", codeAuth},
	{"bouncer config error", codeAuth}, // of a user whom it finds nowhere
	{"no such database", codeDatabase},
	{"server conn crashed", codeDown},
	{"server_login_retry", codeDown},
	{"server login has been failing", codeDown},
	{"cannot connect to server", codeDown},
	{"the database system is", codeDown},
}

func (t *Target) serverError(pg *pgconn.PgError) *Error {
	code, said := pg.Code, strings.ToLower(pg.Message)
	if code == "08P01" || code == "XX000" || code == "58000" || code == "08006" || code == "" {
		if regexp.MustCompile(`database ".*" does not exist`).MatchString(said) {
			return t.classed(codeDatabase, pg.Message) // before what poolers say around it
		}
		for _, w := range poolerWords {
			switch {
			case !strings.Contains(said, w.text):
			case strings.HasSuffix(w.text, "authentication failed"):
				return t.passwordError(pg.Message)
			default:
				return t.classed(w.code, pg.Message)
			}
		}
	}
	class := code[:min(2, len(code))]
	switch {
	case code == "28P01":
		return t.passwordError(pg.Message)
	case code == "28000":
		return t.classed(codeAuth, pg.Message)
	case code == "3D000":
		return t.classed(codeDatabase, pg.Message)
	case code == "25006":
		return t.classed(codeReadOnly, pg.Message)
	case code == "53300":
		return t.classed(codeFull, pg.Message)
	case code == "53100":
		return t.classed(codeDisk, pg.Message)
	case code == "42P01" || code == "42883" || code == "3F000" || code == "42703":
		return t.classed(codeSchema, pg.Message)
	case code == "42501":
		return t.classed(codeDenied, pg.Message)
	case code == "LS001":
		return t.classed(codeNobody, pg.Message)
	case code == "57014" || code == "55P03" || code == "25P03" || code == "57P05":
		return t.classed(codeTimeout, pg.Message)
	case class == "57" || class == "08":
		return t.classed(codeDown, pg.Message)
	case class == "22" || class == "23" || class == "P0" || code == "54000" || code == "0A000" || class == "21":
		return t.classed(codeData, pg.Message)
	}
	return t.classed(codeServer, fmt.Sprintf("%s (%s)", pg.Message, code))
}

// passwordError is that of a password that is wrong, or is not there at all.
func (t *Target) passwordError(said string) *Error {
	if !t.passwordless() {
		return t.classed(codeAuth, said)
	}
	e := t.classed(codeAuth, noPassword)
	e.Hint = noPasswordHint
	return e
}

// netError is an error of the way to the server.
func (t *Target) netError(err error) *Error {
	if name, is := errors.AsType[*net.DNSError](err); is && !name.IsTimeout {
		return t.classed(codeName, name.Err)
	}
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown), errors.As(err, &invalid), errors.As(err, &host), errors.As(err, &verify), errors.As(err, &record):
		return t.certificateError(err, deepest(err))
	case strings.Contains(err.Error(), "server refused TLS connection"):
		return t.certificateError(err, "the server offers no TLS")
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
		return t.classed(codeNoRoute, deepest(err))
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err), isTimeout(err):
		return t.classed(codeTimeout, "no answer in time")
	}
	return t.classed(codeUnreachable, deepest(err))
}

func (t *Target) certificateError(err error, said string) *Error {
	e := t.classed(codeCertificate, said)
	e.Hint = t.certificateHint(err, said)
	return e
}

func isTimeout(err error) bool {
	n, is := errors.AsType[net.Error](err)
	return is && n.Timeout()
}

// deepest is the cause at the bottom of an error, which names neither user nor database.
func deepest(err error) string {
	for {
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			if e.Unwrap() == nil {
				return err.Error()
			}
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			all := e.Unwrap()
			if len(all) == 0 {
				return err.Error()
			}
			err = all[len(all)-1]
		default:
			return err.Error()
		}
	}
}

// classed is an error of a class. said is what the server or the system said.
func (t *Target) classed(code, said string) *Error {
	e := &Error{Code: code, State: StateRetrying}
	at := t.address()
	set := func(state string, again time.Duration, message, hint string) {
		e.State, e.Again, e.Message, e.Hint = state, again, message, hint
	}
	switch code {
	case codeAuth:
		set(StateStopped, stopFor, fmt.Sprintf("log in to %s as %s: %s", at, t.user(), said),
			"put the right user and password into database.url, then lsh daemon restart; a new password: lsh sync init --new-password")
	case codeTenant:
		set(StateRetrying, absentFor, fmt.Sprintf("log in to %s as %s: %s", at, t.user(), said),
			"the project is paused, or the host or the part of the user behind the dot is another project's: look at the project's page and take the string from Connect")
	case codeDatabase:
		set(StateStopped, stopFor, fmt.Sprintf("open database %s on %s: %s", t.database(), at, said), "the path of database.url names it: /postgres for Supabase")
	case codeNobody:
		set(StateStopped, absentFor, fmt.Sprintf("register this host: the role %s is in no row of lsh.users", t.user()),
			"use the URL that lsh sync init has printed, or make one: lsh sync init --admin-url URL")
	case codeDenied:
		set(StateSchema, absentFor, "write to the schema lsh: "+said, "give the role its rights: lsh sync init --admin-url URL")
	case codeCertificate:
		set(StateRetrying, absentFor, fmt.Sprintf("check the certificate of %s: %s", at, said), rootHint)
	case codeName:
		set(StateRetrying, 0, fmt.Sprintf("look up %s: %s", t.config.Host, said), "see that the host in database.url is right and that this machine is online")
		if t.direct() {
			e.Hint = directHint
		}
	case codeNoRoute:
		set(StateRetrying, 0, fmt.Sprintf("reach %s: %s", at, said), cmp.Or(t.routeHint(), "see that this machine is online"))
	case codeTimeout:
		set(StateRetrying, 0, fmt.Sprintf("reach %s: %s", at, said), "nothing to do unless it lasts: lsh tries again by itself")
	case codeFull:
		set(StateRetrying, 0, fmt.Sprintf("get a place at %s: %s", at, said), t.fullHint(said))
	case codeReadOnly:
		set(StateReadOnly, fullFor, fmt.Sprintf("write to %s: %s", at, said), "the project is over its size or a replica: free room or give it more; what waits is kept and sent then")
	case codeDisk:
		set(StateReadOnly, fullFor, fmt.Sprintf("write to %s: %s", at, said), "the server's disk is full: free room there; what waits is kept and sent then")
	case codeSchema:
		set(StateSchema, absentFor, fmt.Sprintf("find the schema lsh on %s: %s", at, said), "make it: lsh sync init --admin-url URL")
	case codeDown:
		set(StateRetrying, 0, fmt.Sprintf("talk to %s: %s", at, said), "nothing to do unless it lasts: lsh tries again by itself")
	case codeData:
		set(StateRetrying, 0, "write rows: "+said, "lsh looks for the row and sets it aside")
	case codeServer:
		set(StateRetrying, 0, fmt.Sprintf("write to %s: %s", at, said), "look at the server's log; lsh tries again by itself")
	default:
		set(StateRetrying, 0, fmt.Sprintf("reach %s: %s", at, said), "see that the server runs and that the host and port in database.url are right")
	}
	return e
}
