package pgtest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// initdb makes the files of a server.
func (c *cluster) initdb(ctx context.Context) error {
	secret, err := c.write("password", c.SuperuserPassword+"\n")
	if err != nil {
		return err
	}
	defer os.Remove(secret)
	data := filepath.Join(c.dir, "data")
	cmd := c.account.command(ctx, c.dir, c.programs.initdb, "--pgdata", data, "--username", superuser, "--pwfile", secret,
		"--auth", "scram-sha-256", "--no-locale", "--encoding", "UTF8", "--no-sync", "--wal-segsize", "1")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run initdb: %w\n%s", err, said.Bytes())
	}
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer conf.Close()
	_, err = fmt.Fprintf(conf, `
listen_addresses = '%s'
port = %d
unix_socket_directories = ''
max_connections = 100
shared_buffers = 16MB
min_wal_size = 5MB
fsync = off
full_page_writes = off
wal_level = logical
timezone = UTC
log_timezone = UTC
ssl = on
ssl_cert_file = '%s'
ssl_key_file = '%s'
`, loopback, c.Ports[Direct], c.certificate(), c.key())
	return err
}

func (c *cluster) startPostgres(ctx context.Context) error {
	p, err := c.run("postgres", c.programs.postgres, "-D", filepath.Join(c.dir, "data"))
	if err != nil {
		return err
	}
	c.postgres = p
	return p.await(ctx, func() error { return answers(ctx, c.superuserURL("template1")) })
}
