package lock

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/ownfile"
)

// Holder is the daemon that holds the pid file or the state directory: its
// pid, 0 when it has not said, and whether there is one at all. It creates
// and changes nothing.
func Holder(pidFile, stateDir string) (pid int, ok bool) {
	for _, path := range []string{filepath.Join(stateDir, lockName), pidFile} {
		if pid, ok = holderOf(path); ok {
			return pid, true
		}
	}
	return 0, false
}

func holderOf(path string) (pid int, ok bool) {
	f, err := ownfile.Open(path, os.O_RDONLY)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for deadline := time.Now().Add(pidPatience); ; time.Sleep(pidPause) {
		// Shared, so that two who look do not see each other. Closing
		// the file gives the lock back.
		err := flock(f, syscall.LOCK_SH|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return 0, false
		}
		if pid = readPid(f); pid != 0 || !time.Now().Before(deadline) {
			return pid, true
		}
	}
}
