-- How a daemon writes: with the owner's rights, to the hosts of its person alone. Each call is one transaction and one round trip, and
-- doing it again changes nothing.

-- A worker begins. What it is told: how far the host's rows are here, and which worker brought them so far.
-- verdict: known or new; taken: the id is another person's; busy: another worker pushes under it, and the caller is patient.
create or replace function lsh.register(p_host uuid, p_instance uuid, p jsonb)
returns table (verdict text, acked bigint, acked_event bigint, acked_by uuid, schema_version bigint, server_now timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
  v_user uuid := lsh.me();
  v_schema bigint;
  h lsh.hosts;
begin
  if v_user is null then
    raise exception 'lsh: role % is nobody''s', session_user using errcode = 'LS001';
  end if;
  select max(s.version) into v_schema from lsh.schema_version s;
  insert into lsh.hosts (id, user_id, hostname, os_user, instance_id)
    values (p_host, v_user, p->>'hostname', p->>'os_user', p_instance) on conflict (id) do nothing;
  verdict := case when found then 'new' else 'known' end;
  select * into h from lsh.hosts t where t.id = p_host and t.user_id = v_user for update;
  if not found then
    return query select 'taken', 0::bigint, 0::bigint, null::uuid, v_schema, clock_timestamp();
    return;
  end if;
  if (p->>'patient')::boolean and h.instance_id <> p_instance and h.status = 'online' and h.last_seen_at > now() - interval '3 minutes' then
    return query select 'busy', h.acked_seq, h.acked_event, h.acked_by, v_schema, clock_timestamp();
    return;
  end if;
  update lsh.hosts t set hostname = p->>'hostname', os_user = p->>'os_user', machine_id = p->>'machine_id', os = p->>'os', arch = p->>'arch',
      version = p->>'version', instance_id = p_instance, started_at = (p->>'started_at')::timestamptz, registered_at = now(),
      last_seen_at = now(), status = 'online'
    where t.id = p_host;
  return query select verdict, h.acked_seq, h.acked_event, h.acked_by, v_schema, clock_timestamp();
end $$;

-- A batch: rows of all tables, the newest version of each, and how far it brings the host.
-- It counts only on what it was made for (p.base, p.events_base): one that was delayed, or comes twice, changes nothing.
-- p.life begins a new life: of an earlier one, rows that are over stay as they are.
-- verdict: ok; fenced: a later worker has registered; behind: the host is elsewhere than the batch was made for.
create or replace function lsh.push(p_host uuid, p_instance uuid, p_upto bigint, p jsonb)
returns table (verdict text, acked bigint, acked_event bigint, server_now timestamptz, commands jsonb)
language plpgsql security definer set search_path = '' as $$
declare
  h lsh.hosts;
  v_life bigint;
begin
  select * into h from lsh.hosts t where t.id = p_host and t.user_id = lsh.me() for update;
  if not found then
    raise exception 'lsh: no such host' using errcode = 'LS002';
  end if;
  if h.instance_id <> p_instance then
    return query select 'fenced', h.acked_seq, h.acked_event, clock_timestamp(), null::jsonb;
    return;
  end if;
  v_life := greatest(h.life_seq, (p->>'life')::bigint);
  if v_life > h.life_seq then
    h.acked_event := 0;
  end if;
  if h.acked_seq <> (p->>'base')::bigint or h.acked_event <> (p->>'events_base')::bigint then
    return query select 'behind', h.acked_seq, h.acked_event, clock_timestamp(), null::jsonb;
    return;
  end if;

  if p ? 'renames' then
    declare r record;
    begin
      for r in select * from jsonb_to_recordset(p->'renames') as x ("from" text, "to" text) loop
        update lsh.runs t set job = r."to" where t.host_id = p_host and t.job = r."from";
        update lsh.overrides t set job = r."to" where t.host_id = p_host and t.job = r."from";
        update lsh.slots t set job = r."to" where t.host_id = p_host and t.job = r."from" and t.seq <= v_life -- of which nobody tells again
          and not exists (select from lsh.slots o where o.host_id = p_host and o.job = r."to" and o.at = t.at);
        delete from lsh.slots t where t.host_id = p_host and t.job = r."from"; -- those that are kept come again
        delete from lsh.jobs t where t.host_id = p_host and t.name = r."from";
      end loop;
    end;
  end if;

  if p ? 'generations' then
    insert into lsh.generations (host_id, user_id, number, hash, accepted_at, owner, git_commit, summary, reason, jobs, seq)
      select p_host, h.user_id, x.number, x.hash, x.accepted_at, x.owner, x.git_commit, x.summary, x.reason, x.jobs, x.seq
      from jsonb_to_recordset(p->'generations') as x (number bigint, hash text, accepted_at timestamptz, owner jsonb, git_commit text,
        summary jsonb, reason text, jobs bigint, seq bigint)
      on conflict do nothing;
  end if;

  if p ? 'jobs' then
    insert into lsh.jobs as t (host_id, user_id, name, spec, spec_hash, generation, cursor, failures, last_run_id, owner, gone, seq)
      select p_host, h.user_id, x.name, x.spec, x.spec_hash, x.generation, x.cursor, x.failures, x.last_run_id, x.owner, x.gone, x.seq
      from jsonb_to_recordset(p->'jobs') as x (name text, spec jsonb, spec_hash text, generation bigint, cursor timestamptz, failures bigint,
        last_run_id uuid, owner jsonb, gone boolean, seq bigint)
      on conflict (host_id, name) do update set spec = excluded.spec, spec_hash = excluded.spec_hash, generation = excluded.generation,
        cursor = excluded.cursor, failures = excluded.failures, last_run_id = excluded.last_run_id, owner = excluded.owner,
        gone = excluded.gone, seq = excluded.seq, updated_at = now()
      where excluded.seq > t.seq;
  end if;

  if p ? 'runs' then
    insert into lsh.runs as t (host_id, user_id, id, job, state, trigger, attempt, scheduled_at, not_before, started_at, ended_at, duration_ms,
        lateness_ms, exit_code, signal, pid, reason, generation, spec_hash, cpu_ms, max_rss_bytes, output_bytes, output_dropped, output_lost,
        survivors, seq)
      select p_host, h.user_id, x.id, x.job, x.state, x.trigger, x.attempt, x.scheduled_at, x.not_before, x.started_at, x.ended_at, x.duration_ms,
        x.lateness_ms, x.exit_code, x.signal, x.pid, x.reason, x.generation, x.spec_hash, x.cpu_ms, x.max_rss_bytes, x.output_bytes,
        x.output_dropped, x.output_lost, x.survivors, x.seq
      from jsonb_to_recordset(p->'runs') as x (id uuid, job text, state text, trigger text, attempt integer, scheduled_at timestamptz,
        not_before timestamptz, started_at timestamptz, ended_at timestamptz, duration_ms bigint, lateness_ms bigint, exit_code bigint,
        signal text, pid bigint, reason text, generation bigint, spec_hash text, cpu_ms bigint, max_rss_bytes bigint, output_bytes bigint,
        output_dropped bigint, output_lost text, survivors jsonb, seq bigint)
      on conflict (host_id, id) do update set job = excluded.job, state = excluded.state, attempt = excluded.attempt,
        scheduled_at = excluded.scheduled_at, not_before = excluded.not_before, started_at = excluded.started_at, ended_at = excluded.ended_at,
        duration_ms = excluded.duration_ms, lateness_ms = excluded.lateness_ms, exit_code = excluded.exit_code, signal = excluded.signal,
        pid = excluded.pid, reason = excluded.reason, generation = excluded.generation, spec_hash = excluded.spec_hash,
        cpu_ms = excluded.cpu_ms, max_rss_bytes = excluded.max_rss_bytes, output_bytes = excluded.output_bytes,
        output_dropped = excluded.output_dropped, output_lost = excluded.output_lost, survivors = excluded.survivors, seq = excluded.seq
      where excluded.seq > t.seq and (t.seq > v_life or t.state in ('queued', 'running'));
  end if;

  if p ? 'outputs' then
    insert into lsh.run_output as t (host_id, user_id, run_id, tail, truncated, seq)
      select p_host, h.user_id, x.run_id, x.tail, x.truncated, x.seq
      from jsonb_to_recordset(p->'outputs') as x (run_id uuid, tail text, truncated boolean, seq bigint)
      where exists (select from lsh.runs r where r.host_id = p_host and r.id = x.run_id)
      on conflict (host_id, run_id) do update set tail = excluded.tail, truncated = excluded.truncated, seq = excluded.seq
      where excluded.seq > t.seq and t.seq > v_life;
  end if;

  if p ? 'slots_gone' then
    delete from lsh.slots t using jsonb_to_recordset(p->'slots_gone') as x (job text, at timestamptz, seq bigint)
      where t.host_id = p_host and t.job = x.job and t.at = x.at and x.seq > t.seq and t.seq > v_life;
  end if;

  if p ? 'slots' then
    insert into lsh.slots as t (host_id, user_id, job, at, last, count, outcome, reason, run_id, nominal, note, seq)
      select p_host, h.user_id, x.job, x.at, x.last, x.count, x.outcome, x.reason, x.run_id, x.nominal, x.note, x.seq
      from jsonb_to_recordset(p->'slots') as x (job text, at timestamptz, last timestamptz, count bigint, outcome text, reason text, run_id uuid,
        nominal text, note text, seq bigint)
      on conflict (host_id, job, at) do update set last = excluded.last, count = excluded.count, outcome = excluded.outcome,
        reason = excluded.reason, run_id = excluded.run_id, nominal = excluded.nominal, note = excluded.note, seq = excluded.seq
      where excluded.seq > t.seq and (t.seq > v_life or excluded.last >= t.last
        and (t.outcome not in ('ran', 'caught_up') or excluded.outcome in ('ran', 'caught_up')));
  end if;

  if p ? 'overrides' then
    insert into lsh.overrides as t (host_id, user_id, id, job, kind, until, owner, reason, created_at, ended_at, ended_reason, seq)
      select p_host, h.user_id, x.id, x.job, x.kind, x.until, x.owner, x.reason, x.created_at, x.ended_at, x.ended_reason, x.seq
      from jsonb_to_recordset(p->'overrides') as x (id text, job text, kind text, until timestamptz, owner jsonb, reason text,
        created_at timestamptz, ended_at timestamptz, ended_reason text, seq bigint)
      on conflict (host_id, id) do update set job = excluded.job, kind = excluded.kind, until = excluded.until, owner = excluded.owner,
        reason = excluded.reason, created_at = excluded.created_at, ended_at = excluded.ended_at, ended_reason = excluded.ended_reason,
        seq = excluded.seq
      where excluded.seq > t.seq and (t.seq > v_life or t.ended_at is null);
  end if;

  if p ? 'events' then
    insert into lsh.events (host_id, user_id, seq, life, at, kind, job, run_id, slot, count, message)
      select p_host, h.user_id, x.seq, v_life, x.at, x.kind, x.job, x.run_id, x.slot, x.count, x.message
      from jsonb_to_recordset(p->'events') as x (seq bigint, at timestamptz, kind text, job text, run_id uuid, slot timestamptz, count bigint,
        message text)
      where not exists (select from lsh.events e where e.host_id = p_host and e.seq = x.seq and e.at = x.at and e.kind = x.kind)
      on conflict do nothing;
  end if;

  if p ? 'sweep' then -- a whole snapshot has arrived: what it did not bring again is no more
    delete from lsh.slots t where t.host_id = p_host and t.seq < (p->>'sweep')::bigint and t.seq > v_life;
    delete from lsh.jobs t where t.host_id = p_host and t.seq < (p->>'sweep')::bigint and t.seq > v_life;
    -- Of an earlier life: what the restored journal knows nothing of is no more in force.
    update lsh.jobs t set gone = true, spec = null, updated_at = now()
      where t.host_id = p_host and t.seq < (p->>'sweep')::bigint and not t.gone;
    update lsh.overrides t set ended_at = now(), ended_reason = 'the restored journal does not know it'
      where t.host_id = p_host and t.seq < (p->>'sweep')::bigint and t.ended_at is null;
  end if;

  if (p->>'accept')::boolean then
    update lsh.commands c set done_at = now(), result = 'refused: it is older than a day'
      where c.host_id = p_host and c.done_at is null and (c.expires_at <= now() or c.created_at <= now() - interval '1 day');
  end if;

  if p ? 'commands_done' then
    update lsh.commands c set done_at = now(), result = x.result
      from jsonb_to_recordset(p->'commands_done') as x (id uuid, result text)
      where c.id = x.id and c.host_id = p_host and c.done_at is null;
  end if;

  update lsh.hosts t set acked_seq = p_upto, acked_event = (p->>'events_upto')::bigint, life_seq = v_life, last_seen_at = now(),
      acked_by = case when p_upto > t.acked_seq or (p->>'events_upto')::bigint > t.acked_event then p_instance else t.acked_by end,
      status = coalesce(p->>'status', 'online'), clock_offset_ms = coalesce((p->>'clock_offset_ms')::bigint, t.clock_offset_ms)
    where t.id = p_host;
  return query select 'ok', p_upto, (p->>'events_upto')::bigint, clock_timestamp(),
    case when (p->>'accept')::boolean then
      (select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'job', c.job, 'action', c.action, 'args', c.args, 'sent_by', c.sent_by)
          order by c.created_at), '[]')
        from (select * from lsh.commands o where o.host_id = p_host and o.done_at is null and o.expires_at > now()
          order by o.created_at limit 100) c)
    end;
