package mirror

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lsh-project/lsh/config"
)

// Servers and poolers have codes, words or both.
func TestClassesOfErrors(t *testing.T) {
	target, err := NewTarget(config.Database{URL: "postgres://ann:hunter2@db.abcdef.supabase.co/postgres?sslmode=verify-full"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	said := func(code, message string) error {
		return fmt.Errorf("push: %w", &pgconn.PgError{Severity: "FATAL", Code: code, Message: message})
	}
	system := func(e syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", e)}
	}
	for _, c := range []struct {
		err  error
		code string
	}{
		{said("28P01", `password authentication failed for user "ann"`), codeAuth},
		{said("28000", "no pg_hba.conf entry"), codeAuth},
		{said("08P01", "SASL authentication failed"), codeAuth},
		{said("08P01", "no such user: ann"), codeAuth},
		{said("08P01", "bouncer config error"), codeAuth},
		{said("XX000", "Tenant or user not found"), codeTenant},
		{said("XX000", "(ENOTFOUND) tenant/user postgres.abcdef not found"), codeTenant},
		{said("3D000", `database "x" does not exist`), codeDatabase},
		{said("08P01", `database "x" does not exist`), codeDatabase},
		{said("08P01", "no such database: x"), codeDatabase},
		{said("08P01", `server login has been failing, cached error: database "x" does not exist (server_login_retry)`), codeDatabase},
		{said("08P01", "server login has been failing, try again later (server_login_retry)"), codeDown},
		{said("25006", "cannot execute UPDATE in a read-only transaction"), codeReadOnly},
		{said("53100", "could not extend file: No space left on device"), codeDisk},
		{said("53300", "remaining connection slots are reserved"), codeFull},
		{said("08P01", "no more connections allowed (max_client_conn)"), codeFull},
		{said("XX000", "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size"), codeFull},
		{said("08P01", "query_wait_timeout"), codeFull},
		{said("42P01", `relation "lsh.runs" does not exist`), codeSchema},
		{said("42883", "function lsh.push does not exist"), codeSchema},
		{said("3F000", `schema "lsh" does not exist`), codeSchema},
		{said("42501", "permission denied for schema lsh"), codeDenied},
		{said("LS001", "lsh: role ann is nobody's"), codeNobody},
		{said("57P01", "terminating connection due to administrator command"), codeDown},
		{said("57P03", "the database system is starting up"), codeDown},
		{said("08P01", "server conn crashed?"), codeDown},
		{said("57014", "canceling statement due to statement timeout"), codeTimeout},
		{said("55P03", "canceling statement due to lock timeout"), codeTimeout},
		{said("22P05", "unsupported Unicode escape sequence"), codeData},
		{said("23514", "new row violates check constraint"), codeData},
		{said("XX001", "invalid page in block 7"), codeServer},
		{said("P0001", "not this row"), codeData},
		{context.DeadlineExceeded, codeTimeout},
		{&net.DNSError{Err: "no such host", Name: "db.abcdef.supabase.co", IsNotFound: true}, codeName},
		{&net.DNSError{Err: "i/o timeout", IsTimeout: true}, codeTimeout},
		{x509.UnknownAuthorityError{}, codeCertificate},
		{errors.New("server refused TLS connection"), codeCertificate},
		{system(syscall.ENETUNREACH), codeNoRoute},
		{system(syscall.EHOSTUNREACH), codeNoRoute},
		{system(syscall.ECONNREFUSED), codeUnreachable},
		{system(syscall.ECONNRESET), codeUnreachable},
		{&Error{Code: codeFenced}, codeFenced},
	} {
		e := target.errorOf(c.err)
		if e.Code != c.code {
			t.Errorf("%v: %s, want %s", c.err, e.Code, c.code)
		}
		if c.code != codeFenced && (e.Hint == "" || e.State == "" || e.State == StateOK) {
			t.Errorf("%v: %+v", c.err, e)
		}
	}
	if e := target.errorOf(system(syscall.ENETUNREACH)); e.Hint != directHint {
		t.Errorf("without a route to a direct host: %s", e.Hint)
	}
	if e := target.errorOf(nil); e != nil {
		t.Error("nothing is wrong, and it is", e)
	}
}
