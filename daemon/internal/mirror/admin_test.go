package mirror

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

var ways = []pgtest.Kind{pgtest.Direct, pgtest.Session, pgtest.Transaction}

// setUp makes a person of a database, whose name no other test has.
func setUp(t *testing.T, db *pgtest.Database, user string) InitResult {
	t.Helper()
	r, err := Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Transaction), User: user})
	if err != nil {
		t.Fatalf("set up %s: %v", user, err)
	}
	return r
}

// logIn connects as a daemon does.
func logIn(t *testing.T, daemon string) (*pgx.Conn, error) {
	t.Helper()
	target, err := NewTarget(config.Database{URL: daemon}, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := target.Connect(t.Context())
	if err == nil {
		t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	}
	return conn, err
}

func mustLogIn(t *testing.T, daemon string) *pgx.Conn {
	t.Helper()
	conn, err := logIn(t, daemon)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func wantRows(t *testing.T, db *pgtest.Database, query string, want ...string) {
	t.Helper()
	if got := db.Query(t, query); !slices.Equal(got, want) {
		t.Errorf("%s:\n%q, want %q", query, got, want)
	}
}

const (
	historyOfOurs = "select version, name from lsh.schema_version order by 1"
	historyOfCLI  = "select version, name from supabase_migrations.schema_migrations order by 1"
)

// steps are the rows of both histories.
func steps(t *testing.T) (rows, names []string) {
	t.Helper()
	all, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		rows = append(rows, fmt.Sprintf("%d|%s", m.Version, m.Name))
		names = append(names, m.Name)
	}
	return rows, names
}

func TestInitThroughAllWays(t *testing.T) {
	rows, names := steps(t)
	for _, way := range ways {
		t.Run(way.String(), func(t *testing.T) {
			db := pgtest.Start(t)
			options := InitOptions{AdminURL: db.AdminURL(way), User: "Ann " + db.Name}
			r, err := Init(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			want := InitResult{
				User: options.User, Role: "lsh_ann_" + db.Name, Created: true, URL: r.URL, Password: true, Server: r.Server,
				SchemaVersion: Newest(), Applied: names,
			}
			if fmt.Sprint(r) != fmt.Sprint(want) {
				t.Errorf("it is\n%+v, want\n%+v", r, want)
			}
			wantRows(t, db, historyOfOurs, rows...)
			wantRows(t, db, historyOfCLI, rows...)
			admin, _ := url.Parse(options.AdminURL)
			password, _ := admin.User.Password()
			if strings.Contains(fmt.Sprint(r), password) {
				t.Error("the admin's password is in the answer")
			}

			conn := mustLogIn(t, r.URL)
			var me, limit string
			if err := conn.QueryRow(t.Context(), "select lsh.me()::text, current_setting('statement_timeout')").Scan(&me, &limit); err != nil {
				t.Fatal(err)
			}
			if limit != "20s" && way == pgtest.Direct {
				t.Errorf("a statement may take %s, want 20s", limit)
			}
			wantRows(t, db, "select id, username, db_role, legacy_uuid from lsh.users",
				strings.Join([]string{me, options.User, r.Role, legacyUUID(options.User)}, "|"))

			// Again: nothing is done, and the password goes on.
			again, err := Init(t.Context(), options)
			want.Created, want.Password, want.Applied = false, false, nil
			want.URL = strings.Replace(r.URL, ":"+passwordOf(t, r.URL)+"@", "@", 1)
			if err != nil || fmt.Sprint(again) != fmt.Sprint(want) {
				t.Errorf("again it is\n%+v, %v, want\n%+v", again, err, want)
			}
			mustLogIn(t, r.URL)

			// A new password, and the old one is none any more.
			options.NewPassword = true
			renewed, err := Init(t.Context(), options)
			if err != nil || renewed.Created || !renewed.Password {
				t.Errorf("with a new password it is\n%+v, %v", renewed, err)
			}
			mustLogIn(t, renewed.URL)
			if way == pgtest.Direct { // a pooler may ask the server for the login later
				if _, err := logIn(t, r.URL); err == nil {
					t.Error("the old password goes on")
				}
			}
			wantRows(t, db, historyOfOurs, rows...)
		})
	}
}

func passwordOf(t *testing.T, text string) string {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return password
}

// The server is never told the password, whose log might have it.
func TestServerGetsAVerifier(t *testing.T) {
	db := pgtest.Start(t)
	r := setUp(t, db, db.Name)
	stored := db.Query(t, "select rolpassword from pg_authid where rolname = '"+r.Role+"'")
	if len(stored) != 1 || !strings.HasPrefix(stored[0], "SCRAM-SHA-256$4096:") || strings.Contains(stored[0], passwordOf(t, r.URL)) {
		t.Errorf("the server has %q", stored)
	}
}

func TestInitWithACertificate(t *testing.T) {
	db := pgtest.Start(t)
	admin, _, _ := strings.Cut(db.Verified(db.AdminURL(pgtest.Session)), "?")
	admin += "?sslmode=verify-full"
	options := InitOptions{AdminURL: admin, CACert: db.CA, User: db.Name}
	r, err := Init(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(r.URL, "/"+db.Name+"?sslmode=verify-full") {
		t.Errorf("the URL does not go the admin's way: %s", strings.ReplaceAll(r.URL, passwordOf(t, r.URL), "…"))
	}
	options.CACert = ""
	_, err = Init(t.Context(), options)
	if e, is := errors.AsType[*Error](err); !is || e.Code != codeCertificate || !strings.Contains(e.Hint, "--ca-cert") {
		t.Errorf("without the root certificate: %v", err)
	}
}

func TestSixAtOnce(t *testing.T) {
	for name, userOf := range map[string]func(db *pgtest.Database, i int) string{
		"one person": func(db *pgtest.Database, _ int) string { return db.Name },
		"six people": func(db *pgtest.Database, i int) string { return fmt.Sprint(db.Name, i) },
	} {
		t.Run(name, func(t *testing.T) {
			db := pgtest.Start(t)
			var results [6]InitResult
			var failed [6]error
			var all sync.WaitGroup
			for i := range results {
				all.Go(func() {
					results[i], failed[i] = Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Transaction), User: userOf(db, i), ShellJobs: true})
				})
			}
			all.Wait()
			made, roles, passwords := 0, map[string]bool{}, 0
			for i, r := range results {
				if failed[i] != nil {
					t.Errorf("%d: %v", i, failed[i])
				}
				if len(r.Applied) > 0 {
					made++
				}
				if r.Password {
					passwords++
					mustLogIn(t, r.URL)
				}
				roles[r.Role] = true
			}
			if made != 1 || passwords != len(roles) {
				t.Errorf("%d have made the schema, %d have a password, of %d roles; want 1, and as many as roles", made, passwords, len(roles))
			}
			rows, _ := steps(t)
			wantRows(t, db, historyOfOurs, rows...)
			wantRows(t, db, historyOfCLI, rows...)
		})
	}
}