end $$;

-- What is kept here no longer of a host: a thousand rows of each kind at most. It answers how many went.
create or replace function lsh.prune(p_host uuid) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  n bigint;
  total bigint := 0;
  -- The first UUIDv7 of a moment.
  v_runs uuid := (lpad(to_hex((extract(epoch from now() - interval '30 days') * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid;
  v_tails uuid := (lpad(to_hex((extract(epoch from now() - interval '7 days') * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid;
begin
  if not exists (select from lsh.hosts h where h.id = p_host and h.user_id = lsh.me()) then
    raise exception 'lsh: no such host' using errcode = 'LS002';
  end if;
  delete from lsh.runs where ctid = any (array(select t.ctid from lsh.runs t where t.host_id = p_host and t.id < v_runs
    and t.state not in ('queued', 'running') and t.received_at < now() - interval '30 days' limit 1000));
  get diagnostics n = row_count;
  total := total + n;
  delete from lsh.run_output where ctid = any (array(select o.ctid from lsh.run_output o join lsh.runs r on r.host_id = o.host_id
    and r.id = o.run_id where o.host_id = p_host and o.run_id < v_tails and o.received_at < now() - interval '7 days'
    and r.state not in ('failed', 'timed_out', 'lost') limit 1000));
  get diagnostics n = row_count;
  total := total + n;
  delete from lsh.events where ctid = any (array(select t.ctid from lsh.events t where t.host_id = p_host
    and t.at < now() - interval '14 days' and t.received_at < now() - interval '14 days' order by t.seq limit 1000));
  get diagnostics n = row_count;
  total := total + n;
  delete from lsh.commands where ctid = any (array(select t.ctid from lsh.commands t where t.host_id = p_host
    and t.expires_at < now() - interval '30 days' limit 1000));
  get diagnostics n = row_count;
  return total + n;
end $$;

revoke all on function lsh.register(uuid, uuid, jsonb), lsh.push(uuid, uuid, bigint, jsonb), lsh.prune(uuid) from public;
grant execute on function lsh.register(uuid, uuid, jsonb), lsh.push(uuid, uuid, bigint, jsonb), lsh.prune(uuid) to lsh_writer;

insert into lsh.schema_version (version, name) values (20261122000200, 'lsh_push') on conflict do nothing;
