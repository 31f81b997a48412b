package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// cluster is the server with its poolers, as the warden has it.
type cluster struct {
	server
	programs programs
	account  account
	dir      string
	postgres *child // nil while it is stopped
	poolers  []*child
}

// start brings everything up. Between the look for free ports and their use somebody else may take one: then others are tried.
func (c *cluster) start() error {
	var err error
	if c.programs, err = findPrograms(); err != nil {
		return err
	}
	if c.account, err = serverAccount(); err != nil {
		return err
	}
	for range 3 {
		if err = c.boot(); err == nil {
			return nil
		}
		c.end()
	}
	return err
}

func (c *cluster) boot() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var err error
	if c.dir, err = os.MkdirTemp("", "pgtest-"); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(c.dir, 0o755), c.account.own(c.dir)); err != nil {
		return err
	}
	c.server = server{
		CA:                filepath.Join(c.dir, "ca.crt"),
		SuperuserPassword: rand.Text(), AdminPassword: rand.Text(), PoolerPassword: rand.Text(),
	}
	if c.Ports, err = freePorts(); err != nil {
		return err
	}
	if err := c.makeCertificates(); err != nil {
		return fmt.Errorf("make certificates: %w", err)
	}
	if err := c.initdb(ctx); err != nil {
		return err
	}
	if err := c.startPostgres(ctx); err != nil {
		return err
	}
	if err := c.furnish(ctx); err != nil {
		return fmt.Errorf("make the roles: %w", err)
	}
	for _, k := range []Kind{Session, Transaction} {
		p, err := c.startPooler(k)
		if err != nil {
			return err
		}
		c.poolers = append(c.poolers, p)
	}
	return c.awaitPoolers(ctx)
}

// stop ends PostgreSQL as an administrator does: open transactions are rolled back, and clients are told.
func (c *cluster) stop() error {
	if c.postgres == nil {
		return nil
	}
	c.postgres.signal(syscall.SIGINT)
	if !c.postgres.ended(patience) {
		return errors.New("stop postgres: it does not end")
	}
	c.postgres = nil
	return nil
}

// resume starts PostgreSQL again, and waits until the poolers have noticed.
func (c *cluster) resume() error {
	if c.postgres != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.startPostgres(ctx); err != nil {
		return err
	}
	return c.awaitPoolers(ctx)
}

func (c *cluster) awaitPoolers(ctx context.Context) error {
	for i, p := range c.poolers {
		if err := p.await(ctx, func() error {
			return answers(ctx, c.url(Kind(i+1), admin, c.AdminPassword, "postgres"))
		}); err != nil {
			return err
		}
	}
	return nil
}

// end ends everything at once and leaves no trace.
func (c *cluster) end() {
	for _, p := range c.poolers {
		p.signal(syscall.SIGKILL)
		p.ended(patience)
	}
	if c.postgres != nil {
		c.postgres.signal(syscall.SIGQUIT) // it takes its own children along
		if !c.postgres.ended(patience) {
			c.postgres.signal(syscall.SIGKILL)
		}
	}
	c.poolers, c.postgres = nil, nil
	if c.dir != "" {
		os.RemoveAll(c.dir)
	}
	c.dir = ""
}

// answers tells whether a server takes a client and a statement.
func answers(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "select 1")
	return err
}
