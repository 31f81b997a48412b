package pgtest

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

var ways = []Kind{Direct, Session, Transaction}

// connect behaves as one must behind a pooler of transactions.
func connect(t *testing.T, way string) *pgx.Conn {
	t.Helper()
	conn, err := tryConnect(t, way)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func tryConnect(t *testing.T, way string) (*pgx.Conn, error) {
	t.Helper()
	cfg, err := pgx.ParseConfig(way)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err == nil {
		t.Cleanup(func() { conn.Close(t.Context()) })
	}
	return conn, err
}

func ask(t *testing.T, conn *pgx.Conn, sql string) string {
	t.Helper()
	var value string
	if err := conn.QueryRow(t.Context(), sql).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAllWaysAnswer(t *testing.T) {
	db := Start(t)
	for _, k := range ways {
		conn := connect(t, db.AdminURL(k))
		if got := ask(t, conn, "select current_user || ' in ' || current_database()"); got != "postgres in "+db.Name {
			t.Errorf("%s: %s", k, got)
		}
		if k == Direct {
			continue
		}
		if pid := ask(t, conn, "select pg_backend_pid()::text"); pid == ask(t, connect(t, db.AdminURL(Direct)), "select pg_backend_pid()::text") {
			t.Errorf("%s: it is the server itself", k)
		}
	}
}

// Two clients that both stay are served by one process behind a pooler of transactions, and by two behind one of sessions.
func TestPoolersPoolAsTheySay(t *testing.T) {
	db := Start(t)
	for k, same := range map[Kind]bool{Direct: false, Session: false, Transaction: true} {
		a, b := connect(t, db.AdminURL(k)), connect(t, db.AdminURL(k))
		const pid = "select pg_backend_pid()::text"
		if got := ask(t, a, pid) == ask(t, b, pid); got != same {
			t.Errorf("%s: one process for both: %v", k, got)
		}
	}
}

func TestPoolersRefuseStartupParameters(t *testing.T) {
	db := Start(t)
	_, err := tryConnect(t, db.AdminURL(Transaction)+"&statement_timeout=5s")
	if err == nil || !strings.Contains(err.Error(), "unsupported startup parameter") {
		t.Errorf("connect: %v", err)
	}
}

func TestDatabaseIsLikeSupabase(t *testing.T) {
	db := Start(t)
	conn := connect(t, db.AdminURL(Session))
	for sql, want := range map[string]string{
		"select rolsuper::text || rolcreaterole || rolcreatedb || rolbypassrls from pg_roles where rolname = current_user": "falsetruetruetrue",
		"show statement_timeout": "2min",
		"show ssl":               "on",
		"show wal_level":         "logical",
		"select string_agg(rolname, ' ' order by rolname) from pg_roles where rolname in ('anon', 'authenticated', 'service_role', 'authenticator')": "anon authenticated authenticator service_role",
		"select count(auth.uid())::text":           "0",
		"select pubname::text from pg_publication": "supabase_realtime",
	} {
		if got := ask(t, conn, sql); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
	if _, err := conn.Exec(t.Context(), "create table notes (id int); alter publication supabase_realtime add table notes"); err != nil {
		// The database is the admin's, and so is the publication.
		t.Fatal(err)
	}
	if got := ask(t, conn, "select has_table_privilege('anon', 'notes', 'select')::text"); got != "true" {
		t.Errorf("a new table in public may be read by anon: %s", got)
	}
	_, err := conn.Exec(t.Context(), "alter system set work_mem = '8MB'")
	if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "42501" {
		t.Errorf("alter system as postgres: %v", err)
	}
}

func TestDatabasesAreApart(t *testing.T) {
	a, b := Start(t), Start(t)
	a.Superuser(t, "create table here (id int, note text); insert into here values (1, 'one'), (2, null)")
	if got := strings.Join(a.Query(t, "select * from here where id > $1 order by id", 0), "\n"); got != "1|one\n2|" {
		t.Errorf("rows %q", got)
	}
	if got := b.Query(t, "select to_regclass('here') is null"); got[0] != "t" {
		t.Error("a table of one database is in another")
	}
}

func TestPoolersKnowANewRole(t *testing.T) {
	db := Start(t)
	admin := connect(t, db.AdminURL(Transaction))
	role := db.Name + "_ada"
	for i, password := range []string{"first", "second: ü/@"} {
		verb := []string{"create", "alter"}[i]
		if _, err := admin.Exec(t.Context(), verb+" role "+role+" login password '"+password+"'"); err != nil {
			t.Fatal(err)
		}
		for _, k := range ways {
			if got := ask(t, connect(t, db.URL(k, role, password)), "select session_user::text"); got != role {
				t.Errorf("%s: the user is %s", k, got)
			}
			if _, err := tryConnect(t, db.URL(k, role, "wrong")); err == nil {
				t.Errorf("%s: a wrong password is taken", k)
			}
		}
	}
}

func TestCertificateIsVerified(t *testing.T) {
	db := Start(t)
	for _, k := range ways {
		verified := db.Verified(db.AdminURL(k))
		if state := connect(t, verified).PgConn().Conn(); state == nil {
			t.Errorf("%s: no connection", k)
		}
		if _, err := tryConnect(t, strings.Replace(verified, "localhost", loopback, 1)); err == nil || !strings.Contains(err.Error(), "x509") {
			t.Errorf("%s: an address that the certificate is not for: %v", k, err)
		}
		u, err := url.Parse(verified)
		if err != nil {
			t.Fatal(err)
		}
		u.RawQuery = "sslmode=verify-full"
		if _, err := tryConnect(t, u.String()); err == nil || !strings.Contains(err.Error(), "unknown authority") {
			t.Errorf("%s: a root that is not known: %v", k, err)
		}
	}
	if got := ask(t, connect(t, db.Verified(db.AdminURL(Direct))), "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()"); got != "true" {
		t.Errorf("encrypted: %s", got)
	}
}

func TestServerGoesAndComesBack(t *testing.T) {
	db := Start(t)
	conn := connect(t, db.AdminURL(Direct))
	_, err := conn.Exec(t.Context(), "create table kept (id int); insert into kept values (1)")
	if err != nil {
		t.Fatal(err)
	}
	db.Stop(t)
	_, err = conn.Exec(t.Context(), "select 1")
	if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "57P01" {
		t.Errorf("a connection of a server that stops: %v", err)
	}
	if _, err := tryConnect(t, db.AdminURL(Direct)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("connect to a server that is away: %v", err)
	}
	db.Resume(t)
	for _, k := range ways {
		if got := ask(t, connect(t, db.AdminURL(k)), "select count(*)::text from kept"); got != "1" {
			t.Errorf("%s: rows %s", k, got)
		}
	}
	started := db.Query(t, "select pg_postmaster_start_time()")[0]
	db.Restart(t)
	if db.Query(t, "select pg_postmaster_start_time()")[0] == started {
		t.Error("it was not restarted")
	}
}

// The tests of a daemon reap whatever child they find.
func TestServerIsNoChild(t *testing.T) {
	Start(t)
	var status syscall.WaitStatus
	if pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("child %d: %v", pid, err)
	}
}

// asVictim makes a run of this binary one that waits to be killed.
const asVictim = "LSH_TEST_PGTEST_VICTIM"

func TestNothingOutlivesTestsThatAreKilled(t *testing.T) {
	victim := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), asVictim+"=1")
	said, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	defer victim.Wait()
	defer victim.Process.Kill()
	var address, ca string
	if _, err := fmt.Fscanf(said, "at %s %s\n", &address, &ca); err != nil {
		t.Fatal(err)
	}
	victim.Process.Kill()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		conn, dialErr := net.Dial("tcp", address)
		if dialErr == nil {
			conn.Close()
		}
		_, statErr := os.Stat(filepath.Dir(ca))
		if dialErr != nil && errors.Is(statErr, fs.ErrNotExist) {
			return
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("after 20 s: connect: %v; its files: %v", dialErr, statErr)
		}
	}
}

func TestVictim(t *testing.T) {
	if os.Getenv(asVictim) == "" {
		return
	}
	db := Start(t)
	fmt.Println("at", db.Address(Direct), db.CA)
	time.Sleep(time.Minute)
}

func TestProxyToADatabase(t *testing.T) {
	db := Start(t)
	p := NewProxy(t, db.Address(Transaction))
	for _, way := range []string{db.AdminURL(Transaction), db.Verified(db.AdminURL(Transaction))} {
		conn := connect(t, p.URL(way))
		p.Delay(50 * time.Millisecond)
		begin := time.Now()
		ask(t, conn, "select 'far away'")
		if took := time.Since(begin); took < 100*time.Millisecond {
			t.Errorf("an answer after %s", took)
		}
		p.Delay(0)
	}
}

// Tests that run at the same time do not get in each other's way.
func TestManyStartAtOnce(t *testing.T) {
	for i := range 6 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			if got := Start(t).Query(t, "select 1"); len(got) != 1 {
				t.Errorf("%q", got)
			}
		})
	}
}
