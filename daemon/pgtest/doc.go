// Package pgtest gives tests a real database, as a Supabase project has it: PostgreSQL with the roles of one, and PgBouncer
// before it twice, pooling by sessions and by transactions. Only tests import it.
//
// A test binary has one server. The first test that asks for a database waits a few seconds for it, and every test gets a
// database of its own. Roles, settings and the server's being there at all are shared: a test names its roles after its
// database, and one that stops the server is not parallel.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
//	func TestPush(t *testing.T) {
//		db := pgtest.Start(t)
//		conn, err := pgx.Connect(t.Context(), db.AdminURL(pgtest.Transaction))
//
// # The warden
//
// The server is not a child of the test binary. Tests of the daemon count their children and reap them, and a server among
// these would be reaped too. Main has another process of the same binary made, before any test runs and under no parent: the
// warden. It starts and stops the server as it is asked over a pipe. When the pipe ends, because the tests are over or were
// killed, it ends the server and removes its directory.
package pgtest
