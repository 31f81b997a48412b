package mirror

import (
	"flag"
	"os"
	"testing"

	"pgregory.net/rapid"

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
