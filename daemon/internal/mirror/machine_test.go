package mirror

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// account is a person's login to a database.
type account struct {
	t        testing.TB
	db       *pgtest.Database
	role     string
	password string
}

// open makes a database with the schema, and the login of a person who has the same name.
func open(t testing.TB) account {
	t.Helper()
	return enlist(t, pgtest.Start(t), "")
}

// enlist makes the login of a person. The name begins with the database's, since the roles of a server are all in common.
func enlist(t testing.TB, db *pgtest.Database, suffix string) account {
	t.Helper()
	r, err := Init(t.Context(), InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: db.Name + suffix})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return account{t: t, db: db, role: r.Role, password: password}
}

func (a account) url(k pgtest.Kind) string { return a.db.URL(k, a.role, a.password) }

// refuse has the server fail whenever a row of a table is written, until it is mended.
func (a account) refuse(t testing.TB, table string) (mend func()) {
	t.Helper()
	a.db.Superuser(t, `create function public.fail() returns trigger language plpgsql as $$ begin
			raise exception 'not now' using errcode = 'XX000'; end $$;
		create trigger fail before insert or update on lsh.`+table+` execute function public.fail()`)
	return func() { a.db.Superuser(t, "drop function public.fail() cascade") }
}

// machine is one of a person's machines: a journal and the mirror of it, as a daemon has them.
type machine struct {
	t        rapid.TB
	account  account
	dir      string
	hardware string
	database config.Database
	run      Run // of the password command
	source   *source
	log      *logged
	doings   []doing
	second   int // up to which it has lived

	journal *journal.Journal
	mirror  *Mirror
	stop    context.CancelFunc
	ran     chan struct{}
}

// build makes a machine that syncs to a URL. It is not started.
func build(t testing.TB, a account, way string) *machine {
	t.Helper()
	m := assemble(t, a, way, t.TempDir())
	t.Cleanup(m.end)
	return m
}

func assemble(t rapid.TB, a account, way, dir string) *machine {
	return &machine{
		t: t, account: a, dir: dir, hardware: "machine-1", database: config.Database{URL: way}, source: newSource(), log: &logged{}, doings: all(),
	}
}

// start starts a worker.
func (m *machine) start() *machine {
	m.t.Helper()
	log := slog.New(slog.NewTextHandler(m.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if m.journal, err = journal.Open(m.dir, log); err != nil {
		m.t.Fatal(err)
	}
	m.mirror, err = New(Options{
		Log: log, Journal: m.journal, Database: m.database, Dir: m.dir, Source: m.source, Run: m.run,
		Host: Host{Name: "laptop", User: "ann", MachineID: m.hardware, OS: "linux", Arch: "amd64", Version: "1.0"},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan struct{})
	m.stop, m.ran = stop, ran
	go func() {
		defer close(ran)
		m.mirror.Run(ctx)
	}()
	return m
}

// end ends the worker as one ends that is followed by another.
func (m *machine) end() {
	if m.stop == nil {
		return
	}
	m.stop()
	<-m.ran
	m.mirror.End(false)
	m.crash()
}

// crash leaves without a word to the database.
func (m *machine) crash() {
	m.stop()
	<-m.ran
	m.stop = nil
	m.mirror.disconnect()
	if err := m.journal.Close(); err != nil {
		m.t.Error(err)
	}
}

// now syncs at once, and tells whether all has arrived.
func (m *machine) now() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return m.mirror.Now(ctx)
}

// sync syncs until all has arrived.
func (m *machine) sync() {
	m.t.Helper()
	if !m.now() {
		m.t.Fatalf("sync: %v", m.mirror.Status().Err)
	}
}

// id is of the host.
func (m *machine) id() string { return m.mirror.Status().HostID }

// put writes to the journal.
func (m *machine) put(f func(b *journal.Batch)) {
	b := journal.Batch{Durable: true}
	f(&b)
	m.journal.Write(&b)
}

// copyTo copies the state directory's files, as a backup does.
func (m *machine) copyTo(dir string) {
	m.t.Helper()
	if err := os.CopyFS(dir, os.DirFS(m.dir)); err != nil {
		m.t.Fatal(err)
	}
	// What of the database is in use where is no part of a copy.
	if err := os.Remove(filepath.Join(dir, "journal.db-shm")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.t.Fatal(err)
	}
}

// restore puts the files of a copy in the place of those that are there.
func (m *machine) restore(dir string) {
	m.t.Helper()
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(m.dir, e.Name())); err != nil {
			m.t.Fatal(err)
		}
	}
	if err := os.CopyFS(m.dir, os.DirFS(dir)); err != nil {
		m.t.Fatal(err)
	}
}

// query asks the database as one who sees all.
func (m *machine) query(sql string, args ...any) []string {
	return m.account.db.Query(m.account.t, sql, args...)
}

// logged is what the log has.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// source is what a daemon tells its mirror.
type source struct {
	mu       sync.Mutex
	secrets  []string
	version  int
	tails    map[string]string // by run
	heard    []Command
	obedient func(c Command) (string, error)
}

// token is a secret that every machine has.
const token = "s3cret-t0ken"

func newSource() *source { return &source{secrets: []string{token}, tails: map[string]string{}} }

func (s *source) Declared(job string) *Spec {
	if job == "undeclared" {
		return nil
	}
	return &Spec{Schedule: []string{"@every 1m"}, Enabled: true, Here: true, Fields: map[string]string{"command": job + " --token " + token}}
}

func (s *source) Secrets(known int) ([]string, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known == s.version {
		return nil, known
	}
	return append([]string(nil), s.secrets...), s.version
}

func (s *source) Tail(r journal.Run, most int64) ([]Piece, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.tails[r.ID]
	if text == "" {
		return nil, false
	}
	from := max(0, int64(len(text))-most)
	return []Piece{{Text: []byte(text[from:])}}, from > 0
}

func (s *source) Command(_ context.Context, c Command) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, c)
	if s.obedient == nil {
		return "done", nil
	}
	return s.obedient(c)
}

// printed has a run have printed something.
func (s *source) printed(run, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tails[run] = text
}
