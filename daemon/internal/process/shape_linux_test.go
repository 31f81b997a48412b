package process

import (
	"os"
	"testing"
)

// By its own session a run is in a scheduling group of its own, whose nice value is what counts against other groups.
func TestNiceHoldsForTheAutogroup(t *testing.T) {
	if _, err := os.Stat("/proc/self/autogroup"); err != nil {
		t.Skip("this kernel has no autogroups")
	}
	r := newRoom(t)
	nice := 7
	for _, id := range []string{"first", "second"} { // the second may be told to try again
		s := r.sh(id, "until grep 'nice 7$' /proc/self/autogroup; do sleep 0.01; done")
		s.Nice = &nice
		r.start(s)
	}
	r.exit("first")
	r.exit("second")
}
