package mirror

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// No secret is in any row, in the log or in the status: whatever text it is in, however its connection is made, also when rows are refused.
func TestNoSecretLeaves(t *testing.T) {
	a := open(t)
	a.db.Superuser(t, "alter table lsh.runs add constraint unlucky check (trigger <> 'unlucky')")
	for name, set := range map[string]func(m *machine){
		"with a password in the URL": func(*machine) {},
		"with a password from a command": func(m *machine) {
			m.database.URL = with(m.database.URL, func(u *url.URL) { u.User = url.User(u.User.Username()) })
			m.database.PasswordCommand = []string{"pass", "lsh"}
			m.run = func(context.Context, []string) (string, error) { return a.password + "\n", nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := build(t, a, a.url(pgtest.Session))
			m.database.Redact = []*regexp.Regexp{regexp.MustCompile(`sk_[a-z0-9]+`)}
			m.database.Output, m.database.AcceptCommands = config.TailsOfAll, true
			set(m)
			secrets := []string{token, a.password, "sk_live123", "url-passw0rd", "l1ne-one", "l1ne-two"}
			m.source.secrets = append(m.source.secrets, "l1ne-one\nl1ne-two\n")
			text := strings.Join(secrets[:3], " ") + " postgres://ann:url-passw0rd@host/db l1ne-one\n  l1ne-two"
			m.source.obedient = func(Command) (string, error) { return text, nil }
			m.start()
			m.sync()
			id := m.id()
			send(m, "backup", "run")
			quoted := encode(text)
			m.put(func(b *journal.Batch) {
				for _, trigger := range []string{"manual", "unlucky"} {
					r := succeeded("backup", 0)
					r.Trigger, r.Reason, r.OutputLost = trigger, text, text
					m.source.printed(r.ID, strings.Repeat(text+"\n", 200))
					b.PutRun(r)
				}
				b.PutSlots(journal.Slot{Job: "backup", At: at(0), Outcome: "skipped", Reason: text})
				b.PutJob(journal.Job{Name: "report", Owner: []byte(`{"args": [` + quoted + `]}`), Definition: text})
				b.PutOverride(journal.Override{ID: "o1", Job: "backup", Kind: "pause", Reason: text, Owner: []byte(quoted), Created: at(0)})
				b.EndOverride("o1", at(1), text)
				b.AddGeneration(journal.Generation{
					Number: 1, Accepted: at(0), Reason: text, Summary: []byte(`{"changes": [{"from": ` + quoted + `}]}`), Owner: []byte(`{"user": ` + quoted + `}`),
					Files: []journal.File{{Path: "/home/ann/jobs.yaml", Text: text}},
				})
				b.AddEvent(journal.Event{Seq: 1, Time: time.Now(), Kind: "said", Message: text})
			})
			m.sync()
			if m.mirror.Status().SetAside != 1 {
				t.Errorf("%d are set aside", m.mirror.Status().SetAside)
			}
			var dump []string
			for table := range keyColumns {
				rows := m.query(fmt.Sprintf("select t::text from lsh.%s t where host_id = $1::uuid", table), id)
				if len(rows) == 0 {
					t.Errorf("%s has no rows", table)
				}
				dump = append(dump, rows...)
			}
			dump = append(dump, m.query("select t::text from lsh.commands t where host_id = $1::uuid", id)...)
			dump = append(dump, m.query("select t::text from lsh.hosts t where id = $1::uuid", id)...)
			if n := strings.Count(strings.Join(dump, "\n"), redacted); n < 20 {
				t.Errorf("something was redacted %d times", n)
			}
			// Then something goes wrong.
			a.db.Superuser(t, "alter role "+a.role+" rename to somebody_else")
			m.end()
			m.start()
			if m.now() {
				t.Error("it logs in under a name that is not there")
			}
			a.db.Superuser(t, "alter role somebody_else rename to "+a.role+"; alter role "+a.role+" password '"+a.password+"'")
			s := m.mirror.Status()
			saved, err := m.journal.Replica()
			m.check(err)
			for what, text := range map[string]string{
				"a row": strings.Join(dump, "\n"), "the log": m.log.String(), "the status": fmt.Sprintf("%+v %+v", s, s.Err), "the state": string(saved),
			} {
				for _, secret := range secrets {
					if i := strings.Index(text, secret); i >= 0 {
						t.Errorf("%q is in %s: …%s…", secret, what, text[max(0, i-100):min(len(text), i+100)])
					}
				}
			}
		})
	}
}
