package lock

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/ownfile"
)

func TestAcquireMakesTheFilesForUsAlone(t *testing.T) {
	pidFile, stateDir := places(t)
	l := acquire(t, pidFile, stateDir)

	if got, want := read(t, pidFile), fmt.Sprintf("%d\n", os.Getpid()); got != want {
		t.Errorf("pid file says %q, want %q", got, want)
	}
	for path, want := range map[string]os.FileMode{
		pidFile:                           0o600,
		filepath.Join(stateDir, lockName): 0o600,
		stateDir:                          os.ModeDir | 0o700,
	} {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
	}
	if w := l.Warnings(); len(w) != 0 {
		t.Errorf("warnings %q, want none", w)
	}
}

func TestOfTwentyAtOnceOneWins(t *testing.T) {
	pidFile, stateDir := places(t)
	all := make([]*other, 20)
	for i := range all {
		all[i] = startOther(t, pidFile, stateDir)
	}
	for _, o := range all {
		o.tell(t)
	}
	winners := map[string]bool{}
	refused := map[string]int{}
	for _, o := range all {
		line := o.line(t)
		if pid, ok := strings.CutPrefix(line, "mine "); ok {
			winners[pid] = true
			continue
		}
		refused[line]++
	}
	if len(winners) != 1 {
		t.Fatalf("winners %v, want one; refused: %v", winners, refused)
	}
	for pid := range winners {
		if refused["held by "+pid] != 19 {
			t.Errorf("refused: %v, want 19 times the winner %s", refused, pid)
		}
	}
}

func TestTheNextGetsInWhenTheFirstIsKilled(t *testing.T) {
	pidFile, stateDir := places(t)
	first := startOther(t, pidFile, stateDir)
	first.tell(t)
	first.line(t)
	if pid, ok := Holder(pidFile, stateDir); !ok || pid != first.cmd.Process.Pid {
		t.Fatalf("Holder is %d, %t, want %d", pid, ok, first.cmd.Process.Pid)
	}
	_, err := Acquire(pidFile, stateDir)
	held, ok := errors.AsType[*HeldError](err)
	if !ok || held.Pid != first.cmd.Process.Pid {
		t.Fatalf("Acquire: %v, want held by %d", err, first.cmd.Process.Pid)
	}

	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.cmd.Wait()
	if text := read(t, pidFile); text == "" {
		t.Fatal("the killed daemon left no stale text, so this tests nothing")
	}
	if pid, ok := Holder(pidFile, stateDir); ok {
		t.Errorf("Holder is %d, want none", pid)
	}
	acquire(t, pidFile, stateDir)
	if got, want := read(t, pidFile), fmt.Sprintf("%d\n", os.Getpid()); got != want {
		t.Errorf("pid file says %q, want %q", got, want)
	}
}

func TestTextWithoutALockHoldsNobodyUp(t *testing.T) {
	// The last one is the pid of a process that lives, and that is not a
	// daemon: a pid file is never judged by its text.
	for _, text := range []string{"", "rubbish", "99999999999999999999\n", "-1\n", "1\n", strings.Repeat("7", 4096), fmt.Sprintf("%d\n", os.Getppid())} {
		t.Run(fmt.Sprintf("%.10q", text), func(t *testing.T) {
			pidFile, stateDir := places(t)
			write(t, pidFile, text)
			if pid, ok := Holder(pidFile, stateDir); ok {
				t.Errorf("Holder is %d, want none", pid)
			}
			acquire(t, pidFile, stateDir)
			if got, want := read(t, pidFile), fmt.Sprintf("%d\n", os.Getpid()); got != want {
				t.Errorf("pid file says %q, want %q", got, want)
			}
		})
	}
}

