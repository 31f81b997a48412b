-- Feeds the predecessor's table public.shell_jobs with the runs of all hosts. It may be carried out again at any time.
do $$ begin
  if to_regclass('public.shell_jobs') is not null then
    return;
  end if;
  create table public.shell_jobs (
    id                uuid primary key,
    user_id           uuid,
    session_id        text not null,
    job_id            text not null,
    command           text not null,
    status            text not null check (status in ('running', 'stopped', 'completed', 'failed')),
    pid               integer,
    working_directory text not null,
    started_at        timestamptz not null,
    completed_at      timestamptz,
    exit_code         integer,
    output            text,
    error             text,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now()
  );
  alter table public.shell_jobs enable row level security;
  revoke all on public.shell_jobs from public;
  if exists (select from pg_catalog.pg_roles where rolname = 'anon') then -- Supabase gives it rights on every new table
    revoke all on public.shell_jobs from anon;
  end if;
end $$;

-- With the rights of its owner: those who push have none on public.shell_jobs. A row is only ever changed by the host that it is
-- from, whose session_id nobody else can have: an id is whatever a host says.
-- The table is another program's. What goes wrong with it, also a lock that is held, must not hold up the push.
create or replace function lsh.feed_shell_jobs() returns trigger
language plpgsql security definer set search_path = '' set lock_timeout = '20ms' as $$
begin
  insert into public.shell_jobs as s (id, user_id, session_id, job_id, command, status, pid, working_directory, started_at, completed_at,
      exit_code, error, updated_at)
    select new.id, (select u.legacy_uuid from lsh.users u where u.id = new.user_id), 'lsh_' || new.host_id, new.job,
      coalesce(j.spec->'fields'->>'command', ''),
      case when new.state = 'succeeded' then 'completed' when new.state in ('failed', 'timed_out', 'lost') then 'failed'
        when new.state in ('queued', 'running') then 'running' else 'stopped' end,
      case when new.pid between 0 and 2147483647 then new.pid end, coalesce(j.spec->'fields'->>'dir', ''),
      coalesce(new.started_at, new.scheduled_at, new.received_at), new.ended_at,
      case when new.exit_code between -2147483648 and 2147483647 then new.exit_code end,
      case when new.state in ('failed', 'timed_out', 'lost') then new.reason end, now()
    from (select) one left join lsh.jobs j on j.host_id = new.host_id and j.name = new.job
    on conflict (id) do update set job_id = excluded.job_id, command = coalesce(nullif(excluded.command, ''), s.command),
      status = excluded.status, pid = excluded.pid,
      working_directory = coalesce(nullif(excluded.working_directory, ''), s.working_directory), started_at = excluded.started_at,
      completed_at = excluded.completed_at, exit_code = excluded.exit_code, error = excluded.error, updated_at = now()
    where s.session_id = excluded.session_id;
  return null;
exception when others then
  return null;
end $$;

create or replace function lsh.feed_shell_jobs_output() returns trigger
language plpgsql security definer set search_path = '' set lock_timeout = '20ms' as $$
begin
  update public.shell_jobs s set output = new.tail, updated_at = now()
    where s.id = new.run_id and s.session_id = 'lsh_' || new.host_id;
  return null;
exception when others then
  return null;
end $$;

revoke all on function lsh.feed_shell_jobs(), lsh.feed_shell_jobs_output() from public;

create or replace trigger feed_shell_jobs after insert or update on lsh.runs
  for each row execute function lsh.feed_shell_jobs();
create or replace trigger feed_shell_jobs after insert or update on lsh.run_output
  for each row execute function lsh.feed_shell_jobs_output();
