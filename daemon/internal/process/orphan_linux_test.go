package process

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestKillFindsAStragglerInAnotherSession(t *testing.T) {
	r := newRoom(t)
	p := r.start(r.sh("daemoniser", "setsid sh -c 'echo up; sleep 1000' & wait"))
	r.prints("daemoniser", "up")
	if pids := r.Alive(p); len(pids) < 3 {
		t.Fatalf("alive: %v", pids)
	}
	if err := r.Signal(p, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	r.exit("daemoniser")
	r.eventually("only the straggler and its sleep live", func() bool { return len(r.Alive(p)) == 2 })
	if err := r.Kill(p); err != nil {
		t.Fatal(err)
	}
	if pids := r.Alive(p); len(pids) != 0 {
		t.Errorf("alive after Kill: %v", pids)
	}
}

func TestKillFindsARunWhosePidWasNeverRecorded(t *testing.T) {
	r := newRoom(t)
	p := r.start(r.sh("intent", "echo up; sleep 1000"))
	r.prints("intent", "up")
	if pids := r.Alive(Proc{ID: "intent"}); !slices.Contains(pids, p.Pid) {
		t.Fatalf("alive: %v", pids)
	}
	if err := r.Kill(Proc{ID: "intent"}); err != nil {
		t.Fatal(err)
	}
	if e := r.exit("intent"); e.Signal != syscall.SIGKILL {
		t.Errorf("got %+v", e)
	}
}

func TestASurvivorWithoutTheMarkIsStillReached(t *testing.T) {
	r := newRoom(t)
	p := r.start(r.sh("cleared", "env -i /bin/sh -c 'echo up; sleep 1000; :' & sleep 0.1"))
	r.prints("cleared", "up")
	if e := r.exit("cleared"); !e.Survivors {
		t.Fatalf("got %+v", e)
	}
	if pids := r.Alive(p); len(pids) != 2 {
		t.Errorf("alive: %v", pids)
	}
	if err := r.Kill(p); err != nil {
		t.Fatal(err)
	}
}

func TestALaterHostReachesSurvivorsByTheirMark(t *testing.T) {
	first := newRoom(t)
	p := first.start(first.sh("left", "sleep 1000 & exit 0"))
	first.exit("left")
	first.eventually("the leader is reaped", func() bool { return startTime(p.Pid) == 0 })
	first.Close()

	later := newRoom(t)
	if err := later.Signal(Proc{ID: "another", Pid: p.Pid, StartTime: p.StartTime}, syscall.SIGTERM); !errors.Is(err, syscall.ESRCH) {
		t.Fatalf("signal to a group that is another run's: %v", err)
	}
	if err := later.Signal(p, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	later.eventually("the survivor ends", func() bool { return later.Alive(p) == nil })
}

// Each run leaves a daemon behind that outlives it for a moment, by the double fork of the textbooks. All of it falls to
// the Host, and none of it may stay as a zombie or cost a descriptor.
func TestNothingIsLeftOfManyDaemonisingRuns(t *testing.T) {
	r := newRoom(t)
	r.run(r.sh("warm-up", "exit 0"))
	before := descriptors(t)
	const starters, each = 12, 25
	var wait sync.WaitGroup
	for i := range starters {
		wait.Go(func() {
			for j := range each {
				s := r.sh(runID(i, j), "(setsid sh -c 'sleep 0.05; exit 9' &); exit 3")
				if _, err := r.Start(s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	for i := range starters {
		for j := range each {
			if e := r.exit(runID(i, j)); e.Code != 3 {
				t.Errorf("got %+v", e)
			}
		}
	}
	r.eventually("no child is left, dead or alive", func() bool {
		return !r.mayHaveOrphans() && len(children(t)) == 0
	})
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
	if n := len(r.exits); n != starters*each+1 {
		t.Errorf("%d exits told", n)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// children are the pids in /proc whose parent is this process.
func children(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, e := range entries {
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if fields[1] == fmt.Sprint(os.Getpid()) {
			pids = append(pids, e.Name())
		}
	}
	return pids
}

func TestTheEndIsToldBeforeTheChildIsReaped(t *testing.T) {
	states := make(chan string, 1)
	r := newRoom(t)
	// No child has ended yet, so that the reaper does not look at onExit.
	r.onExit = func(e Exit) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", e.Pid))
		states <- fmt.Sprintf("%.1s %v", string(stat[strings.LastIndexByte(string(stat), ')')+2:]), err)
	}
	r.start(r.sh("zombie", "exit 0"))
	if state := <-states; state != "Z <nil>" {
		t.Errorf("state at onExit: %s", state)
	}
}
