package lock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/lsh-project/lsh/daemon/internal/ownfile"
)

// lockName is the locked file in the state directory. It is never removed:
// whoever removes a lock file can lock out nobody.
const lockName = "lock"

// Lock is what a running daemon holds. It is safe for concurrent use.
type Lock struct {
	pidFile   string
	statePath string

	mu    sync.Mutex
	state *os.File
	pid   *os.File // nil while the path is not to be had
	// pidErr is why pid is nil.
	pidErr error
}

// Acquire takes the state directory, which it makes if there is none, and
// the pid file. A *HeldError says that another daemon has one of them, a
// *StateDirError that the directory cannot be used. Trouble with the pid
// file is no error but a warning.
func Acquire(pidFile, stateDir string) (*Lock, error) {
	if err := makeStateDir(stateDir); err != nil {
		return nil, err
	}
	l := &Lock{pidFile: pidFile, statePath: filepath.Join(stateDir, lockName)}

	var err error
	if l.state, err = take(l.statePath); err != nil {
		if held, ok := errors.AsType[*HeldError](err); ok {
			return nil, held
		}
		return nil, &StateDirError{Path: stateDir, Err: fmt.Errorf("lock %s: %w", l.statePath, err)}
	}
	signState(l.state)
	l.pid, l.pidErr = takeSigned(pidFile)
	if held, ok := errors.AsType[*HeldError](l.pidErr); ok {
		l.Release()
		return nil, held
	}
	return l, nil
}

// Warnings are what the daemon has to do without, and whose fault it is, one
// sentence each.
func (l *Lock) Warnings() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pidErr == nil {
		return nil
	}
	return []string{fmt.Sprintf("there is no pid file at %s: %v", l.pidFile, l.pidErr)}
}

// Renew makes the files again where they have gone from their paths, and
// takes a pid file that was not to be had before. Its error is the reason why
// that cannot be done now; the daemon may go on, and Warnings say so.
func (l *Lock) Renew() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == nil {
		return nil // released
	}
	return errors.Join(l.renewState(), l.renewPid())
}

func (l *Lock) renewState() error {
	if ownfile.IsAt(l.state, l.statePath) {
		return nil
	}
	if err := makeStateDir(filepath.Dir(l.statePath)); err != nil {
		return err
	}
	f, err := take(l.statePath)
	if err != nil {
		return fmt.Errorf("renew lock %s: %w", l.statePath, err)
	}
	l.state.Close()
	l.state = f
	signState(f)
	return nil
}

// signState writes our pid as far as that goes: the lock is what counts, and
// a full disk must not keep the daemon from running.
func signState(f *os.File) { _ = sign(f) }

func (l *Lock) renewPid() error {
	if l.pid != nil && ownfile.IsAt(l.pid, l.pidFile) {
		l.pidErr = nil
		return nil
	}
	f, err := takeSigned(l.pidFile)
	l.pidErr = err
	if err != nil {
		return fmt.Errorf("renew pid file %s: %w", l.pidFile, err)
	}
	if l.pid != nil {
		l.pid.Close()
	}
	l.pid = f
	return nil
}

// Release gives everything back; the pid file is removed if it is still ours.
// A second call does nothing.
func (l *Lock) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == nil {
		return
	}
	if l.pid != nil {
		if ownfile.IsAt(l.pid, l.pidFile) {
			os.Remove(l.pidFile)
		}
		l.pid.Close()
	}
	// An empty file names no stale pid to the next who finds it locked.
	l.state.Truncate(0)
	l.state.Close()
	l.state, l.pid = nil, nil
}
