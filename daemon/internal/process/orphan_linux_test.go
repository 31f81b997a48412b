package process

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestKillFindsAStragglerInAnotherSession(t *testing.T) {
	r := newRoom(t)
	p := r.start(r.sh("daemoniser", "setsid sh -c 'echo $$; echo up; exec sleep 1000' & wait"))
	r.prints("daemoniser", "up")
	straggler, err := strconv.Atoi(strings.Fields(r.output("daemoniser"))[0])
	if err != nil {
		t.Fatal(err)
	}
	if pids := r.Alive(p); !slices.Contains(pids, p.Pid) || !slices.Contains(pids, straggler) {
		t.Fatalf("alive: %v", pids)
	}
	if err := r.Signal(p, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if e := r.exit("daemoniser"); e.Survivors {
		t.Errorf("it left the group and was taken for a survivor: %+v", e)
	}
	r.eventually("the group is empty", func() bool { return !groupExists(p.Pid) })
	if pids := r.Alive(p); !slices.Equal(pids, []int{straggler}) {
		t.Errorf("alive: %v, want only %d", pids, straggler)
	}
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
	p := r.start(r.sh("cleared", "env -i /bin/sh -c 'echo up; exec sleep 1000' & until grep -q up cleared.out; do sleep 0.01; done"))
	r.prints("cleared", "up")
	if e := r.exit("cleared"); !e.Survivors {
		t.Fatalf("got %+v", e)
	}
	if pids := r.Alive(p); len(pids) != 1 || pids[0] == p.Pid {
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
		got, ok := readTask(e.Pid)
		states <- fmt.Sprintf("there %v, dead %v", ok, got.dead)
	}
	r.start(r.sh("zombie", "exit 0"))
	if state := <-states; state != "there true, dead true" {
		t.Errorf("state at onExit: %s", state)
	}
}
