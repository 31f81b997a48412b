package mirror

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/pgtest"
)

// rightsThere is whatever the migrations say of who may do what, in the statements that take each away.
const rightsThere = `
	select format('revoke usage on schema %s from lsh_writer', nspname) from pg_namespace n, aclexplode(nspacl) a
		where nspname = 'lsh' and a.grantee = 'lsh_writer'::regrole
	union all select format('revoke %s on %s from lsh_writer', a.privilege_type, c.oid::regclass) from pg_class c, aclexplode(relacl) a
		where relnamespace = 'lsh'::regnamespace and a.grantee = 'lsh_writer'::regrole
	union all select format('revoke %s on function %s from lsh_writer', a.privilege_type, f.oid::regprocedure) from pg_proc f, aclexplode(proacl) a
		where pronamespace = 'lsh'::regnamespace and a.grantee = 'lsh_writer'::regrole
	union all select format('drop policy %I on %s', polname, polrelid::regclass) from pg_policy p join pg_class c on c.oid = polrelid
		where relnamespace = 'lsh'::regnamespace
	union all select format('alter table %s disable row level security', c.oid::regclass) from pg_class c
		where relnamespace = 'lsh'::regnamespace and relrowsecurity
	union all select format('grant execute on function %s to public', f.oid::regprocedure) from pg_proc f
		where pronamespace = 'lsh'::regnamespace and prorettype <> 'trigger'::regtype and not has_function_privilege('public', f.oid, 'execute')
	order by 1`

// Whichever right or policy is missing, lsh sync init gives it again; and what it looks for is all that the migrations give.
func TestInitGivesRightsAgain(t *testing.T) {
	db := pgtest.Start(t)
	setUp(t, db, db.Name)
	want := db.Query(t, rightsThere)
	if len(want) < 40 {
		t.Fatalf("there are %q alone", want)
	}
	for _, take := range want {
		db.Superuser(t, take)
		r := setUp(t, db, db.Name)
		if !r.Mended || len(r.Applied) > 0 {
			t.Errorf("%s: mended is %t, made was %q", take, r.Mended, r.Applied)
		}
		if got := db.Query(t, rightsThere); !slices.Equal(got, want) {
			t.Fatalf("%s: then there are\n%q, want\n%q", take, got, want)
		}
	}
	if r := setUp(t, db, db.Name); r.Mended {
		t.Error("nothing was missing, and something was mended")
	}
}

// A dump has no roles, so policies and rights of theirs get lost on the way to another server. Rows stay.
func TestInitOfADumpThatWasRestored(t *testing.T) {
	db := pgtest.Start(t)
	ann := setUp(t, db, db.Name)
	want := db.Query(t, rightsThere)
	const host = "11111111-1111-4111-8111-111111111111"
	fill(t, mustLogIn(t, ann.URL), host, "01980000-0000-7000-8000-000000000001")
	db.Superuser(t, "drop owned by lsh_writer; drop role lsh_writer; drop role "+ann.Role)

	again := setUp(t, db, db.Name)
	if !again.Mended || !again.Created || !again.Password || again.Role != ann.Role || len(again.Applied) > 0 {
		t.Errorf("it is %+v", again)
	}
	if got := db.Query(t, rightsThere); !slices.Equal(got, want) {
		t.Errorf("there are\n%q, want\n%q", got, want)
	}
	direct := db.URL(pgtest.Direct, again.Role, passwordOf(t, again.URL)) // a pooler may have kept a connection of the role that is gone
	if got := register(t, mustLogIn(t, direct), host); got != "known" {
		t.Errorf("the host is %s, want known", got)
	}
	wantRows(t, db, "select state from lsh.runs", "running")
}

// The rights of a schema that is newer are not this lsh's to give.
func TestInitOfANewerSchemaWithoutTheRole(t *testing.T) {
	db := pgtest.Start(t)
	setUp(t, db, db.Name)
	db.Superuser(t, `insert into lsh.schema_version (version, name) values (29991231000000, 'lsh_next');
		drop owned by lsh_writer; drop role lsh_writer`)
	_, err := Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: db.Name})
	if e, is := errors.AsType[*Error](err); !is || e.Code != codeDenied || !strings.Contains(e.Hint, "newest lsh") {
		t.Errorf("error is %#v", err)
	}
}

// With nothing to mend, it waits for no daemon that is writing.
func TestInitDoesNotWaitForAPush(t *testing.T) {
	db := pgtest.Start(t)
	setUp(t, db, db.Name)
	holder := mustLogIn(t, db.AdminURL(pgtest.Direct))
	if _, err := holder.PgConn().Exec(t.Context(), `begin; lock table lsh.hosts, lsh.generations, lsh.jobs, lsh.runs, lsh.run_output, lsh.slots,
		lsh.overrides, lsh.events, lsh.commands in row exclusive mode; lock table lsh.users, lsh.schema_version in access share mode`).ReadAll(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := Init(ctx, InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: db.Name}); err != nil {
		t.Error(err)
	}
}
