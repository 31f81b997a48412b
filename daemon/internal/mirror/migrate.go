package mirror

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed shell_jobs.sql
var shellJobs string

//go:embed rights.sql
var rightsStand string

// migrated is what migrate has done.
type migrated struct {
	version int64    // of the schema, then
	applied []string // names of the steps that were not there
	mended  bool     // rights or policies were missing
}

// migrate carries out the steps of the schema that are not there, and once more those that give rights when any is missing: a dump
// brings no roles. A schema that is newer than this lsh stays as it is.
func migrate(ctx context.Context, tx pgx.Tx) (r migrated, err error) {
	all, err := Migrations()
	if err != nil {
		return r, err
	}
	done, err := versions(ctx, tx)
	if err != nil {
		return r, err
	}
	for v := range done {
		r.version = max(r.version, v)
	}
	stand, err := yes(ctx, tx, rightsStand)
	if err != nil {
		return r, err
	}
	newest := Newest()
	if r.version > newest {
		return r, newerError(ctx, tx, r.version)
	}
	r.version = newest
	for _, m := range all {
		again := done[m.Version] && !stand && m.givesRights()
		if done[m.Version] && !again {
			continue
		}
		if err := script(ctx, tx, m.Text); err != nil {
			return r, err
		}
		if again {
			r.mended = true
		} else {
			r.applied = append(r.applied, m.Name)
		}
	}
	return r, record(ctx, tx, all)
}

// givesRights tells whether a step gives any. Such a step can be carried out again.
func (m Migration) givesRights() bool { return strings.Contains(m.Text, writerRole) }

// newerError is why a person cannot be let into a schema that is newer than this lsh, or nil. What rights it wants given is not known
// here.
func newerError(ctx context.Context, tx pgx.Tx, version int64) error {
	there, err := yes(ctx, tx, "select to_regrole($1::text) is not null", writerRole)
	if err != nil || there {
		return err
	}
	return &Error{
		Code: codeDenied, Message: fmt.Sprintf("give the role %s its rights: there is none, and version %d of the schema is newer than this lsh", writerRole, version),
		Hint: "run lsh sync init of the newest lsh that uses this database",
	}
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