// Roles are of all databases of a server, and the lock is of one.
func TestTwoDatabasesOfAServerAtOnce(t *testing.T) {
	one, two := pgtest.Start(t), pgtest.Start(t)
	var failed [8]error
	var all sync.WaitGroup
	for i := range failed {
		db := []*pgtest.Database{one, two}[i%2]
		all.Go(func() {
			_, failed[i] = Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: one.Name})
		})
	}
	all.Wait()
	if err := errors.Join(failed[:]...); err != nil {
		t.Error(err)
	}
}

// A push of the Supabase CLI carries out the files and then has them in its own table.
func TestInitAfterAPush(t *testing.T) {
	for name, record := range map[string]bool{"of the Supabase CLI": true, "by hand": false} {
		t.Run(name, func(t *testing.T) {
			db := pgtest.Start(t)
			conn := mustLogIn(t, db.AdminURL(pgtest.Direct))
			run := func(sql string) {
				t.Helper()
				if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
					t.Fatal(err)
				}
			}
			all, err := Migrations()
			if err != nil {
				t.Fatal(err)
			}
			if record {
				run(`create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text not null primary key);
					alter table supabase_migrations.schema_migrations add column statements text[], add column name text`)
			}
			for _, m := range all {
				run(m.Text)
				if record {
					run(fmt.Sprintf("insert into supabase_migrations.schema_migrations values ('%d', '{pushed}', '%s')", m.Version, m.Name))
				}
			}
			if r := setUp(t, db, db.Name); len(r.Applied) > 0 || r.SchemaVersion != Newest() {
				t.Errorf("it has made %q, and the version is %d", r.Applied, r.SchemaVersion)
			}
			rows, _ := steps(t)
			wantRows(t, db, historyOfOurs, rows...)
			wantRows(t, db, historyOfCLI, rows...)
			if record {
				wantRows(t, db, "select distinct statements from supabase_migrations.schema_migrations", "{pushed}")
			}
		})
	}
}

