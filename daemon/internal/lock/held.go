package lock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/ownfile"
)

// A holder writes its pid right after it has locked; this is how long a
// second daemon waits for that on a very busy machine, and how often it looks.
const (
	pidPatience = 3 * time.Second
	pidPause    = 10 * time.Millisecond
)

// A lock counts as held by another only when it was found so this many times
// in a row: Holder takes it for an instant to look, and a process that is
// being started has it until its exec.
const heldTries = 4

// take opens and locks the file at path.
func take(path string) (*os.File, error) {
	deadline := time.Now().Add(pidPatience)
	for tries := 1; ; tries++ {
		f, err := ownfile.Open(path, os.O_RDWR|os.O_CREATE)
		if err != nil {
			return nil, err
		}
		locked, pid, err := tryLock(f, path)
		if err == nil && locked {
			return f, nil
		}
		f.Close()
		if err != nil {
			return nil, err
		}
		late := !time.Now().Before(deadline)
		if late || (pid != 0 && tries >= heldTries) {
			return nil, &HeldError{Path: path, Pid: pid}
		}
		time.Sleep(pidPause)
	}
}

// tryLock locks f, and answers true when f is then still the file at path: a
// holder that ends removes its pid file, and a lock on a removed file guards
// nothing. When another has the lock, pid is what it signed with, 0 while it
// has not.
func tryLock(f *os.File, path string) (locked bool, pid int, err error) {
	err = flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, readPid(f), nil
	}
	if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOSYS) {
		return false, 0, &noLocksError{err}
	}
	if err != nil {
		return false, 0, fmt.Errorf("lock it: %w", err)
	}
	return ownfile.IsAt(f, path), 0, nil
}

// sign writes a pid into a locked file. The mode is set too, for a file
// that others can open is a file that others can lock.
func sign(f *os.File, pid int) error {
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(pid)+"\n"), 0)
	return err
}

// readPid is the pid in a file that another has locked; 0 when there is none
// yet. The pid of a process that is gone was written by an earlier holder,
// and the present one has just not overwritten it.
func readPid(f *os.File) int {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 32))
	if err != nil {
		return 0
	}
	line, whole := strings.CutSuffix(string(text), "\n")
	if !whole {
		return 0
	}
	pid, err := strconv.Atoi(line)
	if err != nil || pid <= 0 {
		return 0
	}
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return 0
	}
	return pid
}

func flock(f *os.File, how int) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var lockErr error
	err = conn.Control(func(fd uintptr) {
		for {
			lockErr = syscall.Flock(int(fd), how)
			if lockErr != syscall.EINTR {
				return
			}
		}
	})
	return errors.Join(err, lockErr)
}
