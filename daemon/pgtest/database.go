package pgtest

import (
	"context"
	"crypto/rand"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Database is one test's own, on the server of all tests of the binary.
type Database struct {
	// Name is the database's. No other test has it: it begins the names of roles too, which the databases have in common.
	Name string
	// CA is the file of the root certificate. PostgreSQL and both poolers take TLS as well as plain text, with a certificate
	// of it for localhost.
	CA string

	server server
}

// Start makes a database like that of a Supabase project. It goes when the test is over; a server that the test has stopped
// is there again.
func Start(t testing.TB) *Database {
	t.Helper()
	s := shared.start(t)
	d := &Database{Name: "t_" + strings.ToLower(rand.Text()[:10]), CA: s.CA, server: s}
	if err := s.create(t.Context(), d.Name); err != nil {
		t.Fatal("create a database: ", err)
	}
	t.Cleanup(func() {
		d.Resume(t)
		if err := execute(context.Background(), s.superuserURL(workshop), "drop database "+d.Name+" with (force)"); err != nil {
			t.Error("drop the database: ", err)
		}
	})
	return d
}

// Address is the host and port of a way to the database.
func (d *Database) Address(k Kind) string { return d.server.address(k) }

// AdminURL is the way for the user postgres, who is no superuser but may make roles, as on Supabase.
func (d *Database) AdminURL(k Kind) string { return d.URL(k, admin, d.server.AdminPassword) }

// URL is the way for a role, in plain text. The poolers know a role as soon as it is made.
func (d *Database) URL(k Kind, user, password string) string {
	return d.server.url(k, user, password, d.Name)
}

// Verified is a URL with TLS, and the server's certificate checked.
func (d *Database) Verified(plain string) string {
	u, err := url.Parse(plain)
	if err != nil {
		panic(err) // it comes from URL
	}
	u.Host = net.JoinHostPort("localhost", u.Port())
	u.RawQuery = url.Values{"sslmode": {"verify-full"}, "sslrootcert": {d.CA}}.Encode()
	return u.String()
}

// Superuser runs statements as one who may do everything, past the poolers.
func (d *Database) Superuser(t testing.TB, sql string) {
	t.Helper()
	if err := execute(context.WithoutCancel(t.Context()), d.server.superuserURL(d.Name), sql); err != nil {
		t.Fatalf("run as superuser: %v\n%s", err, sql)
	}
}

// Query gives the rows of a statement as a superuser sees them, as `psql -At` would: values parted by |, and nothing for null.
func (d *Database) Query(t testing.TB, sql string, args ...any) []string {
	t.Helper()
	lines, err := d.query(context.WithoutCancel(t.Context()), sql, args)
	if err != nil {
		t.Fatalf("query: %v\n%s", err, sql)
	}
	return lines
}

func (d *Database) query(ctx context.Context, sql string, args []any) ([]string, error) {
	conn, err := pgx.Connect(ctx, d.server.superuserURL(d.Name))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	// In the simple protocol all values come as text.
	rows, err := conn.Query(ctx, sql, append([]any{pgx.QueryExecModeSimpleProtocol}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var values []string
		for _, v := range row.RawValues() {
			values = append(values, string(v))
		}
		return strings.Join(values, "|"), nil
	})
}

// Stop ends PostgreSQL, for the databases of all tests; the poolers stay.
func (d *Database) Stop(t testing.TB) { d.ask(t, "stop") }

// Resume starts PostgreSQL again at the same port, if it is stopped. It answers on all ways then.
func (d *Database) Resume(t testing.TB) { d.ask(t, "resume") }

// Restart is a Stop and a Resume.
func (d *Database) Restart(t testing.TB) {
	d.Stop(t)
	d.Resume(t)
}

func (d *Database) ask(t testing.TB, what string) {
	t.Helper()
	if _, err := shared.ask(what); err != nil {
		t.Fatal(err)
	}
}
