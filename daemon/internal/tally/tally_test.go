package tally_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/lsh-project/lsh/daemon/internal/tally"
)

func open(t *testing.T, path, boot string) (*tally.Tally, tally.Former) {
	t.Helper()
	notes, former, err := tally.Open(path, boot)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { notes.Close() })
	return notes, former
}

func note(t *testing.T, notes *tally.Tally, run string, pid int) {
	t.Helper()
	if err := notes.Started(tally.Started{Run: run, Pid: pid, Start: 5}); err != nil {
		t.Fatal(err)
	}
	if err := notes.Ended(tally.Ended{Run: run, Pid: pid, Code: 3}); err != nil {
		t.Fatal(err)
	}
}

func TestTheNextWorkerReadsWhatWasNoted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tally")
	notes, _ := open(t, path, "boot")
	note(t, notes, "a", 7)
	// A line torn in the middle, as a full disk leaves it.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"ended":{"run":"b","pi`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	again, former := open(t, path, "boot")
	if s := former.Started["a"]; s.Pid != 7 || s.Start != 5 {
		t.Errorf("start is %+v", s)
	}
	if e := former.Ended["a"]; e.Code != 3 || len(former.Ended) != 1 {
		t.Errorf("ends are %+v", former.Ended)
	}
	note(t, again, "c", 8)
	if _, former = open(t, path, "boot"); former.Ended["c"].Pid != 8 {
		t.Errorf("what came after the torn line is lost: %+v", former)
	}
	if _, former = open(t, path, "another boot"); len(former.Started)+len(former.Ended) != 0 {
		t.Errorf("another boot knows %+v", former)
	}
}

func TestItIsEmptiedWhenAllIsSettledAndNotBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tally")
	notes, _ := open(t, path, "boot")
	const many = 2000
	for i := range many {
		note(t, notes, fmt.Sprint("run-", i), i)
	}
	notes.Settle(2*many - 1)
	if _, former := open(t, path, "boot"); len(former.Ended) != many {
		t.Errorf("%d ends are left of %d, one of which is not settled", len(former.Ended), many)
	}
	notes.Settle(1)
	if info, err := os.Stat(path); err != nil || info.Size() > 100 {
		t.Errorf("it has %d bytes, %v", info.Size(), err)
	}
	note(t, notes, "next", 1)
	if _, former := open(t, path, "boot"); len(former.Ended) != 1 {
		t.Errorf("after that it has %+v", former)
	}
}
