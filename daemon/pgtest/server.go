package pgtest

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// Kind is a way to a database.
type Kind int

// The ways that a Supabase project has.
const (
	Direct      Kind = iota // to PostgreSQL itself
	Session                 // through a pooler, with a server's connection for as long as the client's lasts
	Transaction             // through a pooler, with a server's connection for each transaction
)

func (k Kind) String() string { return [...]string{"direct", "session", "transaction"}[k] }

const (
	superuser = "supabase_admin"
	admin     = "postgres"
	poolerUse = "pgbouncer" // whom the poolers ask the server as

	// loopback is where the server listens.
	loopback = "127.0.0.1"
	// patience is how long a start may take on a machine that is busy.
	patience = time.Minute
)

// server is what a client needs to know.
type server struct {
	Ports             [3]int // by Kind
	CA                string // the file of the root certificate
	SuperuserPassword string
	AdminPassword     string
	PoolerPassword    string
}

func (s server) address(k Kind) string {
	return net.JoinHostPort(loopback, strconv.Itoa(s.Ports[k]))
}

func (s server) url(k Kind, user, password, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(user, password), Host: s.address(k), Path: database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

func (s server) superuserURL(database string) string {
	return s.url(Direct, superuser, s.SuperuserPassword, database)
}

// supabase makes a database like that of a Supabase project.
//
//go:embed supabase.sql
var supabase string

// workshop is the database from which others are made and dropped. The template must have no visitors while it is copied.
const workshop = "workshop"

// furnish makes every database that is created from now on like that of a Supabase project, and the one named postgres too.
func (s server) furnish(ctx context.Context) error {
	err := execute(ctx, s.superuserURL("postgres"), fmt.Sprintf(`
		create role %s login password '%s' createrole createdb replication bypassrls;
		create role %s login password '%s';`, admin, s.AdminPassword, poolerUse, s.PoolerPassword))
	if err != nil {
		return err
	}
	if err := execute(ctx, s.superuserURL("template1"), supabase); err != nil {
		return err
	}
	for _, sql := range []string{"create database " + workshop, "drop database postgres with (force)"} {
		if err := execute(ctx, s.superuserURL("template1"), sql); err != nil {
			return err
		}
	}
	return s.create(ctx, "postgres")
}

// create makes a database that is the admin's. What is said of a database by `alter database` is not in the template.
func (s server) create(ctx context.Context, name string) error {
	if err := execute(ctx, s.superuserURL(workshop), "create database "+name+" owner "+admin); err != nil {
		return err
	}
	return execute(ctx, s.superuserURL(workshop), "alter database "+name+" set statement_timeout = '2min'")
}

// execute runs statements, in one transaction if there are several.
func execute(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql)
	return err
}
