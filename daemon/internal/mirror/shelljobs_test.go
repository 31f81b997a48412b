package mirror

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/daemon/pgtest"
)

const (
	feedHost = "11111111-1111-4111-8111-111111111111"
	feedRun  = "01980000-0000-7000-8000-000000000001"
)

// setUpFeed is a person whose runs the predecessor's table gets.
func setUpFeed(t *testing.T, db *pgtest.Database, user string) InitResult {
	t.Helper()
	r, err := Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: user, ShellJobs: true})
	if err != nil {
		t.Fatal(err)
	}
	if !r.ShellJobs {
		t.Error("the answer does not say that the table is fed")
	}
	return r
}

// runBatch is a batch with one run, after fill.
func runBatch(base int64, run, more string) string {
	return fmt.Sprintf(`{"base": %d, "events_base": 1, "events_upto": 1, "runs": [{"id": "%s", "job": "backup", "trigger": "schedule", "attempt": 1, "seq": %d, %s}]}`,
		base, run, base+1, more)
}

func TestShellJobsIsFed(t *testing.T) {
	db := pgtest.Start(t)
	r := setUpFeed(t, db, db.Name)
	setUpFeed(t, db, db.Name) // again changes nothing
	conn := mustLogIn(t, r.URL)
	fill(t, conn, feedHost, feedRun)
	who := strings.Join([]string{feedRun, legacyUUID(db.Name), "lsh_" + feedHost, "backup", "make backup", "/srv"}, "|")
	const key = "select id, user_id, session_id, job_id, command, working_directory from public.shell_jobs"
	const state = "select status, pid, started_at at time zone 'UTC', completed_at at time zone 'UTC', exit_code, output, error from public.shell_jobs"
	wantRows(t, db, key, who)
	wantRows(t, db, state, "running|7|2026-03-23 12:00:00|||begun|")

	push(t, conn, feedHost, 7, runBatch(6, feedRun, `"state": "failed", "started_at": "2026-03-23T12:00:01Z", "ended_at": "2026-03-23T12:00:03Z",
		"exit_code": 3, "pid": 7, "reason": "exit code 3"`))
	wantRows(t, db, key, who)
	wantRows(t, db, state, "failed|7|2026-03-23 12:00:01|2026-03-23 12:00:03|3|begun|exit code 3")
}

func TestShellJobsStates(t *testing.T) {
	db := pgtest.Start(t)
	conn := mustLogIn(t, setUpFeed(t, db, db.Name).URL)
	fill(t, conn, feedHost, feedRun)
	upto := int64(6)
	for state, want := range map[string]string{
		"queued": "running|", "running": "running|", "succeeded": "completed|", "stopped": "stopped|", "skipped": "stopped|", "cancelled": "stopped|",
		"failed": "failed|why", "timed_out": "failed|why", "lost": "failed|why",
	} {
		run := fmt.Sprintf("01980000-0000-7000-8000-0000000001%02d", upto)
		push(t, conn, feedHost, upto+1, runBatch(upto, run, fmt.Sprintf(`"state": "%s", "reason": "why"`, state)))
		wantRows(t, db, "select status, error from public.shell_jobs where id = '"+run+"'", want)
		upto++
	}
}

