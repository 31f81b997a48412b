-- A database as a hosted Supabase project has it. The roles postgres (no superuser) and pgbouncer are there before.
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';

create schema auth;
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
                  (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid
$$;
create table auth.users (id uuid primary key, email text);
grant usage on schema auth to postgres, anon, authenticated, service_role;
grant all on auth.users to postgres;

create schema extensions;
grant usage on schema extensions to postgres, anon, authenticated, service_role;

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;

-- The API's roles have rights on whatever postgres makes in public.
grant all on schema public to postgres;
grant usage on schema public to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;

-- Poolers ask here for the secret of a role, so that a new role is known at once.
create schema pgbouncer authorization pgbouncer;
create function pgbouncer.get_auth(name text, out username text, out secret text) returns record
  language sql security definer set search_path = '' as
  $$ select usename::text, passwd::text from pg_catalog.pg_shadow where usename = $1 $$;
revoke all on function pgbouncer.get_auth(text) from public;
grant execute on function pgbouncer.get_auth(text) to pgbouncer;
