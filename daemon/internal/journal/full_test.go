package journal_test

import (
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

const asFull = "LSH_TEST_FULL_DISK"

// onFullDisk has f done in a process of its own, where fill takes the room from all files of the process and free gives it
// back: no file may grow beyond a limit, and the limit can be lifted again.
func onFullDisk(t *testing.T, f func(fill, free func())) {
	t.Helper()
	if os.Getenv(asFull) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), asFull+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	var none syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &none); err != nil {
		t.Fatal(err)
	}
	set := func(limit syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	full := none
	full.Cur = 200 << 10
	f(func() { set(full) }, func() { set(none) })
}

// untilWritten waits until a journal uses the room that there is again.
func untilWritten(t *testing.T, j *journal.Journal) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !j.OK(); time.Sleep(50 * time.Millisecond) {
		j.Retry()
		if time.Now().After(deadline) {
			t.Fatalf("there is room again, and it is not used: %+v", j.State())
		}
	}
}

func TestAFullDisk(t *testing.T) {
	onFullDisk(t, func(fill, free func()) { testAFullDisk(t, fill, free) })
}

func testAFullDisk(t *testing.T, fill, free func()) {
	j := open(t, t.TempDir())
	put(j, func(b *journal.Batch) { b.PutRun(journal.Run{ID: newID(), Job: "a", State: "succeeded"}) })
	fill()
	var ids []string
	for i := range 2000 {
		id := newID()
		ids = append(ids, id)
		put(j, func(b *journal.Batch) {
			b.PutRun(journal.Run{ID: id, Job: "a", State: "queued", Reason: strings.Repeat("x", 100)})
			b.PutRun(journal.Run{ID: id, Job: "a", State: "succeeded", Reason: strings.Repeat("x", 100)})
			b.PutSlots(slot(i, "ran", strings.Repeat("y", 100)))
		})
	}
	s := j.State()
	if s.OK || s.Pending == 0 || !strings.Contains(s.Reason, "in memory only") {
		t.Fatalf("state is %+v", s)
	}
	// What is in memory is read like what is written.
	for _, id := range []string{ids[0], ids[1999]} {
		if r, ok, err := j.Run(id); err != nil || !ok || r.State != "succeeded" {
			t.Errorf("run %s is %+v, %v", id, r, err)
		}
	}
	if runs, _, err := j.Runs(journal.RunFilter{Limit: 3000}); err != nil || len(runs) != 2001 || runs[0].ID != ids[1999] {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	slots, err := j.Slots("tick", at(0), at(3600), 0)
	count := 0
	for _, s := range slots {
		count += s.Count
	}
	if err != nil || count != 2000 {
		t.Errorf("%d slots, %v", count, err)
	}

	free()
	untilWritten(t, j)
	if s := j.State(); s.Pending != 0 || s.Lost.Rows != 0 || s.Reason != "" {
		t.Errorf("state is %+v", s)
	}
	if runs, _, err := j.Runs(journal.RunFilter{Limit: 3000}); err != nil || len(runs) != 2001 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

func TestWhatAFullDiskCostsIsRemembered(t *testing.T) {
	onFullDisk(t, func(fill, free func()) {
		dir := t.TempDir()
		j := open(t, dir)
		var told []journal.Recovery
		j.Recovered = func(r journal.Recovery) { told = append(told, r) }
		began := time.Now()
		fill()
		const all = 12_000
		for range all / 2 {
			put(j, func(b *journal.Batch) {
				b.PutRun(journal.Run{ID: newID(), Job: "a", State: "succeeded", Reason: strings.Repeat("x", 100)})
				b.PutSlots(slot(0, "ran", ""))
			})
		}
		s := j.State()
		if s.OK || s.Lost.Rows == 0 || s.Lost.Since.Before(began) || s.Pending < 5000 || len(told) > 0 {
			t.Fatalf("state is %+v, and recoveries are %+v", s, told)
		}
		free()
		untilWritten(t, j)
		lost := j.State().Lost
		if len(told) != 1 || told[0].Loss != lost || told[0].Kept != s.Pending || lost.Rows != s.Lost.Rows || !lost.Until.After(lost.Since) {
			t.Errorf("state is %+v, and recoveries are %+v", j.State(), told)
		}
		j.Maintain(t.Context())
		j.Close()
		if again := open(t, dir).State().Lost; again != lost {
			t.Errorf("the next worker knows of %+v, want %+v", again, lost)
		}
	})
}