func TestInitFinishesAnOlderSchema(t *testing.T) {
	db := pgtest.Start(t)
	all, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	conn := mustLogIn(t, db.AdminURL(pgtest.Direct))
	if _, err := conn.PgConn().Exec(t.Context(), all[0].Text).ReadAll(); err != nil {
		t.Fatal(err)
	}
	_, names := steps(t)
	if r := setUp(t, db, db.Name); !slices.Equal(r.Applied, names[1:]) {
		t.Errorf("it has made %q, want %q", r.Applied, names[1:])
	}
}

func TestInitLeavesANewerSchema(t *testing.T) {
	db := pgtest.Start(t)
	setUp(t, db, db.Name)
	// The newer one has made one step of two.
	db.Superuser(t, `delete from lsh.schema_version where version = 20261122000100;
		insert into lsh.schema_version (version, name) values (29991231000000, 'lsh_next')`)
	r := setUp(t, db, db.Name+"2")
	if r.SchemaVersion != 29991231000000 || len(r.Applied) > 0 {
		t.Errorf("version is %d, made was %q", r.SchemaVersion, r.Applied)
	}
	mustLogIn(t, r.URL)
}

func TestInitRefusesARoleThatIsNotItsOwn(t *testing.T) {
	db := pgtest.Start(t)
	ann := setUp(t, db, db.Name+".ann")
	db.Superuser(t, "create role lsh_"+db.Name+"_dba login")
	for user, says := range map[string]string{
		db.Name + "_ann": "it is " + db.Name + ".ann's",
		db.Name + ".dba": "there is one that lsh has not made",
	} {
		_, err := Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: user, NewPassword: true})
		if e, is := errors.AsType[*Error](err); !is || !strings.HasSuffix(e.Message, says) || !strings.Contains(e.Hint, "--user") {
			t.Errorf("%s: %v, want %q", user, err, says)
		}
	}
	mustLogIn(t, ann.URL)

	// One whose row is gone with the schema is known by the rights that it has.
	db.Superuser(t, "drop schema lsh cascade")
	if r := setUp(t, db, db.Name+".ann"); r.Created || r.Password || len(r.Applied) == 0 {
		t.Errorf("after the schema has gone: %+v", r)
	}
	mustLogIn(t, ann.URL)
}

func TestInitSaysWhatIsWrong(t *testing.T) {
	db := pgtest.Start(t)
	nobody := db.Name + "_nobody"
	db.Superuser(t, "create role "+nobody+" login password 'n0b0dy'")
	t.Cleanup(func() { db.Superuser(t, "drop role "+nobody) })
	for _, c := range []struct{ name, admin, code, says, hint string }{
		{"wrong password", db.URL(pgtest.Direct, "postgres", "s3cret"), codeAuth, "as postgres: ", "Connect"},
		{"wrong password at a pooler", db.URL(pgtest.Transaction, "postgres", "s3cret"), codeAuth, "as postgres: ", "Connect"},
		{"no rights", db.URL(pgtest.Direct, nobody, "n0b0dy"), codeDenied, "set up 127.0.0.1", "the user postgres"},
		{"no such database", strings.Replace(db.AdminURL(pgtest.Direct), "/"+db.Name, "/nowhere", 1), codeDatabase, "open database nowhere", "--admin-url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Init(t.Context(), InitOptions{AdminURL: c.admin, User: db.Name})
			e, is := errors.AsType[*Error](err)
			if !is || e.Code != c.code || !strings.Contains(e.Message, c.says) || !strings.Contains(e.Hint, c.hint) {
				t.Fatalf("error is %#v, want %s, %q, hint %q", err, c.code, c.says, c.hint)
			}
			if text := e.Message + e.Hint; strings.Contains(text, passwordOf(t, c.admin)) || strings.Contains(text, "database.url") {
				t.Errorf("it is said %q, hint %q", e.Message, e.Hint)
			}
		})
	}

	t.Run("a schema of somebody else's", func(t *testing.T) {
		db.Superuser(t, "create schema lsh authorization postgres; create table lsh.users (id int); alter table lsh.users owner to postgres")
		_, err := Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: db.Name})
		if e, is := errors.AsType[*Error](err); !is || e.Code != codeSchema || !strings.Contains(e.Hint, "drop schema lsh cascade") {
			t.Errorf("error is %#v", err)
		}
		wantRows(t, db, "select to_regclass('lsh.hosts') is null", "t") // all of it or nothing
	})
}

