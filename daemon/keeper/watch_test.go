package keeper

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// hanging is a keeper with a worker that does nothing, and the worker's side of the link.
func hanging(t *testing.T) (k *keeper, worker *exec.Cmd, link *Link) {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	own, err := OpenLink(pair[0])
	if err != nil {
		t.Fatal(err)
	}
	if link, err = OpenLink(pair[1]); err != nil {
		t.Fatal(err)
	}
	worker = exec.Command("sleep", "1000")
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = worker.Process.Kill() // the test may have ended it
		_ = worker.Wait()
		own.Close()
		link.Close()
	})
	k = &keeper{worker: worker.Process.Pid, link: own, ready: true}
	k.watch.able = true
	return k, worker, link
}

func ended(t *testing.T, worker *exec.Cmd, want syscall.Signal) {
	t.Helper()
	_ = worker.Wait() // its error says what the status says
	if status := worker.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != want {
		t.Errorf("the worker ended by %v, want signal %v", worker.ProcessState, want)
	}
}

func TestAWorkerThatDoesNotAnswerIsReplaced(t *testing.T) {
	k, worker, link := hanging(t)
	k.look()
	if m, _, err := link.Receive(); err != nil || m.Kind != KindPing {
		t.Fatalf("the first look sends %+v, %v; want a ping", m, err)
	}
	for range chances - 1 {
		k.look()
	}
	if k.watch.hung {
		t.Error("it is given up before its time")
	}
	k.look()
	if !k.watch.hung || k.watch.kill == nil {
		t.Error("it is not given up")
	}
	ended(t, worker, syscall.SIGABRT)
}

func TestAWorkerThatAnswersIsLeftAlone(t *testing.T) {
	k, _, link := hanging(t)
	for range 3 * chances {
		k.look()
		if m, _, err := link.Receive(); err != nil || m.Kind != KindPing {
			t.Fatalf("a look sends %+v, %v; want a ping", m, err)
		}
		k.look() // the answer may be late
		k.receive(received{from: k.link, m: Message{Kind: KindPong}})
	}
	if k.watch.hung {
		t.Error("it is given up")
	}
}

// One that still takes up its jobs, or is of a version that does not know the word, is not asked.
func TestAWorkerThatCannotAnswerYetIsNotAsked(t *testing.T) {
	k, _, _ := hanging(t)
	k.watch.able = false
	for range 3 * chances {
		k.look()
	}
	if k.watch.asked || k.watch.hung {
		t.Errorf("it is asked: %+v", k.watch)
	}
}

// One that ABRT does not end, is killed.
func TestAWorkerThatHeedsNothingIsKilled(t *testing.T) {
	k, worker, _ := hanging(t)
	k.kill()
	ended(t, worker, syscall.SIGKILL)
}

// The pace is that of the service manager, which hears of the keeper thrice in the time that it grants.
func TestPaceOfTheWatchdog(t *testing.T) {
	for name, c := range map[string]struct {
		usec, pid string
		system    bool
	}{
		"nobody watches":   {"", "", false},
		"the keeper":       {"30000", "", true},
		"the keeper by id": {"30000", strconv.Itoa(os.Getpid()), true},
		"another process":  {"30000", "1", false},
		"nonsense":         {"soon", "", false},
	} {
		t.Setenv("WATCHDOG_USEC", c.usec)
		t.Setenv("WATCHDOG_PID", c.pid)
		if c.pid == "" {
			os.Unsetenv("WATCHDOG_PID")
		}
		var w watch
		w.begin()
		w.tick.Stop()
		if w.system != c.system {
			t.Errorf("%s: watched by the service manager: %t, want %t", name, w.system, c.system)
		}
	}
	t.Setenv("WATCHDOG_USEC", "30000")
	os.Unsetenv("WATCHDOG_PID")
	var w watch
	w.begin()
	defer w.tick.Stop()
	select {
	case <-w.tick.C:
	case <-time.After(hangAfter / chances / 2):
		t.Error("it keeps to its own pace")
	}
}
