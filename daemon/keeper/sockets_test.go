package keeper

import (
	"os"
	"strconv"
	"testing"
)

// Listeners are taken from who addresses this process alone.
func TestHandedListeners(t *testing.T) {
	own := strconv.Itoa(os.Getpid())
	for name, c := range map[string]struct {
		pid, fds string
		want     int
	}{
		"none":            {"", "", 0},
		"to this process": {own, "0", 0},
		"to another":      {"1", "2", 0},
		"nonsense":        {own, "two", 0},
		"fewer than none": {own, "-1", 0},
		"one":             {own, "1", 1},
	} {
		t.Setenv("LISTEN_PID", c.pid)
		t.Setenv("LISTEN_FDS", c.fds)
		if got := handed(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
