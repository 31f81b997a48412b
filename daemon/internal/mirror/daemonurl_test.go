package mirror

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
)

func TestDaemonURL(t *testing.T) {
	for _, c := range []struct{ admin, database, want string }{
		{"postgres://postgres:adm1n@localhost:5432/postgres", "postgres", "postgres://lsh_ann:made@localhost:5432/postgres"},
		{"postgresql://postgres.ref:adm1n@localhost/other?sslmode=verify-full", "other", "postgresql://lsh_ann:made@localhost/other?sslmode=verify-full"},
		// The server has taken the admin's name for the database's, and would take the login's.
		{"postgres://postgres:adm1n@localhost", "postgres", "postgres://lsh_ann:made@localhost/postgres"},
		{"postgres://localhost/?user=postgres&password=adm1n&dbname=x", "x", "postgres://lsh_ann:made@localhost/x"},
		{"postgres://postgres:adm%31n@[::1]:6543/p%20q", "p q", "postgres://lsh_ann:made@[::1]:6543/p%20q"},
		{"postgres:///postgres?host=/run/pg&user=postgres", "postgres", "postgres://lsh_ann:made@/postgres?host=%2Frun%2Fpg"},
	} {
		target, err := NewTarget(config.Database{URL: c.admin}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := daemonURL(target, c.admin, c.database, "lsh_ann", "made")
		if err != nil || got != c.want {
			t.Errorf("of %s:\ngot  %s, %v\nwant %s", c.admin, got, err, c.want)
		}
		if again, err := NewTarget(config.Database{URL: got}, nil); err != nil || again.address() != target.address() || again.database() != c.database {
			t.Errorf("the driver reads %s as %v, %v, want the database of %v", got, again, err, target)
		}
	}
}

// A daemon stands in another directory.
func TestDaemonURLNamesItsRootCertificateInFull(t *testing.T) {
	root, err := filepath.Abs("root.crt")
	if err != nil {
		t.Fatal(err)
	}
	const admin = "postgres://postgres@localhost/postgres?sslmode=disable"
	target, err := NewTarget(config.Database{URL: admin}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := daemonURL(target, admin+"&sslrootcert=root.crt", "postgres", "lsh_ann", "")
	if want := "sslrootcert=" + url.QueryEscape(root); err != nil || !strings.Contains(got, want) {
		t.Errorf("URL is %s, %v, want %s in it", got, err, want)
	}
}

func TestAdminURLIsRefusedInWordsOfTheFlags(t *testing.T) {
	for admin, says := range map[string]string{
		"host=localhost user=postgres password=adm1n":         "read --admin-url: it does not begin with postgres://",
		"postgres://postgres:adm1n@%%%":                       "read --admin-url: it is no URL of a Postgres database",
		"postgres://postgres:adm1n@example.com/postgres":      "connect to example.com: without sslmode=verify-full",
		"postgres://postgres:adm1n@localhost:1/postgres":      "reach localhost:1: ",
		"mysql://postgres:adm1n@localhost/postgres?x=adm%31n": "read --admin-url: ",
	} {
		_, err := Init(t.Context(), InitOptions{AdminURL: admin, User: "ann"})
		e, is := err.(*Error)
		if !is || !strings.HasPrefix(e.Message, says) || e.Hint == "" {
			t.Errorf("%s: %v, want %q and a hint", admin, err, says)
			continue
		}
		if all := e.Message + e.Hint; strings.Contains(all, "adm1n") || strings.Contains(all, "database.url") {
			t.Errorf("%s: it is said %q, hint %q", admin, e.Message, e.Hint)
		}
	}
}