// Whatever is wrong with the predecessor's table, the replica gets its rows.
func TestShellJobsHoldsNothingUp(t *testing.T) {
	for name, c := range map[string]struct{ wrong, run, want string }{
		"a pid and an exit code that it has no room for": {"", `"state": "failed", "pid": 5000000000, "exit_code": 5000000000`, "failed||"},
		"another program's constraint":                   {"alter table public.shell_jobs add check (exit_code = 0)", `"state": "failed", "exit_code": 1`, "running|7|"},
		"a column that is gone":                          {"alter table public.shell_jobs drop column pid cascade; alter table public.shell_jobs add column pid int", `"state": "failed", "pid": 1`, "failed|1|"},
		"no rights": {
			"alter table public.shell_jobs owner to supabase_admin; revoke all on public.shell_jobs from postgres, public, authenticated, service_role",
			`"state": "failed"`, "running|7|",
		},
		"a table that is gone": {"drop table public.shell_jobs", `"state": "failed"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			db := pgtest.Start(t)
			conn := mustLogIn(t, setUpFeed(t, db, db.Name).URL)
			fill(t, conn, feedHost, feedRun)
			if c.wrong != "" {
				db.Superuser(t, c.wrong)
			}
			push(t, conn, feedHost, 7, runBatch(6, feedRun, c.run))
			wantRows(t, db, "select state from lsh.runs", "failed")
			if c.want != "" {
				wantRows(t, db, "select status, pid, exit_code from public.shell_jobs", c.want)
			}
		})
	}
}

// A lock that another program holds for a minute does not keep a push from its end.
func TestShellJobsDoesNotWaitForALock(t *testing.T) {
	db := pgtest.Start(t)
	conn := mustLogIn(t, setUpFeed(t, db, db.Name).URL)
	fill(t, conn, feedHost, feedRun)
	holder := mustLogIn(t, db.AdminURL(pgtest.Direct))
	if _, err := holder.PgConn().Exec(t.Context(), "begin; lock table public.shell_jobs").ReadAll(); err != nil {
		t.Fatal(err)
	}
	var runs []string
	for i := range 100 {
		runs = append(runs, fmt.Sprintf(`{"id": "01980000-0000-7000-8000-0000000002%02d", "job": "backup", "state": "succeeded", "trigger": "schedule", "attempt": 1, "seq": 7}`, i))
	}
	push(t, conn, feedHost, 7, `{"base": 6, "events_base": 1, "events_upto": 1, "runs": [`+strings.Join(runs, ",")+`]}`)
	wantRows(t, db, "select count(*) from lsh.runs", "101")
}

// Rows of the predecessor's own, and those of other hosts, are nobody's to change: an id is whatever a host says.
func TestShellJobsRowsOfOthersStay(t *testing.T) {
	db := pgtest.Start(t)
	conn := mustLogIn(t, setUpFeed(t, db, db.Name).URL)
	db.Superuser(t, `insert into public.shell_jobs (id, session_id, job_id, command, status, working_directory, started_at)
		values ('`+feedRun+`', 'cli_1', 'job_1', 'sleep', 'running', '/', now())`)
	fill(t, conn, feedHost, feedRun)
	push(t, conn, feedHost, 7, runBatch(6, feedRun, `"state": "failed"`))
	wantRows(t, db, "select session_id, job_id, status, output from public.shell_jobs", "cli_1|job_1|running|")
}

func TestShellJobsIsClosed(t *testing.T) {
	db := pgtest.Start(t)
	setUpFeed(t, db, db.Name)
	wantRows(t, db, "select relrowsecurity, has_table_privilege('anon', oid, 'select, insert, update, delete') from pg_class where oid = 'public.shell_jobs'::regclass", "t|f")
	conn := mustLogIn(t, setUpFeed(t, db, db.Name+"2").URL)
	if _, err := conn.Exec(t.Context(), "select 1 from public.shell_jobs"); err == nil {
		t.Error("who pushes may read the table")
	}
}

// A table that is there already is the predecessor's, and stays as it is.
func TestShellJobsTakesTheTableThatIsThere(t *testing.T) {
	db := pgtest.Start(t)
	db.Superuser(t, `create table public.shell_jobs (id uuid primary key, user_id uuid, session_id text not null, job_id text not null, command text not null,
		status text not null, pid int, working_directory text not null, started_at timestamptz not null, completed_at timestamptz, exit_code int,
		output text, error text, created_at timestamptz default now(), updated_at timestamptz default now(), extra text default 'kept');
		alter table public.shell_jobs owner to postgres`)
	conn := mustLogIn(t, setUpFeed(t, db, db.Name).URL)
	fill(t, conn, feedHost, feedRun)
	wantRows(t, db, "select status, output, extra from public.shell_jobs", "running|begun|kept")
}

// predecessors is the table as the predecessor makes it.
const predecessors = `create table public.shell_jobs (id uuid primary key, user_id uuid, session_id text not null, job_id text not null,
	command text not null, status text not null, pid int, working_directory text not null, started_at timestamptz not null,
	completed_at timestamptz, exit_code int, output text, error text, created_at timestamptz default now(), updated_at timestamptz default now());
	alter table public.shell_jobs owner to postgres;`

// A table that the triggers could not write is refused, since they keep their errors to themselves.
func TestShellJobsRefusesATableOfAnotherShape(t *testing.T) {
	for name, c := range map[string]struct{ table, says string }{
		"another program's": {
			"create table public.shell_jobs (id bigint primary key, status text); alter table public.shell_jobs owner to postgres",
			"feed public.shell_jobs: id is int8, not uuid; column user_id (uuid) is missing; column session_id (text) is missing",
		},
		"a column that is missing":           {predecessors + "alter table public.shell_jobs drop column output", "feed public.shell_jobs: column output (text) is missing"},
		"a column of another type":           {predecessors + "alter table public.shell_jobs alter completed_at type text", "feed public.shell_jobs: completed_at is text, not timestamptz"},
		"an enumeration":                     {predecessors + "create type s as enum ('running'); alter table public.shell_jobs alter status type s using null", "feed public.shell_jobs: status is s, not text"},
		"a column that only the other fills": {predecessors + "alter table public.shell_jobs add tenant int not null", "feed public.shell_jobs: tenant must take null or have a default"},
		"a column that lsh fills later":      {predecessors + "alter table public.shell_jobs alter output set not null", "feed public.shell_jobs: output must take null or have a default"},
		"no room for a run that goes on":     {predecessors + "alter table public.shell_jobs alter completed_at set not null", "feed public.shell_jobs: completed_at must take null"},
		"a computed column": {
			predecessors + "alter table public.shell_jobs drop column error; alter table public.shell_jobs add error text generated always as (status) stored",
			"feed public.shell_jobs: error is computed",
		},
		"no key": {predecessors + "alter table public.shell_jobs drop constraint shell_jobs_pkey", "feed public.shell_jobs: id is no primary key"},
		"no rights": {
			predecessors + "alter table public.shell_jobs owner to supabase_admin; revoke all on public.shell_jobs from postgres, public, authenticated, service_role",
			"feed public.shell_jobs: the user of --admin-url may not read and write it",
		},
		"a view": {"create view public.shell_jobs as select 1 as id; alter view public.shell_jobs owner to postgres", "feed public.shell_jobs: it is no table"},
	} {
		t.Run(name, func(t *testing.T) {
			db := pgtest.Start(t)
			db.Superuser(t, c.table)
			_, err := Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: db.Name, ShellJobs: true})
			e, is := errors.AsType[*Error](err)
			if !is || e.Code != codeTable || !strings.HasPrefix(e.Message, c.says) || !strings.Contains(e.Hint, "--shell-jobs") {
				t.Errorf("error is %#v, want %q", err, c.says)
			}
			wantRows(t, db, "select to_regnamespace('lsh') is null, not exists (select from pg_roles where rolname = 'lsh_"+db.Name+"')", "t|t")
			setUp(t, db, db.Name) // without the table all is well
		})
	}
}

// What is another table only in its words is fed.
func TestShellJobsTakesATableThatIsAlike(t *testing.T) {
	db := pgtest.Start(t)
	db.Superuser(t, predecessors+`create domain public.word as varchar(200);
		alter table public.shell_jobs alter job_id type public.word, alter pid type bigint, alter output set default '', alter output set not null,
			alter completed_at type timestamp, add tenant bigint generated always as identity`)
	conn := mustLogIn(t, setUpFeed(t, db, db.Name).URL)
	fill(t, conn, feedHost, feedRun)
	wantRows(t, db, "select job_id, status, pid, output, tenant from public.shell_jobs", "backup|running|7|begun|1")
}