func TestInitOfAProjectOverItsSize(t *testing.T) {
	db := pgtest.Start(t)
	db.Superuser(t, "alter database "+db.Name+" set default_transaction_read_only = on")
	_, err := Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: db.Name})
	if e, is := errors.AsType[*Error](err); !is || e.Code != codeReadOnly || !strings.Contains(e.Hint, "free room") {
		t.Errorf("error is %#v", err)
	}
}

// What is one person's is closed to another, by whatever statement.
func TestAnotherPersonIsShutOut(t *testing.T) {
	db := pgtest.Start(t)
	ann := mustLogIn(t, setUp(t, db, db.Name+"ann").URL)
	bob := mustLogIn(t, setUp(t, db, db.Name+"bob").URL)
	const (
		host  = "11111111-1111-4111-8111-111111111111"
		other = "22222222-2222-4222-8222-222222222222"
		run   = "01980000-0000-7000-8000-000000000001"
	)
	fill(t, ann, host, run)
	if got := register(t, ann, host); got != "known" {
		t.Errorf("to its own person a host is %s", got)
	}

	if got := register(t, bob, host); got != "taken" {
		t.Errorf("to another person a host is %s, want taken", got)
	}
	if got := register(t, bob, other); got != "new" {
		t.Errorf("a host of one's own is %s, want new", got)
	}
	for _, table := range []string{"hosts", "generations", "jobs", "runs", "run_output", "slots", "overrides", "events", "commands"} {
		for _, sql := range []string{
			"select count(*) from lsh." + table + " where host_id = '" + host + "'",
			"with gone as (delete from lsh." + table + " where host_id = '" + host + "' returning 1) select count(*) from gone",
			"with lost as (update lsh." + table + " set host_id = '" + other + "' where host_id = '" + host + "' returning 1) select count(*) from lost",
		} {
			if table == "hosts" {
				sql = strings.ReplaceAll(sql, "host_id", "id")
			}
			var n int
			err := bob.QueryRow(t.Context(), sql).Scan(&n)
			if pg, is := errors.AsType[*pgconn.PgError](err); is && pg.Code == "42501" && !strings.HasPrefix(sql, "select") {
				continue // not even one's own
			}
			if err != nil || n != 0 {
				t.Errorf("%s: %d rows, %v, want none", sql, n, err)
			}
		}
	}
	var annID, bobID string
	if err := ann.QueryRow(t.Context(), "select lsh.me()::text").Scan(&annID); err != nil {
		t.Fatal(err)
	}
	if err := bob.QueryRow(t.Context(), "select lsh.me()::text").Scan(&bobID); err != nil {
		t.Fatal(err)
	}
	insert := func(host, user string) string {
		return fmt.Sprintf(`insert into lsh.events (host_id, user_id, seq, life, at, kind, message) values ('%s', '%s', 9, 9, now(), 'x', '')`, host, user)
	}
	insertCommand := func(host, user string) string {
		return fmt.Sprintf("insert into lsh.commands (host_id, user_id, job, action) values ('%s', '%s', 'backup', 'run')", host, user)
	}
	for sql, code := range map[string]string{
		insert(host, annID):                              "42501", // a row of the other's
		insert(host, bobID):                              "42501", // of one's own, on the other's host
		insert(other, annID):                             "42501",
		"update lsh.hosts set user_id = '" + annID + "'": "42501", // to give one's own away
		insertCommand(host, annID):                       "42501",
		insertCommand(host, bobID):                       "23503",
		"select lsh.prune('" + host + "')":               "LS002",
		"insert into lsh.users (username, db_role) values ('x', session_user)":        "42501",
		"update lsh.users set db_role = null":                                         "42501",
		"delete from lsh.schema_version":                                              "42501",
		"truncate lsh.runs":                                                           "42501",
		"create table lsh.mine ()":                                                    "42501",
		"select * from lsh.push('" + host + "', '" + host + "', 9, '{}')":             "LS002",
		"set session authorization postgres":                                          "42501",
		"set role postgres":                                                           "42501",
		"insert into lsh.schema_version (version, name) values (29991231000000, 'x')": "42501",
	} {
		_, err := bob.Exec(t.Context(), sql)
		if pg, is := errors.AsType[*pgconn.PgError](err); !is || pg.Code != code {
			t.Errorf("%s: %v, want %s", sql, err, code)
		}
	}
	// The group's role lets nobody be anyone.
	if _, err := bob.Exec(t.Context(), "set role lsh_writer"); err == nil {
		var n int
		if err := bob.QueryRow(t.Context(), "select count(*) from lsh.runs where host_id = '"+host+"'").Scan(&n); err != nil || n != 0 {
			t.Errorf("as the group one sees %d rows of another, %v", n, err)
		}
	}
	wantRows(t, db, "select state from lsh.runs", "running")
	wantRows(t, db, "select count(*) from lsh.users", "2")
}

