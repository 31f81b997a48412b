-- Whether the group role has what the migrations give it. This locks nothing that a push has need of, as giving it does.
select exists (
  select from pg_catalog.pg_roles g, pg_catalog.pg_namespace n
  where g.rolname = 'lsh_writer' and n.nspname = 'lsh' and has_schema_privilege(g.oid, n.oid, 'usage')
    and not exists (
      select from pg_catalog.pg_class c
      where c.relnamespace = n.oid and c.relname in ('schema_version', 'users', 'hosts', 'generations', 'jobs', 'runs', 'run_output', 'slots',
          'overrides', 'events', 'commands')
        and not (c.relrowsecurity and has_table_privilege(g.oid, c.oid, 'select') and exists (
          select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polpermissive and g.oid = any (p.polroles) and p.polcmd in ('r', '*'))))
    and not exists (
      select from pg_catalog.pg_class c
      where c.relnamespace = n.oid and c.relname = 'commands'
        and not (has_table_privilege(g.oid, c.oid, 'insert') and has_table_privilege(g.oid, c.oid, 'delete')
          and exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polpermissive and g.oid = any (p.polroles) and p.polcmd = '*')
          and exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid and not p.polpermissive and g.oid = any (p.polroles)
            and p.polcmd = 'a')))
    and not exists (
      select from pg_catalog.pg_proc f
      where f.pronamespace = n.oid and f.proname in ('me', 'register', 'push', 'prune')
        and (has_function_privilege('public', f.oid, 'execute') or not has_function_privilege(g.oid, f.oid, 'execute'))))
