package mirror

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

const codeTable = "table" // public.shell_jobs is another than lsh can feed

const (
	anyText    = "text"
	anyInteger = "integer"
	anyMoment  = "timestamptz"
)

// fed are the columns of public.shell_jobs that the triggers write.
var fed = [...]struct {
	name, kind string
	null       bool // a new row may have nothing in it
}{
	{"id", "uuid", false},
	{"user_id", "uuid", false},
	{"session_id", anyText, false},
	{"job_id", anyText, false},
	{"command", anyText, false},
	{"status", anyText, false},
	{"pid", anyInteger, true},
	{"working_directory", anyText, false},
	{"started_at", anyMoment, false},
	{"completed_at", anyMoment, true},
	{"exit_code", anyInteger, true},
	{"output", anyText, false},
	{"error", anyText, true},
	{"updated_at", anyMoment, false},
}

// takes are the types into which values of a kind fit.
func takes(kind string) []string {
	switch kind {
	case anyText:
		return []string{"text", "varchar", "bpchar"}
	case anyInteger:
		return []string{"int4", "int8", "numeric"}
	case anyMoment:
		return []string{"timestamptz", "timestamp"}
	}
	return []string{kind}
}

// column is one of a table that is there.
type column struct {
	Name     string
	Type     string
	NotNull  bool
	Filled   bool // without a value it gets one of its own
	Computed bool
}

// feed has public.shell_jobs fed, which is made when it is not there. The triggers keep their errors to themselves, so a table that
// they cannot feed is refused here.
func feed(ctx context.Context, tx pgx.Tx) error {
	there, err := yes(ctx, tx, "select to_regclass('public.shell_jobs') is not null")
	if err != nil {
		return err
	}
	if there {
		if err := fits(ctx, tx); err != nil {
			return err
		}
	}
	return script(ctx, tx, shellJobs)
}

func fits(ctx context.Context, tx pgx.Tx) error {
	var table, writable, unique bool
	err := tx.QueryRow(ctx, `select c.relkind in ('r', 'p'), has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
			and has_table_privilege(c.oid, 'update'),
		exists (select from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
			where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid and i.indnkeyatts = 1 and i.indpred is null and a.attname = 'id')
		from pg_catalog.pg_class c where c.oid = 'public.shell_jobs'::regclass`).Scan(&table, &writable, &unique)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select a.attname::text, coalesce(b.typname, t.typname)::text, a.attnotnull or t.typnotnull,
			a.atthasdef or a.attidentity <> '' or t.typdefault is not null, a.attgenerated <> ''
		from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid left join pg_catalog.pg_type b on b.oid = t.typbasetype and t.typtype = 'd'
		where a.attrelid = 'public.shell_jobs'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`)
	if err != nil {
		return err
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		return err
	}
	var wrong []string
	if !table {
		wrong = append(wrong, "it is no table")
	}
	wrong = append(wrong, misfits(columns)...)
	if table && !unique {
		wrong = append(wrong, "id is no primary key")
	}
	if !writable {
		wrong = append(wrong, "the user of --admin-url may not read and write it")
	}
	if len(wrong) == 0 {
		return nil
	}
	return &Error{
		Code: codeTable, Message: "feed public.shell_jobs: " + strings.Join(wrong, "; "),
		Hint: "it is another program's table, or of another version: mend or rename it, or leave out --shell-jobs; nothing was changed",
	}
}

// misfits are what keeps the triggers from writing a row, in words.
func misfits(columns []column) (wrong []string) {
	for _, f := range fed {
		i := slices.IndexFunc(columns, func(c column) bool { return c.Name == f.name })
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("column %s (%s) is missing", f.name, f.kind))
			continue
		}
		switch c := columns[i]; {
		case !slices.Contains(takes(f.kind), c.Type):
			wrong = append(wrong, fmt.Sprintf("%s is %s, not %s", f.name, c.Type, f.kind))
		case c.Computed:
			wrong = append(wrong, f.name+" is computed")
		case c.NotNull && f.null:
			wrong = append(wrong, f.name+" must take null")
		}
	}
	for _, c := range columns {
		if c.NotNull && !c.Filled && !inserted(c.Name) {
			wrong = append(wrong, c.Name+" must take null or have a default")
		}
	}
	return wrong
}

// inserted tells whether a new row has a value for a column. The output comes later.
func inserted(name string) bool {
	for _, f := range fed {
		if f.name == name {
			return name != "output"
		}
	}
	return false
}
