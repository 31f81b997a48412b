package mirror

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// trim cuts the changes that were noted so far, as the journal's upkeep does when there are very many.
func (m *machine) trim() {
	m.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(m.dir, "journal.db"))
	m.check(err)
	defer db.Close()
	_, err = db.Exec("DELETE FROM changes")
	m.check(err)
}

// away has a machine live while the database is away, until the changes that it has not had are cut.
func away(m *machine) {
	m.live(dice(2), 60, nil)
	m.trim()
	m.live(dice(3), 20, nil)
}

// Where the changes that the database lacks were cut, all rows are sent, and what is no more goes.
func TestChangesThatWereCut(t *testing.T) {
	a := open(t)
	for name, between := range map[string]func(m *machine){
		"for a worker that is there":       func(*machine) {},
		"before another worker":            func(m *machine) { m.end(); m.start() },
		"for a worker that has no changes": func(m *machine) { m.trim() },
	} {
		t.Run(name, func(t *testing.T) { cutChanges(t, a, between) })
	}
}

func cutChanges(t *testing.T, a account, between func(m *machine)) {
	m := build(t, a, a.url(pgtest.Direct)).start()
	m.live(dice(1), 60, nil)
	m.put(func(b *journal.Batch) {
		b.PutJob(journal.Job{Name: "former"})
		b.PutSlots(journal.Slot{Job: "backup", At: at(30000), Last: at(40000), Count: 9, Outcome: "missed"})
	})
	m.sync()
	m.end()
	m.start()
	m.sync()
	m.put(func(b *journal.Batch) {
		b.CutSlots("backup", at(30000))
		b.RenameJob("former", "present")
	})
	away(m)
	between(m)
	m.sync()
	m.equal()
	m.live(dice(4), 20, nil)
	m.sync()
	m.equal()
	for what, n := range map[string]string{
		"slot that is no more": "select from lsh.slots where host_id = $1::uuid and at = '" + at(30000).Format(time.RFC3339) + "'",
		"job that is no more":  "select from lsh.jobs where host_id = $1::uuid and name = 'former'",
	} {
		if len(m.query(n, m.id())) != 0 {
			t.Errorf("the %s is there", what)
		}
	}
}

// A snapshot goes on where it was broken off: by a failing server, a killed worker, and with changes between.
func TestSnapshotThatIsBrokenOff(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Transaction)).start()
	m.live(dice(1), 60, nil)
	m.sync()
	m.end()
	m.start()
	m.sync()
	m.put(func(b *journal.Batch) {
		b.PutOverride(journal.Override{ID: "kept", Job: "kept", Kind: "pause", Created: at(0)})
	})
	away(m)
	m.end()
	for i, name := range []string{"runs", "slots", "slots", "runs", "slots"} {
		mend := a.refuse(t, name)
		m.start()
		if m.now() {
			t.Fatalf("it says that all has arrived, and %s cannot be written", name)
		}
		if s := m.mirror.Status(); s.Err == nil || s.Err.Code != codeServer || s.Backlog == 0 {
			t.Errorf("the status is %+v", s)
		}
		m.live(dice(uint64(10+i)), 10, nil) // also jobs that have sent and not sent rows get other names
		if i%2 == 0 {
			m.crash()
		} else {
			m.end()
		}
		mend()
	}
	s := m.mirror.state.Snapshot
	m.start()
	m.sync()
	m.equal()
	// What has not changed since has been sent by the first of the workers.
	if s == nil || m.query("select seq from lsh.overrides where host_id = $1::uuid and id = 'kept'", m.id())[0] != fmt.Sprint(s.Seq) {
		t.Errorf("the snapshot was begun anew: %+v", s)
	}
}
