package mirror

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/config"
)

const (
	connectWithin = 10 * time.Second
	// callWithin bounds every call. The role's own statement_timeout is as long.
	callWithin = 20 * time.Second
)

// Run runs a command and gives what it prints.
type Run func(ctx context.Context, argv []string) (stdout string, err error)

// Target is a database that may be connected to: its way is encrypted and its certificate checked, or it is this machine.
type Target struct {
	config   *pgx.ConnConfig
	password []string // the command
	run      Run
	printed  string // by the command, last
}

// NewTarget reads the settings. The error is an *Error.
func NewTarget(d config.Database, run Run) (*Target, error) {
	if strayAt(d.URL) {
		// What the driver takes for the host then begins with a part of the password.
		return nil, &Error{
			Code: codeURL, State: StateStopped, Again: stopFor, Message: "read database.url: there is an @ that does not stand before the host",
			Hint: "write an @ of the password as %40",
		}
	}
	cfg, err := pgx.ParseConfig(d.URL)
	if err != nil {
		if file, is := errors.AsType[*fs.PathError](err); is {
			return nil, unusableCA("the file of sslrootcert", file)
		}
		switch text := err.Error(); { // the driver's own words may quote the URL
		case strings.Contains(text, "unable to add CA"):
			return nil, unusableCA("the file of sslrootcert", errors.New("there is no certificate in it"))
		case strings.Contains(text, "sslmode is invalid"):
			return nil, &Error{
				Code: codeURL, State: StateStopped, Again: stopFor, Message: "read database.url: there is no such sslmode", Hint: "write  sslmode=verify-full",
			}
		}
		return nil, &Error{
			Code: codeURL, State: StateStopped, Again: stopFor, Message: "read database.url: it is no URL of a Postgres database",
			Hint: "write  postgres://USER:PASSWORD@HOST:5432/postgres?sslmode=verify-full; special characters of a password as %XX",
		}
	}
	t := &Target{config: cfg, password: d.PasswordCommand, run: run}
	if err := t.trust(d.CACert); err != nil {
		return nil, err
	}
	if err := t.refusePlain(d.URL); err != nil {
		return nil, err
	}
	// Everything else fails behind a transaction pooler, or worse, answers wrongly.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.StatementCacheCapacity, cfg.DescriptionCacheCapacity = 0, 0
	cfg.ConnectTimeout = connectWithin
	cfg.RuntimeParams = map[string]string{"application_name": "lsh"} // poolers refuse others
	return t, nil
}

// trust has every certificate checked against the roots in a file.
func (t *Target) trust(file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	roots := x509.NewCertPool()
	if err == nil && !roots.AppendCertsFromPEM(text) {
		err = fmt.Errorf("%s: there is no certificate in it", file)
	}
	if err != nil {
		return unusableCA("database.ca_cert", err)
	}
	for _, c := range t.tlsConfigs() {
		c.RootCAs = roots
	}
	return nil
}

// strayAt tells whether a URL has an @ before its query that is not the one before its host.
func strayAt(text string) bool {
	_, rest, is := strings.Cut(text, "://")
	if !is {
		return false
	}
	way, _, _ := strings.Cut(rest, "?")
	authority, _, _ := strings.Cut(way, "/")
	return strings.Count(way, "@") > 1 || strings.Count(way, "@") != strings.Count(authority, "@")
}

func unusableCA(what string, err error) *Error {
	return &Error{
		Code: codeCA, State: StateStopped, Again: stopFor, Message: "read " + what + ": " + err.Error(),
		Hint: "download the root certificate (Supabase: Database, Settings, SSL) and name its file",
	}
}

func (t *Target) tlsConfigs() []*tls.Config {
	all := []*tls.Config{t.config.TLSConfig}
	for _, f := range t.config.Fallbacks {
		all = append(all, f.TLSConfig)
	}
	configs := all[:0]
	for _, c := range all {
		if c != nil {
			configs = append(configs, c)
		}
	}
	return configs
}

