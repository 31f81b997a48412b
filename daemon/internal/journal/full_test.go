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

// TestAFullDisk runs in a process of its own, whose files may not grow: to the
// journal that is a full disk, and the limit can be lifted again.
func TestAFullDisk(t *testing.T) {
	if os.Getenv(asFull) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestAFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), asFull+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	j := open(t, t.TempDir())
	put(j, func(b *journal.Batch) { b.PutRun(journal.Run{ID: newID(), Job: "a", State: "succeeded"}) })

	var none syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &none); err != nil {
		t.Fatal(err)
	}
	full := none
	full.Cur = 200 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
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

	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &none); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); !j.OK(); time.Sleep(50 * time.Millisecond) {
		j.Retry()
		if time.Now().After(deadline) {
			t.Fatalf("there is room again, and it is not used: %+v", j.State())
		}
	}
	if s := j.State(); s.Pending != 0 || s.Lost != 0 || s.Reason != "" {
		t.Errorf("state is %+v", s)
	}
	if runs, _, err := j.Runs(journal.RunFilter{Limit: 3000}); err != nil || len(runs) != 2001 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}
