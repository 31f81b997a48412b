package mirror

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// stranger builds a machine of another person, that has the id of a host which is not that person's.
func stranger(t *testing.T, of account, host string) *machine {
	t.Helper()
	other := enlist(t, of.db, "_other")
	m := build(t, other, other.url(pgtest.Transaction))
	claim(t, m, host)
	return m
}

// A host whose id is another person's gets one of its own, and all its rows arrive.
func TestHostWithAnothersID(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Direct)).start()
	m.live(dice(1), 40, nil)
	m.sync()
	was := m.everything(m.id())

	other := stranger(t, a, m.id()).start()
	other.live(dice(2), 40, nil)
	other.sync()
	other.equal()
	if other.id() == m.id() || hostIn(t, other.dir) != other.id() {
		t.Errorf("its id is %s, and in its directory %s", other.id(), hostIn(t, other.dir))
	}
	if w := other.mirror.Status().Warnings; len(w) != 1 || !strings.Contains(w[0], "another person's") {
		t.Errorf("the warnings are %q", w)
	}
	if is := m.everything(m.id()); is != was {
		t.Errorf("the rows of the first were\n%s\nand are\n%s", was, is)
	}
	m.live(dice(3), 20, nil)
	m.sync()
	m.equal()
}

// What is another's can be neither seen nor written, by no statement and by no function.
func TestRowsOfAnother(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Direct)).start()
	m.live(dice(1), 60, nil)
	failed := succeeded("backup", 30000)
	failed.State = "failed"
	m.source.printed(failed.ID, "no space left")
	m.put(func(b *journal.Batch) { b.PutRun(failed) })
	m.query("insert into lsh.commands (host_id, user_id, job, action) select id, user_id, 'backup', 'run' from lsh.hosts")
	m.sync()
	was := m.everything(m.id())
	other := stranger(t, a, m.id()).start()
	other.sync()

	target, err := NewTarget(config.Database{URL: other.account.url(pgtest.Direct)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := target.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	ask := func(sql string) (rows int, err error) {
		r, err := conn.Query(t.Context(), sql)
		if err != nil {
			return 0, err
		}
		defer r.Close()
		for r.Next() {
			rows++
		}
		return rows + int(r.CommandTag().RowsAffected()), r.Err()
	}
	id, owner := m.id(), m.query("select user_id from lsh.hosts where id = $1::uuid", m.id())[0]
	me := m.query("select user_id from lsh.hosts where id = $1::uuid", other.id())[0]
	for _, table := range []string{"hosts", "generations", "jobs", "runs", "run_output", "slots", "overrides", "events", "commands"} {
		column := "host_id"
		if table == "hosts" {
			column = "id"
		}
		if n := len(m.query(fmt.Sprintf("select from lsh.%s where %s = '%s'", table, column, id))); n == 0 {
			t.Errorf("%s has no row to look for", table)
		}
		for _, sql := range []string{
			"select * from lsh.%s where %s = '%s'", "delete from lsh.%s where %s = '%s'", "update lsh.%s set user_id = user_id where %s = '%s'",
		} {
			sql = fmt.Sprintf(sql, table, column, id)
			n, err := ask(sql)
			if pg, is := errors.AsType[*pgconn.PgError](err); is && pg.Code == "42501" && !strings.HasPrefix(sql, "select") {
				continue // nobody writes a table
			}
			if n != 0 || err != nil {
				t.Errorf("%s: %d rows, %v", sql, n, err)
			}
		}
		for _, user := range []string{owner, me} {
			// All columns of a row that is there, but for whose it is.
			row := m.query(fmt.Sprintf("select (to_jsonb(t) || '{\"user_id\": \"%s\", \"run_id\": \"%s\"}')::text from lsh.%s t where %s = '%s' limit 1", user, failed.ID, table, column, id))[0]
			sql := fmt.Sprintf("insert into lsh.%[1]s select * from jsonb_populate_record(null::lsh.%[1]s, '%[2]s')", table, strings.ReplaceAll(row, "'", "''"))
			if _, err := ask(sql); err == nil {
				t.Errorf("%s: it was taken", sql)
			}
		}
	}
	for sql, want := range map[string]string{
		"select from lsh.users where id = '" + owner + "'": "0",
		"select from lsh.register('" + id + "', gen_random_uuid(), '{\"hostname\": \"x\", \"os_user\": \"x\"}') where verdict <> 'taken'": "0",
		"select from lsh.push('" + id + "', gen_random_uuid(), 1, '{\"base\": 0, \"events_base\": 0, \"events_upto\": 0}')":               noSuchHost,
		"select from lsh.prune('" + id + "')":           noSuchHost,
		"insert into lsh.users (username) values ('x')": "42501",
		"update lsh.schema_version set name = 'x'":      "42501",
	} {
		n, err := ask(sql)
		got := fmt.Sprint(n)
		if pg, is := errors.AsType[*pgconn.PgError](err); is {
			got = pg.Code
		}
		if got != want {
			t.Errorf("%s: %s (%v), want %s", sql, got, err, want)
		}
	}
	if is := m.everything(m.id()); is != was {
		t.Errorf("the rows were\n%s\nand are\n%s", was, is)
	}
}