// refusePlain refuses a way on which the password or the rows could be read, or given to somebody else: the driver falls back to
// plain text by default.
func (t *Target) refusePlain(text string) error {
	ways := []*pgconn.FallbackConfig{{Host: t.config.Host, Port: t.config.Port, TLSConfig: t.config.TLSConfig}}
	for _, w := range append(ways, t.config.Fallbacks...) {
		if loopback(w.Host) || w.TLSConfig != nil && !w.TLSConfig.InsecureSkipVerify {
			continue
		}
		return &Error{
			Code: codeTLS, State: StateStopped, Again: stopFor,
			Message: fmt.Sprintf("connect to %s: without sslmode=verify-full the password and the rows could be read on the way", w.Host),
			Hint:    "write  database: {url: \"" + verified(text) + "\"}  and, for Supabase, its root certificate as database.ca_cert",
		}
	}
	return nil
}

// verified is the URL with the right sslmode and without its password: where these cannot be told from each other for certain, none of it.
func verified(text string) string {
	const any = "postgres://USER:PASSWORD@HOST:5432/postgres?sslmode=verify-full"
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" || u.User == nil || u.User.Username() == "" || strings.Count(text, "@") != 1 {
		return any
	}
	return u.Scheme + "://" + url.User(u.User.Username()).String() + ":PASSWORD@" + u.Host + u.EscapedPath() + "?sslmode=verify-full"
}

// loopback tells whether a host is this machine: a socket's directory, or an address of the loopback.
func loopback(host string) bool {
	if strings.HasPrefix(host, "/") || host == "localhost" || host == "" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// Connect makes a connection. The error is an *Error.
func (t *Target) Connect(ctx context.Context) (*pgx.Conn, error) {
	cfg := t.config.Copy()
	if len(t.password) > 0 {
		password, err := t.run(ctx, t.password)
		t.printed = strings.TrimRight(password, "\r\n")
		if err == nil && t.printed == "" {
			err = errors.New("it prints nothing")
		}
		if err != nil {
			return nil, &Error{
				Code: codePassword, State: StateRetrying, Message: "run database.password_command: " + err.Error(),
				Hint: "try it in a shell: it must print the password and exit with 0",
			}
		}
		cfg.Password = t.printed
	}
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, t.errorOf(err)
	}
	return conn, nil
}

// String is where the target is, and as whom: never the password.
func (t *Target) String() string { return t.user() + "@" + t.address() + "/" + t.database() }

func (t *Target) address() string {
	return net.JoinHostPort(t.config.Host, strconv.Itoa(int(t.config.Port)))
}

func (t *Target) user() string     { return t.config.User }
func (t *Target) database() string { return t.config.Database }

// secrets are what must never be seen of the settings.
func (t *Target) secrets() []string {
	return []string{t.config.Password, t.printed}
}

// direct tells whether the host is a Supabase project's own.
func (t *Target) direct() bool {
	return strings.HasPrefix(t.config.Host, "db.") && strings.HasSuffix(t.config.Host, ".supabase.co")
}

// The kinds of connection.
const (
	kindDirect      = "direct"
	kindSession     = "session"
	kindTransaction = "transaction"
)

// kind is what the address says of the kind of connection, "" when it says nothing.
func (t *Target) kind() string {
	pooler := strings.HasSuffix(t.config.Host, ".pooler.supabase.com")
	switch {
	case (pooler || t.direct()) && t.config.Port == 6543:
		return kindTransaction
	case pooler:
		return kindSession
	case t.direct():
		return kindDirect
	}
	return ""
}

// probe finds out the kind of a connection whose address does not tell. A pooler gives its clients another process number than the
// server's; and one that pools by transactions has two clients that are both there served by one process.
func (t *Target) probe(ctx context.Context, conn *pgx.Conn) string {
	if kind := t.kind(); kind != "" {
		return kind
	}
	first, err := backend(ctx, conn)
	if err != nil {
		return ""
	}
	if first == conn.PgConn().PID() {
		return kindDirect
	}
	second, err := t.Connect(ctx)
	if err != nil {
		return "" // it is no more than a word in the status
	}
	defer second.Close(ctx)
	for range 4 {
		a, errA := backend(ctx, conn)
		b, errB := backend(ctx, second)
		switch {
		case errA != nil || errB != nil:
			return ""
		case a == b:
			return kindTransaction
		}
	}
	return kindSession
}

func backend(ctx context.Context, conn *pgx.Conn) (pid uint32, err error) {
	err = conn.QueryRow(ctx, "select pg_backend_pid()").Scan(&pid)
	return pid, err
}
