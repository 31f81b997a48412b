package mirror

import (
	"slices"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// held are the positions of the runs that the journal must keep.
func held(m *machine, runs []journal.Run) []int {
	h := m.mirror.Held(runs)
	var at []int
	for i, r := range runs {
		if h[r.ID] {
			at = append(at, i)
		}
	}
	return at
}

// The journal keeps a run until the database has it as it is, also when the worker is another, the changes were cut or the database
// begins anew.
func TestRunsAreHeldUntilTheyHaveArrived(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Direct)).start()
	want := func(when string, runs []journal.Run, want ...int) {
		t.Helper()
		if got := held(m, runs); !slices.Equal(got, want) {
			t.Errorf("%s it holds %v, want %v", when, got, want)
		}
	}
	write := func(runs ...journal.Run) {
		m.put(func(b *journal.Batch) {
			for _, r := range runs {
				b.PutRun(r)
			}
		})
	}
	long := succeeded("backup", 0)
	long.Ended = time.Now().Add(-time.Hour)
	runs := []journal.Run{long, succeeded("backup", 10), succeeded("report", 20)}
	mend := a.refuse(t, "runs") // before the first round may have them
	write(runs...)
	m.now()
	want("before any has arrived", runs, 0, 1, 2)
	mend()
	m.sync()
	want("when all have arrived", runs)
	runs[1].Reason = "another word"
	write(runs[1])
	want("when one has changed", runs, 1)
	m.crash()
	mend = a.refuse(t, "runs")
	m.start()
	if m.now() {
		t.Fatal("it arrived")
	}
	if got := held(m, runs); !slices.Contains(got, 1) {
		t.Errorf("another worker holds %v", got)
	}
	fresh := succeeded("backup", 30)
	fresh.Ended = time.Now()
	runs = append(runs, fresh)
	write(fresh)
	m.trim()
	got := held(m, runs)
	if !slices.Contains(got, 3) {
		t.Errorf("when the changes were cut it holds %v", got)
	}
	mend()
	m.sync()
	m.equal()
	a.db.Superuser(t, "delete from lsh.hosts")
	mend = a.refuse(t, "runs")
	m.now()
	want("when the database begins anew", runs, 0, 1, 2, 3)
	mend()
	m.sync()
	want("when all have arrived again", runs)
	m.equal()
}

func TestBackoff(t *testing.T) {
	for failures, most := range map[int]time.Duration{
		0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second, 8: 256 * time.Second, 9: 5 * time.Minute, 1000: 5 * time.Minute,
	} {
		shortest, longest := time.Hour, time.Duration(0)
		for range 1000 {
			wait := backoff(failures)
			shortest, longest = min(shortest, wait), max(longest, wait)
		}
		if shortest < most/10 || longest > most || longest-shortest < most/2 {
			t.Errorf("after %d failures it waits between %v and %v", failures, shortest, longest)
		}
	}
}

// What is known of the replica outlives a worker whose settings could not be used.
func TestStateOutlivesWrongSettings(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Direct)).start()
	m.live(dice(1), 10, nil)
	m.sync()
	m.end()
	m.database.CACert = "/nowhere/ca.crt"
	m.start()
	if m.now() {
		t.Error("it says that all has arrived")
	}
	m.end()
	m.database.CACert = ""
	mend := a.refuse(t, "runs")
	defer mend()
	m.start()
	if s := m.mirror.Status(); s.Kind != "direct" || s.Acked == 0 || s.LastAck.IsZero() {
		t.Errorf("the status is %+v", s)
	}
}
