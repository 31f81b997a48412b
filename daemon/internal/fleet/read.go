package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/ipc"
)

// Read reads the facts in one read-only transaction. Errors are the driver's; that the login is nobody's has the code that
// lsh.register gives it.
func Read(ctx context.Context, conn *pgx.Conn) (Facts, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return Facts{}, err
	}
	defer func() { _ = tx.Rollback(ctx) }() // nothing was written
	r := reader{ctx: ctx, tx: tx, jobs: map[key]*Job{}}
	for _, read := range []func() error{r.begin, r.hosts, r.declared, r.running, r.pauses, r.covered, r.missed} {
		if err := read(); err != nil {
			return Facts{}, err
		}
	}
	for _, k := range r.order {
		r.facts.Jobs = append(r.facts.Jobs, *r.jobs[k])
	}
	return r.facts, nil
}

// reader gathers the facts of one transaction.
type reader struct {
	ctx   context.Context
	tx    pgx.Tx
	facts Facts
	jobs  map[key]*Job
	order []key // of jobs
}

// key names a job of a host.
type key struct{ host, job string }

// begin finds out whose rows these are, and what time it is.
func (r *reader) begin() error {
	var me *string
	var role string
	if err := r.tx.QueryRow(r.ctx, `select lsh.me()::text, session_user, clock_timestamp()`).Scan(&me, &role, &r.facts.Now); err != nil {
		return err
	}
	if me == nil {
		return &pgconn.PgError{Severity: "ERROR", Code: "LS001", Message: fmt.Sprintf("lsh: role %s is nobody's", role)}
	}
	return nil
}

func (r *reader) hosts() error {
	var h Host
	var started *time.Time
	var offset *int64
	return r.each(`
select h.id::text, h.hostname, h.os_user, coalesce(h.os, ''), coalesce(h.arch, ''), coalesce(h.version, ''), h.status = 'offline',
  h.started_at, h.last_seen_at, h.clock_offset_ms, coalesce(g.number, 0), coalesce(g.git_commit, '')
from lsh.hosts h
left join lateral (
  select g.number, g.git_commit from lsh.generations g where g.host_id = h.id order by g.accepted_at desc, g.number desc limit 1
) g on true
order by h.hostname, h.id`,
		[]any{
			&h.ID, &h.Hostname, &h.User, &h.OS, &h.Arch, &h.Version, &h.Stopped, &started, &h.LastSeenAt, &offset, &h.Generation, &h.Commit,
		}, func() error {
			h.StartedAt, h.ClockOffset = orZero(started), milliseconds(offset)
			r.facts.Hosts = append(r.facts.Hosts, h)
			return nil
		})
}

// declared reads the jobs with their last runs.
func (r *reader) declared() error {
	var j Job
	var spec string
	var cursor *time.Time
	var run ended
	return r.each(`
select j.host_id::text, j.name, j.spec::text, j.cursor, j.failures,
  r.id::text, r.state, r.trigger, r.attempt, r.scheduled_at, r.started_at, r.ended_at, r.duration_ms, r.exit_code, r.signal, r.reason, r.generation
from lsh.jobs j
left join lsh.runs r on r.host_id = j.host_id and r.id = j.last_run_id
where not j.gone and j.spec is not null
order by j.host_id, j.name`,
		append([]any{&j.HostID, &j.Name, &spec, &cursor, &j.Failures}, run.columns()...), func() error {
			one := Job{HostID: j.HostID, Name: j.Name, Cursor: orZero(cursor), Failures: j.Failures, Last: run.wire(j.Name)}
			_ = json.Unmarshal([]byte(spec), &one.Spec) // it is JSON; a key that a later lsh writes in another way stays empty
			k := key{j.HostID, j.Name}
			r.jobs[k] = &one
			r.order = append(r.order, k)
			return nil
		})
}

