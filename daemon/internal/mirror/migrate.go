package mirror

import (
	"context"
	_ "embed"
	"strconv"

	"github.com/jackc/pgx/v5"
)

//go:embed shell_jobs.sql
var shellJobs string

// migrate carries out the steps of the schema that are not there. A schema that is newer than this lsh stays as it is. It returns
// the names of the steps, and the version then.
func migrate(ctx context.Context, tx pgx.Tx) (applied []string, version int64, err error) {
	all, err := Migrations()
	if err != nil {
		return nil, 0, err
	}
	done, err := versions(ctx, tx)
	if err != nil {
		return nil, 0, err
	}
	for v := range done {
		version = max(version, v)
	}
	newest := Newest()
	if version > newest {
		return nil, version, nil
	}
	for _, m := range all {
		if done[m.Version] {
			continue
		}
		if err := script(ctx, tx, m.Text); err != nil {
			return nil, 0, err
		}
		applied = append(applied, m.Name)
	}
	return applied, newest, record(ctx, tx, all)
}

// versions are the steps that lsh.schema_version has.
func versions(ctx context.Context, tx pgx.Tx) (map[int64]bool, error) {
	there, err := yes(ctx, tx, "select to_regclass('lsh.schema_version') is not null")
	if err != nil || !there {
		return nil, err
	}
	rows, err := tx.Query(ctx, "select version from lsh.schema_version")
	if err != nil {
		return nil, err
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	done := map[int64]bool{}
	for _, n := range numbers {
		done[n] = true
	}
	return done, err
}

// record has the Supabase CLI know of the steps: its table is made as it makes it, where there is none.
func record(ctx context.Context, tx pgx.Tx, all []Migration) error {
	// "If not exists" wants rights that a table which is there does not.
	there, err := yes(ctx, tx, "select to_regclass('supabase_migrations.schema_migrations') is not null")
	if err == nil && !there {
		err = script(ctx, tx, `create schema if not exists supabase_migrations;
			create table supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text)`)
	}
	if err != nil {
		return err
	}
	for _, m := range all {
		_, err := tx.Exec(ctx, `insert into supabase_migrations.schema_migrations (version, statements, name)
			values ($1::text, array[$2::text], $3::text) on conflict (version) do nothing`, strconv.FormatInt(m.Version, 10), m.Text, m.Name)
		if err != nil {
			return err
		}
	}
	return nil
}
