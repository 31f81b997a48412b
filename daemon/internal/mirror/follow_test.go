package mirror

import (
	"flag"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// drawn draws from rapid, so that a failure is brought down to the fewest doings.
type drawn struct{ t *rapid.T }

func (d drawn) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "chance") }

// Whatever happens to the journal, and whenever the mirror looks or is replaced by another, all arrives as it is.
func TestReplicaFollowsWhateverHappens(t *testing.T) {
	fewer(t, "30")
	a := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "mirror")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		m := assemble(rt, a, a.url(pgtest.Transaction), dir).start()
		defer m.end()
		m.live(drawn{rt}, rapid.IntRange(1, 40).Draw(rt, "steps"), func(int) {
			switch rapid.IntRange(0, 9).Draw(rt, "look") {
			case 0, 1:
				m.sync()
			case 2:
				m.end()
				m.start()
			}
		})
		m.sync()
		m.equal()
	})
}

// Rows of the ledger that go, since they were cut or have become a part of another, go in the database.
func TestSlotsThatGo(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Transaction)).start()
	runs := []journal.Run{succeeded("backup", 0), succeeded("backup", 10), succeeded("backup", 20)}
	m.put(func(b *journal.Batch) {
		for _, r := range runs {
			b.PutRun(r)
			b.PutSlots(journal.Slot{Job: "backup", At: r.Scheduled, Outcome: "ran", Run: r.ID})
		}
		b.PutSlots(journal.Slot{Job: "backup", At: at(30), Last: at(90), Count: 6, Outcome: "missed"})
	})
	m.sync()
	m.equal()
	m.check(m.journal.Forget([]string{runs[0].ID, runs[1].ID}))
	m.put(func(b *journal.Batch) { b.CutSlots("backup", at(50)) })
	m.sync()
	m.equal()
	if n := len(m.query("select from lsh.slots where host_id = $1::uuid", m.id())); n != 2 {
		t.Errorf("there are %d rows of the ledger, want the stretch and the last run's", n)
	}
	if n := len(m.query("select from lsh.runs where host_id = $1::uuid", m.id())); n != len(runs) {
		t.Errorf("there are %d runs: the database keeps them longer", n)
	}
}

// fewer has rapid do fewer checks than its default, since each talks to a real server.
func fewer(t *testing.T, checks string) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f.Value.String() != f.DefValue {
		return
	}
	if err := f.Value.Set(checks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(f.DefValue) })
}