// running counts runs in progress: they are among the newest of their job.
func (r *reader) running() error {
	var k key
	var n int
	return r.each(`
select j.host_id::text, j.name, count(*)
from lsh.jobs j
cross join lateral (
  select r.state from lsh.runs r where r.host_id = j.host_id and r.job = j.name order by r.id desc limit 10
) newest
where newest.state = 'running' and not j.gone
group by j.host_id, j.name`,
		[]any{&k.host, &k.job, &n}, func() error {
			if j := r.jobs[k]; j != nil {
				j.Running = n
			}
			return nil
		})
}

func (r *reader) pauses() error {
	var k key
	var until *time.Time
	return r.each(`
select o.host_id::text, o.job, o.until from lsh.overrides o where o.kind = 'pause' and o.ended_at is null`,
		[]any{&k.host, &k.job, &until}, func() error {
			if j := r.jobs[k]; j != nil {
				j.Pause = &Pause{Until: orZero(until)}
			}
			return nil
		})
}

// covered reads what the ledger has after the cursor of each job. A stretch may begin before.
func (r *reader) covered() error {
	var k key
	var s Span
	return r.each(`
select j.host_id::text, j.name, s.at, s.last
from lsh.jobs j
join lsh.slots s on s.host_id = j.host_id and s.job = j.name and s.last > j.cursor and s.at >= coalesce((
  select max(b.at) from lsh.slots b where b.host_id = j.host_id and b.job = j.name and b.at <= j.cursor), '-infinity')
where not j.gone and j.spec is not null
order by j.host_id, j.name, s.at`,
		[]any{&k.host, &k.job, &s.From, &s.To}, func() error {
			if j := r.jobs[k]; j != nil {
				j.Covered = append(j.Covered, s)
			}
			return nil
		})
}

// missed reads the slots of the last day of which a host says that they did not run.
func (r *reader) missed() error {
	var k key
	var m Missed
	return r.each(`
select j.host_id::text, j.name, min(s.at), sum(s.count)::bigint, coalesce((array_agg(s.reason order by s.at desc))[1], '')
from lsh.jobs j
join lsh.slots s on s.host_id = j.host_id and s.job = j.name and s.last > now() - interval '24 hours' and s.at >= coalesce((
  select max(b.at) from lsh.slots b where b.host_id = j.host_id and b.job = j.name and b.at <= now() - interval '24 hours'), '-infinity')
where not j.gone and j.spec is not null and s.outcome in ('missed', 'refused')
group by j.host_id, j.name`,
		[]any{&k.host, &k.job, &m.First, &m.Count, &m.Reason}, func() error {
			if j := r.jobs[k]; j != nil {
				one := m
				j.Missed = &one
			}
			return nil
		})
}

// each has every row of a query scanned into columns and taken.
func (r *reader) each(query string, columns []any, take func() error) error {
	rows, err := r.tx.Query(r.ctx, query)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, columns, take)
	return err
}

// ended are the columns of a last run, null where there is none.
type ended struct {
	id, state, trigger, signal, reason *string
	attempt, exit                      *int
	scheduled, started, ended          *time.Time
	duration                           *int64
	generation                         *int
}

func (e *ended) columns() []any {
	return []any{
		&e.id, &e.state, &e.trigger, &e.attempt, &e.scheduled, &e.started, &e.ended, &e.duration, &e.exit, &e.signal, &e.reason, &e.generation,
	}
}

func (e *ended) wire(job string) *ipc.Run {
	if e.id == nil {
		return nil // it never ran, or the run is kept no more
	}
	run := &ipc.Run{
		ID: *e.id, Job: job, State: orZero(e.state), Trigger: orZero(e.trigger), Attempt: orZero(e.attempt),
		ScheduledAt: orZero(e.scheduled), StartedAt: orZero(e.started), EndedAt: orZero(e.ended),
		ExitCode: e.exit, Signal: orZero(e.signal), Reason: orZero(e.reason), Generation: orZero(e.generation),
	}
	if d := milliseconds(e.duration); d != nil {
		run.Duration = ipc.InSeconds(*d)
	}
	return run
}

func milliseconds(n *int64) *time.Duration {
	if n == nil {
		return nil
	}
	return new(time.Duration(*n) * time.Millisecond)
}

func orZero[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
