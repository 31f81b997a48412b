-- Who may do what: one group role with the rights, one login role a person, rows by person.
do $$ begin
  create role lsh_writer nologin;
exception when duplicate_object or unique_violation then null;
end $$;

grant usage on schema lsh to lsh_writer;
grant select on all tables in schema lsh to lsh_writer;
grant insert, delete on lsh.commands to lsh_writer;

-- The person whose login this is. session_user, since that cannot be set.
create or replace function lsh.me() returns uuid language sql stable security definer set search_path = '' as
  $$ select u.id from lsh.users u where u.db_role = session_user $$;
revoke all on function lsh.me() from public;
grant execute on function lsh.me() to lsh_writer;

do $$ declare t text; begin
  foreach t in array array['hosts', 'generations', 'jobs', 'runs', 'run_output', 'slots', 'overrides', 'events', 'commands'] loop
    execute format('alter table lsh.%I enable row level security', t);
    execute format('drop policy if exists own on lsh.%I', t);
    execute format('create policy own on lsh.%I for all to lsh_writer using (user_id = (select lsh.me())) with check (user_id = (select lsh.me()))', t);
  end loop;
end $$;
-- A command is sent by whoever sends it.
drop policy if exists sender on lsh.commands;
create policy sender on lsh.commands as restrictive for insert to lsh_writer with check (sent_by = session_user);
alter table lsh.users enable row level security;
drop policy if exists own on lsh.users;
create policy own on lsh.users for select to lsh_writer using (db_role = session_user);
alter table lsh.schema_version enable row level security;
drop policy if exists everyone on lsh.schema_version;
create policy everyone on lsh.schema_version for select to lsh_writer using (true);

insert into lsh.schema_version (version, name) values (20261122000100, 'lsh_roles_rls') on conflict do nothing;
