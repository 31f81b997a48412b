package process

import (
	"os"
	"testing"
)

func TestParseTask(t *testing.T) {
	const rest = " 1 70 71 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 123456 0 0"
	const threads = " 1 70 71 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 2 0 123456 0 0"
	for name, c := range map[string]struct {
		stat string
		dead bool
	}{
		"sleeping":               {"7 (sh) S" + rest, false},
		"blanks and parentheses": {"7 (a) S 9 (b) (c) R" + rest, false},
		"zombie":                 {"7 (sh) Z" + rest, true},
		"dying":                  {"7 (sh) X" + rest, true},
		"first thread has left":  {"7 (sh) Z" + threads, false},
	} {
		got, ok := parseTask(7, []byte(c.stat))
		want := task{pid: 7, pgid: 70, sid: 71, start: 123456, dead: c.dead}
		if !ok || got != want {
			t.Errorf("%s: got %+v, %v", name, got, ok)
		}
	}
	for _, broken := range []string{"", "7 (sh", "7 (sh) S 1 2"} {
		if got, ok := parseTask(7, []byte(broken)); ok {
			t.Errorf("%q gave %+v", broken, got)
		}
	}
}

func TestKernelClockIsThatOfStartTimes(t *testing.T) {
	start, now := startTime(os.Getpid()), kernelClock()
	const hour = 3600 * 100
	if start == 0 || now < start || now-start > hour {
		t.Errorf("started at %d, now %d", start, now)
	}
}
