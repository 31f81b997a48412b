package mirror

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/pgtest"
)

// wrong is what may be wrong with a database, and what a person is told.
type wrong struct {
	kinds       []pgtest.Kind
	set         func(t *testing.T, m *machine, k pgtest.Kind) // of the settings; the right ones are put back
	spoil, mend string                                        // by a superuser; ROLE stands for the role
	code, state string
	again       time.Duration
	says        string
}

// with is a URL with something else in it.
func with(text string, change func(u *url.URL)) string {
	u, err := url.Parse(text)
	if err != nil {
		panic(err) // it comes from pgtest
	}
	change(u)
	return u.String()
}

func setURL(change func(u *url.URL)) func(t *testing.T, m *machine, k pgtest.Kind) {
	return func(_ *testing.T, m *machine, _ pgtest.Kind) { m.database.URL = with(m.database.URL, change) }
}

const wrongPassword = "wr0ng-passw0rd"

func wrongs() map[string]wrong {
	direct := []pgtest.Kind{pgtest.Direct}
	ends := []pgtest.Kind{pgtest.Direct, pgtest.Transaction}
	return map[string]wrong{
		"a wrong password": {
			kinds: kinds(), set: setURL(func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), wrongPassword) }),
			code: codeAuth, state: StateStopped, again: stopFor, says: "log in to",
		},
		"an unknown role": {
			kinds: ends, set: setURL(func(u *url.URL) { u.User = url.UserPassword("nobody_at_all", wrongPassword) }),
			code: codeAuth, state: StateStopped, again: stopFor, says: "as nobody_at_all",
		},
		"a database that is not there": {
			kinds: direct, set: setURL(func(u *url.URL) { u.Path = "/nowhere" }),
			code: codeDatabase, state: StateStopped, again: stopFor, says: "open database nowhere",
		},
		"a port where nobody listens": {
			kinds: direct, set: setURL(func(u *url.URL) { u.Host = "127.0.0.1:1" }),
			code: codeUnreachable, state: StateRetrying, says: "127.0.0.1:1: connection refused",
		},
		"a name that is none": {
			kinds: direct, set: setURL(func(u *url.URL) { u.Host, u.RawQuery = "db.lsh.invalid:5432", "sslmode=verify-full" }),
			code: codeName, state: StateRetrying, says: "look up db.lsh.invalid",
		},
		"plain text to another machine": {
			kinds: direct, set: setURL(func(u *url.URL) { u.Host, u.RawQuery = "db.example.com:5432", "" }),
			code: codeTLS, state: StateStopped, again: stopFor, says: "without sslmode=verify-full",
		},
		"a URL that is none": {
			kinds: direct, set: func(_ *testing.T, m *machine, _ pgtest.Kind) {
				m.database.URL = "postgres://ann:" + wrongPassword + "@host:port/"
			},
			code: codeURL, state: StateStopped, again: stopFor, says: "it is no URL",
		},
		"a root certificate that is not there": {
			kinds: direct, set: func(_ *testing.T, m *machine, _ pgtest.Kind) { m.database.CACert = "/nowhere/ca.crt" },
			code: codeCA, state: StateStopped, again: stopFor, says: "read database.ca_cert",
		},
		"the root certificate of another server": {
			kinds: ends, set: func(t *testing.T, m *machine, _ pgtest.Kind) {
				m.database.URL, m.database.CACert = m.account.db.Verified(m.database.URL), otherRoot(t)
			},
			code: codeCertificate, state: StateRetrying, again: absentFor, says: "unknown authority",
		},
		"a certificate for another name": {
			kinds: direct, set: func(_ *testing.T, m *machine, _ pgtest.Kind) {
				verified := m.account.db.Verified(m.database.URL)
				m.database.URL = with(verified, func(u *url.URL) { u.Host = "127.0.0.1:" + u.Port() })
			},
			code: codeCertificate, state: StateRetrying, again: absentFor, says: "127.0.0.1",
		},
		"a command that prints no password": {
			kinds: direct, set: func(_ *testing.T, m *machine, _ pgtest.Kind) { m.database.PasswordCommand = []string{"pass", "lsh"} },
			code: codePassword, state: StateRetrying, says: "run database.password_command: it is locked",
		},
		"no schema": {
			kinds: ends, spoil: "alter schema lsh rename to away", mend: "alter schema away rename to lsh",
			code: codeSchema, state: StateSchema, again: absentFor, says: "find the schema lsh",
		},
		"an older schema": {
			kinds: direct, spoil: "delete from lsh.schema_version where version = (select max(version) from lsh.schema_version)",
			mend: "insert into lsh.schema_version (version, name) values (20261122000200, 'lsh_push')",
			code: codeOlder, state: StateSchema, again: absentFor, says: "this lsh needs",
		},
		"a project over its size": {
			kinds: direct, spoil: "alter role ROLE set default_transaction_read_only = on", mend: "alter role ROLE reset default_transaction_read_only",
			code: codeReadOnly, state: StateReadOnly, again: fullFor, says: "read-only transaction",
		},
		"no rights": {
			kinds: ends, spoil: "revoke lsh_writer from ROLE", mend: "grant lsh_writer to ROLE",
			code: codeDenied, state: StateSchema, again: absentFor, says: "permission denied",
		},
		"a role that is nobody's": {
			kinds: direct, spoil: "update lsh.users set db_role = 'other' where db_role = 'ROLE'", mend: "update lsh.users set db_role = 'ROLE' where db_role = 'other'",
			code: codeNobody, state: StateStopped, again: absentFor, says: "in no row of lsh.users",
		},
		"no place": {
			kinds: ends, spoil: "alter role ROLE connection limit 0", mend: "alter role ROLE connection limit 20",
			code: codeFull, state: StateRetrying, says: "get a place",
		},
	}
}

