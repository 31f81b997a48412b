-- The replica of the journals of a person's machines. Nobody has the right to write a table, but commands: the daemon of a host
-- writes the rows of that host by lsh.register and lsh.push, which see to it that the host is the person's own.
create schema if not exists lsh;
revoke all on schema lsh from public;

create table if not exists lsh.schema_version (
  version    bigint primary key,
  name       text not null,
  applied_at timestamptz not null default now(),
  applied_by text not null default current_user
);

-- Whose the rows are: one row a person; db_role is the login that the person's daemons use.
create table lsh.users (
  id          uuid primary key default gen_random_uuid(),
  username    text not null unique,
  db_role     name unique,
  legacy_uuid uuid, -- by which the predecessor's tables know the person
  created_at  timestamptz not null default now()
);

create table lsh.hosts (
  id              uuid primary key,
  user_id         uuid not null references lsh.users (id),
  hostname        text not null,
  os_user         text not null,
  machine_id      text, -- a hash
  os              text,
  arch            text,
  version         text,
  instance_id     uuid not null, -- the worker that may push; a later one fences it
  acked_seq       bigint not null default 0, -- how far the host's changes have been applied
  acked_event     bigint not null default 0,
  acked_by        uuid, -- the worker that brought them so far
  life_seq        bigint not null default 0, -- rows up to here are of an earlier life of the host's journal
  clock_offset_ms bigint, -- server's clock minus the host's
  status          text not null default 'online', -- online, or offline after an orderly stop
  started_at      timestamptz,
  registered_at   timestamptz not null default now(),
  last_seen_at    timestamptz not null default now(),
  unique (id, user_id) -- what the tables below refer to: a row cannot name another person's host
);
create index hosts_user on lsh.hosts (user_id);

create table lsh.generations (
  host_id     uuid not null,
  user_id     uuid not null,
  number      bigint not null,
  hash        text not null,
  accepted_at timestamptz not null, -- a part of the key: a restored journal gives a number again
  owner       jsonb,
  git_commit  text,
  summary     jsonb,
  reason      text not null,
  jobs        bigint not null,
  seq         bigint not null,
  primary key (host_id, number, accepted_at),
  foreign key (host_id, user_id) references lsh.hosts (id, user_id) on delete cascade
);

create table lsh.jobs (
  host_id     uuid not null,
  user_id     uuid not null,
  name        text not null,
  spec        jsonb, -- what is declared, without secrets; null when nothing is any more
  spec_hash   text not null,
  generation  bigint not null,
  cursor      timestamptz, -- up to here every slot has its outcome
  failures    bigint not null,
  last_run_id uuid,
  owner       jsonb, -- of an ad-hoc job
  gone        boolean not null,
  seq         bigint not null,
  updated_at  timestamptz not null default now(),
  primary key (host_id, name),
  foreign key (host_id, user_id) references lsh.hosts (id, user_id) on delete cascade
);
create index jobs_user on lsh.jobs (user_id, name) where not gone;

create table lsh.runs (
  host_id        uuid not null,
  user_id        uuid not null,
  id             uuid not null, -- UUIDv7: sorts by when it was admitted
  job            text not null,
  state          text not null,
  trigger        text not null,
  attempt        integer not null,
  scheduled_at   timestamptz, -- the slot, as the schedule names it
  not_before     timestamptz,
  started_at     timestamptz, -- by the host's clock, as ended_at
  ended_at       timestamptz,
  duration_ms    bigint, -- by a clock that is never set
  lateness_ms    bigint,
  exit_code      bigint,
  signal         text,
  pid            bigint,
  reason         text,
  generation     bigint,
  spec_hash      text,
  cpu_ms         bigint,
  max_rss_bytes  bigint,
  output_bytes   bigint,
  output_dropped bigint,
  output_lost    text,
  survivors      jsonb,
  seq            bigint not null,
  received_at    timestamptz not null default now(), -- server's clock, first arrival
  primary key (host_id, id)
) with (fillfactor = 90);
create index runs_job on lsh.runs (host_id, job, id desc);
create index runs_bad on lsh.runs (user_id, id desc) where state in ('failed', 'timed_out', 'lost');

create table lsh.run_output (
  host_id     uuid not null,
  user_id     uuid not null,
  run_id      uuid not null,
  tail        text not null, -- the end of what it printed, redacted by the host
  truncated   boolean not null, -- there was more before it
  seq         bigint not null,
  received_at timestamptz not null default now(),
  primary key (host_id, run_id),
  foreign key (host_id, run_id) references lsh.runs (host_id, id) on delete cascade
);

-- The ledger: one row a slot, or a stretch of slots alike.
create table lsh.slots (
  host_id uuid not null,
  user_id uuid not null,
  job     text not null,
  at      timestamptz not null,
  last    timestamptz not null, -- of a stretch; at for one slot
  count   bigint not null,
  outcome text not null,
  reason  text,
  run_id  uuid,
  nominal text, -- local, as the schedule names it
  note    text,
  seq     bigint not null,
  primary key (host_id, job, at)
) with (fillfactor = 90);

create table lsh.overrides (
  host_id      uuid not null,
  user_id      uuid not null,
  id           text not null,
  job          text not null,
  kind         text not null,
  until        timestamptz,
  owner        jsonb,
  reason       text not null,
  created_at   timestamptz not null,
  ended_at     timestamptz,
  ended_reason text,
  seq          bigint not null,
  primary key (host_id, id),
  foreign key (host_id, user_id) references lsh.hosts (id, user_id) on delete cascade
);

create table lsh.events (
  host_id uuid not null,
  user_id uuid not null,
  seq     bigint not null, -- the host's number for it
  life    bigint not null, -- a restored journal gives a number again
  at      timestamptz not null,
  kind    text not null,
  job     text,
  run_id  uuid,
  slot    timestamptz,
  count   bigint,
  message text not null,
  received_at timestamptz not null default now(), -- a host's clock may be anywhere
  primary key (host_id, seq, life)
);
create index events_user_at on lsh.events (user_id, at desc);

-- What a person elsewhere asks of a host. A host heeds it when its settings say database.accept_commands.
create table lsh.commands (
  id         uuid primary key default gen_random_uuid(),
  host_id    uuid not null,
  user_id    uuid not null,
  job        text not null,
  action     text not null check (action in ('run', 'pause', 'resume', 'skip')),
  args       jsonb not null default '{}', -- reason; of a pause also until or for (seconds)
  sent_by    text not null default session_user,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 day',
  done_at    timestamptz,
  result     text,
  foreign key (host_id, user_id) references lsh.hosts (id, user_id) on delete cascade
);
create index commands_open on lsh.commands (host_id, created_at) where done_at is null;

-- The three large tables have no reference to lsh.hosts: to look it up for each row is a third of the price of writing one.
create or replace function lsh.drop_host() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  delete from lsh.runs t where t.host_id = old.id;
  delete from lsh.slots t where t.host_id = old.id;
  delete from lsh.events t where t.host_id = old.id;
  return old;
end $$;
revoke all on function lsh.drop_host() from public;
create or replace trigger drop_host after delete on lsh.hosts for each row execute function lsh.drop_host();

insert into lsh.schema_version (version, name) values (20261122000000, 'lsh_init') on conflict do nothing;
