package mirror

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// person is whose machines write.
type person struct {
	role     string
	created  bool   // the role was not there
	password string // that was made; "" when the role keeps its own
}

// roleLimits bound what one person's machines can do to a server: a few machines at once, and no call that lasts.
const roleLimits = "login connection limit 20"

var roleSettings = [...]string{"statement_timeout = '20s'", "lock_timeout = '5s'", "idle_in_transaction_session_timeout = '20s'"}

// admit makes the login of a person and the row that says whose the rows are.
func admit(ctx context.Context, tx pgx.Tx, user string, newPassword bool) (p person, err error) {
	known := false
	if p.role, known, err = roleOf(ctx, tx, user); err != nil {
		return p, err
	}
	there, member, err := standing(ctx, tx, p.role)
	switch {
	case err != nil:
		return p, err
	case there && !known && !member:
		return p, takenError(user, p.role, "there is one that lsh has not made")
	}
	p.created = !there
	clause := roleLimits
	if p.created || newPassword {
		p.password = newSecret()
		verifier, err := newVerifier(p.password)
		if err != nil {
			return p, err
		}
		clause += " password '" + verifier + "'"
	}
	if err := write(ctx, tx, p, member, clause); err != nil {
		return p, err
	}
	_, err = tx.Exec(ctx, `insert into lsh.users as u (username, db_role, legacy_uuid) values ($1::text, $2::text::name, $3::uuid)
		on conflict (username) do update set db_role = excluded.db_role, legacy_uuid = coalesce(u.legacy_uuid, excluded.legacy_uuid)`,
		user, p.role, legacyUUID(user))
	return p, err
}

// roleOf is the role that a person has, or would have. known says that a row names it.
func roleOf(ctx context.Context, tx pgx.Tx, user string) (role string, known bool, err error) {
	var named *string
	err = tx.QueryRow(ctx, "select db_role::text from lsh.users where username = $1::text", user).Scan(&named)
	switch {
	case err == nil && named != nil:
		return *named, true, nil
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return "", false, err
	}
	role, bad := roleName(user)
	if bad != nil {
		return "", false, bad
	}
	var other string
	err = tx.QueryRow(ctx, "select username from lsh.users where db_role = $1::text::name", role).Scan(&other)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return role, false, nil
	case err != nil:
		return "", false, err
	}
	return "", false, takenError(user, role, fmt.Sprintf("it is %s's", other))
}

// standing tells whether a role is there, and whether it writes.
func standing(ctx context.Context, tx pgx.Tx, role string) (there, member bool, err error) {
	err = tx.QueryRow(ctx, `select exists (select from pg_auth_members m join pg_roles g on g.oid = m.roleid
			where m.member = r.oid and g.rolname = $2::text::name)
		from pg_roles r where r.rolname = $1::text::name`, role, writerRole).Scan(&member)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, false, nil
	}
	return err == nil, member, err
}

// write makes or alters the role. Statements about roles take no parameters.
func write(ctx context.Context, tx pgx.Tx, p person, member bool, clause string) error {
	name := pgx.Identifier{p.role}.Sanitize()
	statements := []string{"alter role " + name + " " + clause}
	if p.created {
		statements[0] = "create role " + name + " " + clause
	}
	if !member {
		statements = append(statements, "grant "+writerRole+" to "+name)
	}
	for _, s := range roleSettings {
		statements = append(statements, "alter role "+name+" set "+s)
	}
	return script(ctx, tx, strings.Join(statements, ";\n"))
}