func register(t *testing.T, conn *pgx.Conn, host string) (verdict string) {
	t.Helper()
	err := conn.QueryRow(t.Context(), "select verdict from lsh.register($1::uuid, $1::uuid, $2::jsonb)", host, `{"hostname": "h", "os_user": "u"}`).Scan(&verdict)
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

// fill gives a host a row in every table.
func fill(t *testing.T, conn *pgx.Conn, host, run string) {
	t.Helper()
	register(t, conn, host)
	const at = `"2026-03-23T12:00:00Z"`
	batch := `{"base": 0, "events_base": 0, "events_upto": 1,
		"generations": [{"number": 1, "hash": "h", "accepted_at": ` + at + `, "reason": "start", "jobs": 1, "seq": 1}],
		"jobs": [{"name": "backup", "spec": {"fields": {"command": "make backup", "dir": "/srv"}}, "spec_hash": "h", "generation": 1, "failures": 0, "gone": false, "seq": 2}],
		"runs": [{"id": "` + run + `", "job": "backup", "state": "running", "trigger": "schedule", "attempt": 1, "scheduled_at": ` + at + `, "pid": 7, "seq": 3}],
		"outputs": [{"run_id": "` + run + `", "tail": "begun", "truncated": false, "seq": 4}],
		"slots": [{"job": "backup", "at": ` + at + `, "last": ` + at + `, "count": 1, "outcome": "ran", "run_id": "` + run + `", "seq": 5}],
		"overrides": [{"id": "o", "job": "backup", "kind": "pause", "reason": "", "created_at": ` + at + `, "seq": 6}],
		"events": [{"seq": 1, "at": ` + at + `, "kind": "run.started", "message": "m"}]}`
	push(t, conn, host, 6, batch)
	_, err := conn.Exec(t.Context(), "insert into lsh.commands (host_id, user_id, job, action) values ($1::uuid, lsh.me(), 'backup', 'run')", host)
	if err != nil {
		t.Fatal(err)
	}
}

func push(t *testing.T, conn *pgx.Conn, host string, upto int64, batch string) {
	t.Helper()
	var verdict string
	err := conn.QueryRow(t.Context(), "select verdict from lsh.push($1::uuid, $1::uuid, $2::bigint, $3::jsonb)", host, upto, batch).Scan(&verdict)
	if err != nil || verdict != "ok" {
		t.Fatalf("push: %s, %v", verdict, err)
	}
}
