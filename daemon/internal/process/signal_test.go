package process

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestSignalReachesTheWholeGroup(t *testing.T) {
	r := newRoom(t)
	p := r.start(r.sh("tree", `trap 'echo outer; wait; exit 5' TERM
		sh -c 'trap "echo inner; exit" TERM; echo up; while :; do sleep 0.01; done' & while :; do wait; done`))
	r.prints("tree", "up")
	if err := r.Signal(p, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if e := r.exit("tree"); e.Code != 5 {
		t.Errorf("got %+v", e)
	}
	if out := r.output("tree"); !strings.Contains(out, "inner") || !strings.Contains(out, "outer") {
		t.Errorf("output %q", out)
	}
}

func TestKillEndsATreeThatIgnoresTerm(t *testing.T) {
	r := newRoom(t)
	const script = `trap '' TERM
		(trap '' TERM; while :; do sleep 0.01; done) & (sh -c 'sleep 1000 & echo up; sleep 1000') & wait`
	p := r.start(r.sh("stubborn", script))
	r.prints("stubborn", "up")
	if err := r.Signal(p, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if pids := r.Alive(p); len(pids) < 2 || !slices.Contains(pids, p.Pid) {
		t.Fatalf("alive after TERM: %v", pids)
	}
	if err := r.Kill(p); err != nil {
		t.Fatal(err)
	}
	if e := r.exit("stubborn"); e.Signal != syscall.SIGKILL {
		t.Errorf("got %+v", e)
	}
	if pids := r.Alive(p); len(pids) != 0 {
		t.Errorf("alive after Kill: %v", pids)
	}
}

func TestSurvivorsOfTheLeader(t *testing.T) {
	r := newRoom(t)
	p := r.start(r.sh("parent", "sleep 1000 & echo up; exit 2"))
	if e := r.exit("parent"); e.Code != 2 || !e.Survivors {
		t.Fatalf("got %+v", e)
	}
	pids := r.Alive(p)
	if len(pids) != 1 || pids[0] == p.Pid {
		t.Fatalf("alive: %v", pids)
	}
	if err := r.Signal(p, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	r.eventually("the survivor ends", func() bool { return r.Alive(p) == nil })
	r.eventually("the group is forgotten", func() bool {
		return errors.Is(r.Signal(p, syscall.SIGTERM), syscall.ESRCH)
	})
	r.eventually("nothing is remembered", func() bool {
		r.Host.mu.Lock()
		defer r.Host.mu.Unlock()
		return len(r.leaders)+len(r.leftover) == 0
	})
}

func TestNoSurvivorsWhenTheGroupEndsFirst(t *testing.T) {
	r := newRoom(t)
	if e, _ := r.run(r.sh("tidy", "sleep 0 & sleep 0 & wait")); e.Survivors {
		t.Errorf("got %+v", e)
	}
}

func TestAnEndedRunIsNotSignalled(t *testing.T) {
	r := newRoom(t)
	p := r.start(r.sh("short", "exit 0"))
	r.exit("short")
	r.eventually("it is reaped", func() bool { return errors.Is(r.Signal(p, syscall.SIGKILL), syscall.ESRCH) })
	if pids := r.Alive(p); pids != nil {
		t.Errorf("alive: %v", pids)
	}
	if err := r.Kill(p); err != nil {
		t.Errorf("kill of an ended run: %v", err)
	}
}

// The number of a run that ended long ago may be that of a stranger now.
func TestAStrangerWithTheSameNumberIsSafe(t *testing.T) {
	r := newRoom(t)
	stranger := r.start(r.sh("stranger", "echo up; sleep 1000"))
	r.prints("stranger", "up")
	for name, old := range map[string]Proc{
		"earlier start": {ID: "old", Pid: stranger.Pid, StartTime: stranger.StartTime - 1},
		"other run":     {ID: "old", Pid: stranger.Pid, StartTime: 1},
		"unknown start": {ID: "old", Pid: stranger.Pid},
		"our own group": {},
		"everybody":     {Pid: 1},
	} {
		if err := r.Signal(old, syscall.SIGKILL); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("%s: signal: %v", name, err)
		}
		if pids := r.Alive(old); len(pids) != 0 {
			t.Errorf("%s: alive: %v", name, pids)
		}
		if err := r.Kill(old); err != nil {
			t.Errorf("%s: kill: %v", name, err)
		}
	}
	if pids := r.Alive(stranger); !slices.Contains(pids, stranger.Pid) {
		t.Error("the stranger was killed")
	}
}

func TestALaterHostKnowsTheRun(t *testing.T) {
	first := newRoom(t)
	p := first.start(first.sh("adopted", "echo up; sleep 1000"))
	first.prints("adopted", "up")
	first.Close()

	later := newRoom(t)
	p = Proc{ID: p.ID, Pid: p.Pid, StartTime: p.StartTime} // as read from a file
	if pids := later.Alive(p); !slices.Contains(pids, p.Pid) {
		t.Fatalf("alive: %v", pids)
	}
	if err := later.Signal(p, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	later.eventually("it ends", func() bool { return later.Alive(p) == nil })
}
