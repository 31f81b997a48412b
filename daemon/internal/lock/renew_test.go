package lock

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRenewAfterTmpWasCleaned(t *testing.T) {
	pidFile, stateDir := places(t)
	l := acquire(t, pidFile, stateDir)
	before := mustLstat(t, pidFile)
	check(t, l.Renew())
	if !os.SameFile(before, mustLstat(t, pidFile)) {
		t.Error("Renew replaced a pid file that was in its place")
	}

	check(t, os.Remove(pidFile))
	check(t, l.Renew())
	wantText(t, pidFile, fmt.Sprintf("%d\n", os.Getpid()))
	if pid, ok := holderOf(pidFile); !ok || pid != os.Getpid() {
		t.Errorf("the new pid file is held by %d, %t, want us", pid, ok)
	}
	l.Release()
	if _, err := os.Lstat(pidFile); !os.IsNotExist(err) {
		t.Errorf("pid file after Release: %v, want it gone", err)
	}
}

func TestRenewAfterTheStateDirectoryWasRemoved(t *testing.T) {
	pidFile, stateDir := places(t)
	l := acquire(t, pidFile, stateDir)
	check(t, os.RemoveAll(stateDir))
	check(t, l.Renew())
	if _, err := Acquire(filepath.Join(t.TempDir(), "2.pid"), stateDir); !isHeldByUs(err) {
		t.Errorf("a second daemon: %v, want it refused", err)
	}
}

func TestRenewFindsAnotherDaemonThere(t *testing.T) {
	pidFile, stateDir := places(t)
	l := acquire(t, pidFile, stateDir)
	check(t, os.Remove(pidFile))
	second := startOther(t, pidFile, stateDir+"2")
	second.tell(t)
	if got := second.line(t); !strings.HasPrefix(got, "mine") {
		t.Fatalf("the second daemon says %q", got)
	}

	if err := l.Renew(); err == nil || !strings.Contains(err.Error(), fmt.Sprint(second.cmd.Process.Pid)) {
		t.Errorf("Renew: %v, want the other's pid in it", err)
	}
	if w := l.Warnings(); len(w) != 1 {
		t.Errorf("warnings %q, want one", w)
	}
	l.Release()
	wantText(t, pidFile, fmt.Sprintf("%d\n", second.cmd.Process.Pid))
}
