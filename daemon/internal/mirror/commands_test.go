package mirror

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// send has somebody ask something of a machine from elsewhere.
func send(m *machine, job, action string) {
	m.query(`insert into lsh.commands (host_id, user_id, job, action, args, sent_by)
		select id, user_id, $2::text, $3::text, '{"reason": "why not"}', 'ann' from lsh.hosts where id = $1::uuid`, m.id(), job, action)
}

// commands are those of a machine, each with what came of it.
func commands(m *machine) string {
	return strings.Join(m.query("select job, done_at is not null, result from lsh.commands where host_id = $1::uuid order by created_at", m.id()), " ")
}

func heard(m *machine) string {
	var all []string
	for _, c := range m.source.heard {
		all = append(all, c.Action+" "+c.Job)
	}
	return strings.Join(all, ", ")
}

func wantHeard(t *testing.T, m *machine, want string) {
	t.Helper()
	if got := heard(m); got != want {
		t.Errorf("it was asked %q, want %q", got, want)
	}
}

func wantCommands(t *testing.T, m *machine, want string) {
	t.Helper()
	if got := commands(m); got != want {
		t.Errorf("the commands are %q, want %q", got, want)
	}
}

// What is asked from elsewhere is heeded only where the settings say so, and once.
func TestCommandsArriveWhereTheyAreAccepted(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Transaction)).start()
	m.sync()
	send(m, "backup", "run")
	m.sync()
	wantHeard(t, m, "")
	m.end()

	m.database.AcceptCommands = true
	m.source.obedient = func(c Command) (string, error) {
		if c.SentBy != "ann" || string(c.Args) != `{"reason": "why not"}` {
			t.Errorf("it was sent by %s with %s", c.SentBy, c.Args)
		}
		return "it runs, with " + token, nil
	}
	m.start()
	m.sync()
	wantHeard(t, m, "run backup")
	wantCommands(t, m, "backup|t|it runs, with [redacted]")
	m.sync()
	m.end()
	m.start()
	m.sync()
	wantHeard(t, m, "run backup")

	send(m, "late", "run")
	m.query("update lsh.commands set expires_at = now() where job = 'late'")
	m.sync()
	wantHeard(t, m, "run backup")
}

// What could not be done now is asked again with the next answer, and in its turn.
func TestCommandsThatAreLeftForLater(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Direct))
	m.database.AcceptCommands = true
	m.source.obedient = func(c Command) (string, error) {
		if c.Job == "backup" && len(m.source.heard) < 4 {
			return "", errors.New("the daemon is starting")
		}
		return "done", nil
	}
	m.start()
	m.sync()
	send(m, "backup", "pause")
	send(m, "report", "skip")
	m.sync()
	m.sync()
	m.sync()
	wantHeard(t, m, "pause backup, skip report, pause backup, pause backup")
	wantCommands(t, m, "backup|t|done report|t|done")
}

// A report that is lost on its way is made again, and what it reports is not done again.
func TestCommandsWhoseReportIsLost(t *testing.T) {
	a := open(t)
	m, proxy := behind(t, a, pgtest.Direct)
	m.database.AcceptCommands = true
	m.source.obedient = func(Command) (string, error) {
		proxy.Cut()
		return "done", nil
	}
	m.start()
	m.sync()
	send(m, "backup", "run")
	if m.now() {
		t.Error("it says that all has arrived")
	}
	m.sync()
	wantHeard(t, m, "run backup")
	wantCommands(t, m, "backup|t|done")
}

// Each is done once also when an answer is lost: that with the command, and that to the report of it.
func TestCommandsWhoseAnswersAreLost(t *testing.T) {
	a := open(t)
	m, proxy := behind(t, a, pgtest.Direct)
	m.database.AcceptCommands = true
	m.start()
	m.sync()
	for i, lost := range []string{"the command", "the report"} {
		job := fmt.Sprint("job", i)
		m.live(dice(1), 5, nil)
		m.sync() // and the connection is kept
		send(m, job, "run")
		m.live(dice(2), 5, nil)
		seen := func() string {
			if lost == "the command" {
				return m.query("select last_seen_at from lsh.hosts where id = $1::uuid", m.id())[0]
			}
			return commands(m)
		}
		m.source.obedient = func(Command) (string, error) { return "", errors.New("it is for later") }
		before := seen()
		if lost == "the command" {
			proxy.Hang(pgtest.Down)
		} else {
			m.source.obedient = func(Command) (string, error) {
				proxy.Hang(pgtest.Down)
				return "done", nil
			}
		}
		over := make(chan bool)
		go func() { over <- m.now() }()
		await(t, "what is lost", func() bool { return seen() != before })
		proxy.Cut()
		proxy.Flow()
		<-over
		m.source.mu.Lock()
		m.source.obedient = nil
		m.source.mu.Unlock()
		m.sync()
		m.sync()
		if n := strings.Count(heard(m), job); n != 1 {
			t.Errorf("%s: it was asked %d times", lost, n)
		}
		if got := commands(m); !strings.HasSuffix(got, job+"|t|done") {
			t.Errorf("%s: %s", lost, got)
		}
	}
	m.equal()
}

// A command that comes while a long backlog is sent, with two batches on their way, is heeded as often as ever: once.
func TestCommandsDuringALongBacklog(t *testing.T) {
	a := open(t)
	proxy := pgtest.NewProxy(t, a.db.Address(pgtest.Direct))
	m := build(t, a, proxy.URL(a.url(pgtest.Direct)))
	m.database.AcceptCommands = true
	m.start().sync()
	for part := range 10 {
		m.put(func(b *journal.Batch) {
			for i := range longBacklog {
				b.PutRun(succeeded("backup", part*longBacklog+i))
			}
		})
	}
	proxy.Delay(20 * time.Millisecond)
	done := make(chan bool, 1)
	go func() { done <- m.mirror.Now(t.Context()) }()
	await(t, "the second connection", func() bool { return proxy.Open() == 2 })
	send(m, "backup", "pause")
	if !<-done {
		t.Fatal(m.mirror.Status().Err)
	}
	m.sync()
	wantHeard(t, m, "pause backup")
	wantCommands(t, m, "backup|t|done")
	m.equal()
}
