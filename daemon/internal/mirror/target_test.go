package mirror

import (
	"errors"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
)

// The way to another machine is encrypted and the certificate checked; or there is no way.
func TestOnlyVerifiedWays(t *testing.T) {
	t.Setenv("PGSSLMODE", "")
	for text, code := range map[string]string{
		"postgres://ann:hunter2@db.example.com/lsh?sslmode=verify-full":                         "",
		"postgres://ann:hunter2@db.example.com/lsh":                                             codeTLS, // the driver would fall back
		"postgres://ann:hunter2@db.example.com/lsh?sslmode=disable":                             codeTLS,
		"postgres://ann:hunter2@db.example.com/lsh?sslmode=allow":                               codeTLS,
		"postgres://ann:hunter2@db.example.com/lsh?sslmode=prefer":                              codeTLS,
		"postgres://ann:hunter2@db.example.com/lsh?sslmode=require":                             codeTLS,
		"postgres://ann:hunter2@db.example.com/lsh?sslmode=verify-ca":                           codeTLS,
		"postgres://ann:hunter2@10.0.0.1/lsh":                                                   codeTLS,
		"postgres://ann:hunter2@[2001:db8::1]:5432/lsh":                                         codeTLS,
		"postgres://ann:hunter2@127.0.0.1.example.com/lsh":                                      codeTLS,
		"postgres://ann:hunter2@localhost,db.example.com/lsh":                                   codeTLS, // one of two
		"host=db.example.com user=ann password=hunter2 dbname=lsh":                              codeTLS,
		"host=db.example.com user=ann password=hunter2 dbname=lsh sslmode=disable":              codeTLS,
		"postgres://ann:hunter2@127.0.0.1/lsh?sslmode=disable":                                  "",
		"postgres://ann:hunter2@127.3.2.1/lsh":                                                  "",
		"postgres://ann:hunter2@[::1]:5432/lsh":                                                 "",
		"postgres://ann:hunter2@[::ffff:127.0.0.1]:5432/lsh":                                    "",
		"postgres://ann:hunter2@localhost/lsh?sslmode=prefer":                                   "",
		"postgres:///lsh?host=/run/postgresql&user=ann&password=hunter2":                        "",
		"postgres://ann:hunter2@host:port/lsh":                                                  codeURL,
		"postgres://ann:hunter2 @db.example.com/lsh":                                            codeTLS,
		"postgres://ann:hunter2@db.example.com/lsh?sslmode=hunter2":                             codeURL,
		"postgres://ann:hunter2@db.example.com/lsh?sslmode=verify-full&connect_timeout=hunter2": codeURL,
	} {
		target, err := NewTarget(config.Database{URL: text}, nil)
		got := ""
		if err != nil {
			e := (&Target{}).errorOf(err)
			got = e.Code
			if strings.Contains(e.Message+e.Hint, "hunter2") {
				t.Errorf("%s: the password is in %q, %q", text, e.Message, e.Hint)
			}
			if e.State != StateStopped || e.Again != stopFor || e.Hint == "" {
				t.Errorf("%s: %+v", text, e)
			}
		} else if strings.Contains(target.String(), "hunter2") {
			t.Errorf("%s: the password is in %s", text, target)
		}
		if got != code {
			t.Errorf("%s: %q (%v), want %q", text, got, err, code)
		}
	}
}

// The kind of a connection is told by an address of Supabase alone.
func TestKindByAddress(t *testing.T) {
	for host, want := range map[string]string{
		"db.abcdef.supabase.co:5432":                  kindDirect,
		"db.abcdef.supabase.co:6543":                  kindTransaction,
		"aws-0-eu-central-1.pooler.supabase.com:5432": kindSession,
		"aws-0-eu-central-1.pooler.supabase.com:6543": kindTransaction,
		"postgres.example.com:5432":                   "",
		"db.abcdef.supabase.co.example.com:5432":      "",
	} {
		target, err := NewTarget(config.Database{URL: "postgres://ann:hunter2@" + host + "/postgres?sslmode=verify-full"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := target.kind(); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}

// An @ or a slash of a password that is written as it is makes the driver take a part of the password for the host or the database.
func TestPasswordThatIsTakenForTheHost(t *testing.T) {
	for _, text := range []string{
		"postgres://ann:pa@hunter2@db.example.org:5432/postgres?sslmode=verify-full", "postgres://ann:pa@hunter2@127.0.0.1/postgres",
		"postgres://ann:12/hunter2@127.0.0.1/postgres",
	} {
		target, err := NewTarget(config.Database{URL: text}, nil)
		e, is := errors.AsType[*Error](err)
		if !is || e.Code != codeURL {
			t.Errorf("%s: %v, %v", text, target, err)
			continue
		}
		if strings.Contains(e.Message+e.Hint, "hunter2") {
			t.Errorf("%s: %q, %q", text, e.Message, e.Hint)
		}
	}
	if _, err := NewTarget(config.Database{URL: "postgres://ann:pa%40hunter2@127.0.0.1/postgres?options=a@b"}, nil); err != nil {
		t.Error(err)
	}
}
