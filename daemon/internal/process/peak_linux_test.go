package process

import (
	"fmt"
	"runtime/debug"
	"testing"
)

// A small run of a large daemon is not said to be as large as the daemon; a run that is larger is told of.
func TestPeakMemoryIsTheRunsOwn(t *testing.T) {
	r := newRoom(t)
	block := make([]byte, 200<<20)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	own := floor()
	if own < 200<<20 {
		t.Fatalf("floor %d bytes", own)
	}
	if e, _ := r.run(r.sh("small", "exit 0")); e.MaxRSS != 0 {
		t.Errorf("a shell is said to take %d bytes", e.MaxRSS)
	}
	large := func(id string, size int64) {
		t.Helper()
		e, _ := r.run(r.sh(id, fmt.Sprintf("dd if=/dev/zero of=/dev/null bs=%d count=1 2>/dev/null", size)))
		if e.MaxRSS < size || e.MaxRSS > size+64<<20 {
			t.Errorf("%s: %d bytes, want a little more than %d", id, e.MaxRSS, size)
		}
	}
	large("larger", own+32<<20)
	block[0]++ // it is there until now
	block = nil
	debug.FreeOSMemory()
	ForgetPeak()
	if now := floor(); now > own-100<<20 {
		t.Fatalf("the peak is still %d bytes, of %d", now, own)
	}
	large("smaller-than-before", own-64<<20)
}