func TestOnePerPidFileAndOnePerStateDirectory(t *testing.T) {
	pidFile, stateDir := places(t)
	acquire(t, pidFile, stateDir)
	dir := filepath.Dir(pidFile)

	for name, second := range map[string][2]string{
		"both the same":           {pidFile, stateDir},
		"another state directory": {pidFile, filepath.Join(dir, "state2")},
		"another pid file":        {filepath.Join(dir, "2.pid"), stateDir},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Acquire(second[0], second[1])
			held, ok := errors.AsType[*HeldError](err)
			if !ok {
				t.Fatalf("Acquire: %v, want a HeldError", err)
			}
			if held.Pid != os.Getpid() {
				t.Errorf("held by %d, want %d", held.Pid, os.Getpid())
			}
			if pid, ok := Holder(second[0], second[1]); !ok || pid != os.Getpid() {
				t.Errorf("Holder is %d, %t, want %d", pid, ok, os.Getpid())
			}
		})
	}
	acquire(t, filepath.Join(dir, "3.pid"), filepath.Join(dir, "state3"))

	// The refused one for the pid file has let go of its state directory.
	acquire(t, filepath.Join(dir, "4.pid"), filepath.Join(dir, "state2"))
}

func TestOneWhoLooksIsNoHolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pidFile, stateDir := places(t)
		acquire(t, pidFile, stateDir).Release()
		// Stale, and of a process that lives.
		write(t, filepath.Join(stateDir, lockName), "1\n")
		look, err := ownfile.Open(filepath.Join(stateDir, lockName), os.O_RDONLY)
		check(t, err)
		check(t, flock(look, syscall.LOCK_SH|syscall.LOCK_NB))
		go func() {
			time.Sleep(2 * pidPause)
			look.Close()
		}()
		acquire(t, pidFile, stateDir)
	})
}

func TestALockOnARemovedFileIsNone(t *testing.T) {
	pidFile, _ := places(t)
	f, err := ownfile.Open(pidFile, os.O_RDWR|os.O_CREATE)
	check(t, err)
	defer f.Close()
	check(t, os.Remove(pidFile)) // its holder has ended between our open and our lock
	if locked, _, err := tryLock(f, pidFile); locked || err != nil {
		t.Errorf("tryLock is %t, %v, want false", locked, err)
	}
	write(t, pidFile, "") // and the next has made it anew
	if locked, _, err := tryLock(f, pidFile); locked || err != nil {
		t.Errorf("tryLock is %t, %v, want false", locked, err)
	}
}

func TestThePidOfAnEarlierHolderIsNotTold(t *testing.T) {
	gone := exec.Command("true")
	check(t, gone.Run())
	for text, want := range map[string]int{
		fmt.Sprintf("%d\n", gone.Process.Pid): 0, // dead: the new holder has not written yet
		fmt.Sprintf("%d\n", os.Getpid()):      os.Getpid(),
		fmt.Sprintf("%d", os.Getpid()):        0, // half written
		"":                                    0,
	} {
		pidFile, _ := places(t)
		write(t, pidFile, text)
		f, err := ownfile.Open(pidFile, os.O_RDONLY)
		check(t, err)
		if got := readPid(f); got != want {
			t.Errorf("readPid of %q is %d, want %d", text, got, want)
		}
		f.Close()
	}
}

func TestAReadablePidFileIsClosedToOthers(t *testing.T) {
	pidFile, stateDir := places(t)
	write(t, pidFile, "")
	check(t, os.Chmod(pidFile, 0o666))
	acquire(t, pidFile, stateDir)
	if mode := mustLstat(t, pidFile).Mode(); mode != 0o600 {
		t.Errorf("pid file has mode %v, want 0600: others could lock it", mode)
	}
}

func TestReleaseRemovesOnlyItsOwnPidFile(t *testing.T) {
	pidFile, stateDir := places(t)
	l := acquire(t, pidFile, stateDir)
	l.Release()
	l.Release()
	if _, err := os.Lstat(pidFile); !os.IsNotExist(err) {
		t.Errorf("pid file after Release: %v, want it gone", err)
	}
	if _, ok := Holder(pidFile, stateDir); ok {
		t.Error("there is a holder after Release")
	}
	if err := l.Renew(); err != nil {
		t.Errorf("Renew after Release: %v", err)
	}
	if _, err := os.Lstat(pidFile); !os.IsNotExist(err) {
		t.Errorf("Renew after Release made a pid file: %v", err)
	}

	l = acquire(t, pidFile, stateDir)
	if err := os.Remove(pidFile); err != nil {
		t.Fatal(err)
	}
	write(t, pidFile, "somebody's\n")
	l.Release()
	if got := read(t, pidFile); got != "somebody's\n" {
		t.Errorf("the file that took the pid file's place says %q", got)
	}
}
