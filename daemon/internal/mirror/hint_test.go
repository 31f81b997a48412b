package mirror

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/config"
)

// hintOf is what a person is told to do about an error of a call to a database.
func hintOf(t *testing.T, d config.Database, err error) *Error {
	t.Helper()
	t.Setenv("HOME", t.TempDir()) // there may be a root.crt or a .pgpass at home
	for _, name := range []string{"PGPASSWORD", "PGPASSFILE", "PGSSLROOTCERT"} {
		t.Setenv(name, "")
	}
	target, wrong := NewTarget(d, func(context.Context, []string) (string, error) { return "hunter2", nil })
	if wrong != nil {
		t.Fatal(wrong)
	}
	return target.errorOf(fmt.Errorf("connect: %w", err))
}

const verifiedURL = "postgres://ann:hunter2@db.example.com/lsh?sslmode=verify-full"

// A certificate that is not trusted is another's, or of a root that nobody has named, or of another one than is named.
func TestHintsAboutCertificates(t *testing.T) {
	others := func(names ...string) error {
		return x509.HostnameError{Host: "db.example.com", Certificate: &x509.Certificate{DNSNames: names, IPAddresses: []net.IP{net.IPv4(10, 0, 0, 1)}}}
	}
	root := otherRoot(t)
	for _, c := range []struct {
		database config.Database
		err      error
		want     string
	}{
		{config.Database{URL: verifiedURL}, x509.UnknownAuthorityError{}, rootHint},
		{config.Database{URL: verifiedURL + "&sslrootcert=system"}, x509.UnknownAuthorityError{}, rootHint},
		{config.Database{URL: verifiedURL, CACert: root}, x509.UnknownAuthorityError{}, otherRootHint},
		{config.Database{URL: verifiedURL + "&sslrootcert=" + root}, x509.UnknownAuthorityError{}, otherRootHint},
		{config.Database{URL: verifiedURL}, x509.CertificateInvalidError{Reason: x509.Expired}, "see that this machine's clock is right: date"},
		{config.Database{URL: verifiedURL}, errors.New("server refused TLS connection"), "turn TLS on at the server"},
		{
			config.Database{URL: verifiedURL},
			others("pg.example.com", "*.example.org", "\x1b[2J"),
			"the server's certificate is for pg.example.com, *.example.org, 10.0.0.1: put that name into database.url as the host",
		},
		{
			config.Database{URL: verifiedURL},
			others("a", "b", "c", "d", "e", "f"),
			"the server's certificate is for a, b, c, d, e, …: put that name into database.url as the host",
		},
		{
			config.Database{URL: verifiedURL},
			x509.HostnameError{Host: "db.example.com", Certificate: &x509.Certificate{}},
			"the server's certificate is for no host: give it one with the host of database.url as subjectAltName",
		},
	} {
		if e := hintOf(t, c.database, c.err); e.Code != codeCertificate || e.Hint != c.want {
			t.Errorf("%v: %s: %s\nhint: %s\nwant: %s", c.err, e.Code, e.Message, e.Hint, c.want)
		}
	}
}

// Where no password is found anywhere, none is wrong.
func TestNoPassword(t *testing.T) {
	const without = "postgres://ann@db.example.com/lsh?sslmode=verify-full"
	said := func(code, message string) error { return &pgconn.PgError{Code: code, Message: message} }
	refused := said("28P01", `password authentication failed for user "ann"`)
	file := filepath.Join(t.TempDir(), "pgpass")
	if err := os.WriteFile(file, []byte("db.example.com:5432:lsh:ann:hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		database config.Database
		err      error
		absent   bool
	}{
		{config.Database{URL: without}, refused, true},
		{config.Database{URL: without}, said("08P01", "SASL authentication failed"), true},
		{config.Database{URL: without}, said("28000", "no pg_hba.conf entry for host"), false},
		{config.Database{URL: without}, said("08P01", "no such user: ann"), false},
		{config.Database{URL: verifiedURL}, refused, false},
		{config.Database{URL: without + "&passfile=" + file}, refused, false},
		{config.Database{URL: without, PasswordCommand: []string{"pass", "lsh"}}, refused, false},
	} {
		e := hintOf(t, c.database, c.err)
		if absent := e.Hint == noPasswordHint && strings.HasSuffix(e.Message, " as ann: "+noPassword); e.Code != codeAuth || e.State != StateStopped || absent != c.absent {
			t.Errorf("%+v, %v: %s: %s\nhint: %s", c.database, c.err, e.Code, e.Message, e.Hint)
		}
	}
}

// Without a way by IPv6, another host is the way.
func TestHintsAboutRoutes(t *testing.T) {
	for host, want := range map[string]string{
		"db.abcdef.supabase.co": directHint,
		"[2001:db8::1]":         sixHint,
		"[::ffff:10.0.0.1]":     "see that this machine is online",
		"10.0.0.1":              "see that this machine is online",
		"db.example.com":        "see that this machine is online",
	} {
		e := hintOf(t, config.Database{URL: "postgres://ann:hunter2@" + host + ":5432/lsh?sslmode=verify-full"}, os.NewSyscallError("connect", syscall.ENETUNREACH))
		if e.Code != codeNoRoute || e.Hint != want {
			t.Errorf("%s: %s: %s\nhint: %s", host, e.Code, e.Message, e.Hint)
		}
	}
}

// A role may have no place where the server has some.
func TestHintsAboutPlaces(t *testing.T) {
	for message, want := range map[string]string{
		`too many connections for role "ann"`:   "end other connections of the role ann, or raise its own limit",
		"sorry, too many clients already":       "close other clients, or use the transaction pooler",
		`too many connections for database "x"`: "close other clients, or use the transaction pooler",
	} {
		e := hintOf(t, config.Database{URL: verifiedURL}, &pgconn.PgError{Code: "53300", Message: message})
		if e.Code != codeFull || !strings.HasPrefix(e.Hint, want) {
			t.Errorf("%s: %s\nhint: %s", message, e.Code, e.Hint)
		}
	}
}