// Each says what is wrong and what to do, and when it is tried again; nothing is lost, and it goes on when it is mended.
func TestWhatMayBeWrong(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t)
	number := 0
	for name, w := range wrongs() {
		for _, k := range w.kinds {
			t.Run(fmt.Sprintf("%s, %s", name, k), func(t *testing.T) {
				number++
				a := enlist(t, db, fmt.Sprint("_", number))
				m := build(t, a, a.url(k))
				m.run = func(context.Context, []string) (string, error) { return "", errors.New("it is locked") }
				right := m.database
				if w.set != nil {
					w.set(t, m, k)
				} else {
					db.Superuser(t, strings.ReplaceAll(w.spoil, "ROLE", a.role))
				}
				m.start()
				m.live(dice(1), 10, nil)
				if m.now() {
					t.Fatal("it says that all has arrived")
				}
				w.check(t, m)
				if w.set != nil {
					m.end()
					m.database = right
					m.start()
				} else {
					db.Superuser(t, strings.ReplaceAll(w.mend, "ROLE", a.role))
				}
				await(t, "what was mended", m.now) // a pooler remembers for a moment
				m.equal()
				if s := m.mirror.Status(); s.State != StateOK || s.Err != nil || s.Backlog != 0 || s.Kind != k.String() {
					t.Errorf("the status is %+v", s)
				}
			})
		}
	}
}

func (w wrong) check(t *testing.T, m *machine) {
	t.Helper()
	s := m.mirror.Status()
	e := s.Err
	if e == nil {
		t.Fatalf("there is no error: %+v", s)
	}
	if e.Code != w.code || s.State != w.state || !strings.Contains(e.Message, w.says) || e.Hint == "" || s.Backlog == 0 {
		t.Errorf("it is %s, %s: %s\nhint: %s, backlog %d\nwant %s, %s: …%s…", e.Code, s.State, e.Message, e.Hint, s.Backlog, w.code, w.state, w.says)
	}
	next := time.Until(s.NextTry)
	if w.again > 0 && (next > w.again || next < w.again*8/10) || w.again == 0 && next > 10*time.Second {
		t.Errorf("the next try is in %v, want %v", next, w.again)
	}
	for _, secret := range []string{m.account.password, wrongPassword} {
		if strings.Contains(fmt.Sprintf("%+v %+v", s, *e)+m.log.String(), secret) {
			t.Errorf("a password is in the status or in the log: %+v\n%s", s, m.log)
		}
	}
}

// otherRoot is a file with a root certificate that no server here has a certificate of.
func otherRoot(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// With the right root certificate, by the URL or by the settings, the way is encrypted and checked.
func TestVerifiedWay(t *testing.T) {
	a := open(t)
	for _, k := range kinds() {
		m := build(t, a, a.db.Verified(a.url(k))).start()
		m.live(dice(1), 10, nil)
		m.sync()
		m.equal()
		m.end()
		m.database.URL = with(m.database.URL, func(u *url.URL) { u.RawQuery = "sslmode=verify-full" })
		m.database.CACert = a.db.CA
		m.start()
		m.live(dice(2), 10, nil)
		m.sync()
		m.equal()
	}
}

// A schema of a later lsh is one that this one can use.
func TestNewerSchema(t *testing.T) {
	a := open(t)
	a.db.Superuser(t, "insert into lsh.schema_version (version, name) values (99991231000000, 'later')")
	m := build(t, a, a.url(pgtest.Direct)).start()
	m.live(dice(1), 10, nil)
	m.sync()
	m.equal()
}

// Where the database has lost the host, all is sent again.
func TestHostThatTheDatabaseForgot(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Transaction)).start()
	m.live(dice(1), 30, nil)
	m.sync()
	a.db.Superuser(t, "delete from lsh.hosts")
	m.live(dice(2), 10, nil)
	m.sync()
	m.equal()
	a.db.Superuser(t, "delete from lsh.hosts")
	m.trim()
	m.sync()
	m.equal()
}
