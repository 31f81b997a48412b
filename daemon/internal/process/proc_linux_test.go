package process

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestParseTask(t *testing.T) {
	stat := func(head string, flags uint64, threads, env, envEnd int) string {
		return fmt.Sprintf("7 %s 1 70 71 0 -1 %d 0 0 0 0 0 0 0 0 20 0 %d 0 123456 %s%d %d 0\n",
			head, flags, threads, strings.Repeat("0 ", statEnv-statStart-1), env, envEnd)
	}
	for name, c := range map[string]struct {
		stat               string
		dead, kernel, bare bool
	}{
		"sleeping":               {stat("(sh) S", 0, 1, 90, 99), false, false, false},
		"blanks and parentheses": {stat("(a) S 9 (b) (c) R", 0, 1, 90, 99), false, false, false},
		"zombie":                 {stat("(sh) Z", 0, 1, 90, 99), true, false, false},
		"dying":                  {stat("(sh) X", 0, 1, 90, 99), true, false, false},
		"first thread has left":  {stat("(sh) Z", 0, 2, 90, 99), false, false, false},
		"in the middle of exec":  {stat("(sh) R", 0, 1, 0, 0), false, false, false},
		"empty environment":      {stat("(sh) R", 0, 1, 90, 90), false, false, true},
		"kernel thread":          {stat("(kworker/0:1) I", kernelThread, 1, 0, 0), false, true, false},
	} {
		got, ok := parseTask(7, []byte(c.stat))
		want := task{pid: 7, pgid: 70, sid: 71, start: 123456, dead: c.dead, kernel: c.kernel, bare: c.bare}
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

func TestMarkOf(t *testing.T) {
	for env, want := range map[string]string{
		"A=1\x00LSH_RUN_ID=r1\x00B=2\x00":  "r1",
		"LSH_RUN_ID=r1":                    "r1",
		"XLSH_RUN_ID=r1\x00LSH_RUN_IDS=r1": "",
		"A=LSH_RUN_ID=r1\x00":              "",
		"":                                 "",
	} {
		if got := markOf([]byte(env)); got != want {
			t.Errorf("%q: got %q, want %q", env, got, want)
		}
	}
}

func TestAnExecutingProcessKeepsItsMark(t *testing.T) {
	r := newRoom(t)
	// Goes from program to program without a pause, by exec.
	const script = `i=$(($1 + 1)); exec /bin/sh -c "$2" sh $i "$2"`
	s := r.sh("restless", "")
	s.Argv = []string{"/bin/sh", "-c", script, "sh", "0", script}
	p := r.start(s)
	for range 200 {
		if !hasMark(p.Pid, "restless") {
			t.Fatal("the mark was not seen")
		}
	}
}
