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
	held      []*os.File // given over by whoever held the locks before; taken at most once

	mu     sync.Mutex
	signer int // the pid that the files name
	state  *os.File
	pid    *os.File // nil while the path is not to be had
	// pidErr is why pid is nil.
	pidErr error
}

// Acquire takes the state directory, which it makes if there is none, and
// the pid file. A *HeldError says that another daemon has one of them, a
// *StateDirError that the directory cannot be used. Trouble with the pid
// file is no error but a warning.
func Acquire(pidFile, stateDir string) (*Lock, error) {
	return AcquireAs(os.Getpid(), pidFile, stateDir, nil)
}

// AcquireAs is Acquire in the name of another process, the keeper. held are descriptors that hold the locks already, as Files
// gave them to a former worker: while one of them is open the lock cannot be anybody else's.
func AcquireAs(pid int, pidFile, stateDir string, held []*os.File) (*Lock, error) {
	if err := makeStateDir(stateDir); err != nil {
		return nil, err
	}
	l := &Lock{pidFile: pidFile, statePath: filepath.Join(stateDir, lockName), signer: pid, held: held}
	defer l.closeHeld()

	var err error
	if l.state, err = l.take(l.statePath); err != nil {
		if held, ok := errors.AsType[*HeldError](err); ok {
			return nil, held
		}
		wrong := &StateDirError{Path: stateDir, Err: fmt.Errorf("lock %s: %w", l.statePath, err)}
		if _, is := errors.AsType[*noLocksError](err); is {
			wrong.hint = elsewhere
		}
		return nil, wrong
	}
	l.signState()
	l.pid, l.pidErr = l.takeSigned(pidFile)
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
	f, err := l.take(l.statePath)
	if err != nil {
		return fmt.Errorf("renew lock %s: %w", l.statePath, err)
	}
	l.state.Close()
	l.state = f
	l.signState()
	return nil
}

// signState writes the pid as far as that goes: the lock is what counts, and
// a full disk must not keep the daemon from running.
func (l *Lock) signState() { _ = sign(l.state, l.signer) }

// Files are the descriptors that hold the locks, for somebody to keep open
// beyond this process.
func (l *Lock) Files() []*os.File {
	l.mu.Lock()
	defer l.mu.Unlock()
	files := []*os.File{l.state}
	if l.pid != nil {
		files = append(files, l.pid)
	}
	return files
}

// Resign puts another pid into the files: the process that they named is gone.
func (l *Lock) Resign(pid int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.signer = pid
	if l.state == nil {
		return
	}
	l.signState()
	if l.pid != nil {
		_ = sign(l.pid, pid) // as signState
	}
}

// take takes over the descriptor that holds the lock of a path already, else
// it takes the lock.
func (l *Lock) take(path string) (*os.File, error) {
	for i, f := range l.held {
		if f != nil && ownfile.IsAt(f, path) {
			l.held[i] = nil
			return f, nil
		}
	}
	return take(path)
}

// takeSigned is take with the pid in the file.
func (l *Lock) takeSigned(path string) (*os.File, error) {
	f, err := l.take(path)
	if err != nil {
		return nil, err
	}
	if err := sign(f, l.signer); err != nil {
		f.Close()
		return nil, fmt.Errorf("write the pid: %w", err)
	}
	return f, nil
}

// closeHeld closes what was not taken over.
func (l *Lock) closeHeld() {
	for _, f := range l.held {
		if f != nil {
			f.Close()
		}
	}
	l.held = nil
}

func (l *Lock) renewPid() error {
	if l.pid != nil && ownfile.IsAt(l.pid, l.pidFile) {
		l.pidErr = nil
		return nil
	}
	f, err := l.takeSigned(l.pidFile)
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

// Leave closes the files and leaves them as they are: another process holds
// them open, and the locks with them.
func (l *Lock) Leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == nil {
		return
	}
	if l.pid != nil {
		l.pid.Close()
	}
	l.state.Close()
	l.state, l.pid = nil, nil
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
