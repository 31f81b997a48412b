package pgtest

import "fmt"

// poolSize is how many connections to the server the clients of one role and database share. By transactions they are few,
// so that a client really does change its server's process.
func poolSize(k Kind) int {
	if k == Transaction {
		return 3
	}
	return 15
}

// startPooler starts PgBouncer. It refuses what it does not know among a client's start-up parameters, as a project's pooler
// does, and has another look for a server that was away soon. Without a root certificate of its own it would not start where
// the system has none.
func (c *cluster) startPooler(k Kind) (*child, error) {
	// Each has a file of its own: one that is written again is empty for a moment, and may be read in it.
	secrets, err := c.write(k.String()+".users", fmt.Sprintf("%q %q\n", poolerUse, c.PoolerPassword))
	if err != nil {
		return nil, err
	}
	settings, err := c.write(k.String()+".ini", fmt.Sprintf(`
[databases]
* = host=%s port=%d
[pgbouncer]
listen_addr = %s
listen_port = %d
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s
auth_user = %s
auth_query = select username, secret from pgbouncer.get_auth($1)
pool_mode = %s
default_pool_size = %d
max_client_conn = 200
server_login_retry = 1
client_tls_sslmode = allow
client_tls_ca_file = %s
client_tls_cert_file = %s
client_tls_key_file = %s
`, loopback, c.Ports[Direct], loopback, c.Ports[k], secrets, poolerUse, k, poolSize(k), c.CA, c.certificate(), c.key()))
	if err != nil {
		return nil, err
	}
	return c.run(k.String(), c.programs.pgbouncer, settings)
}
