package lock

import (
	"cmp"
	"fmt"
)

// HeldError says that another daemon holds a lock.
type HeldError struct {
	Path string // of the locked file
	Pid  int    // of its holder; 0 when the holder has not said
}

// Error names the holder.
func (e *HeldError) Error() string {
	if e.Pid == 0 {
		return fmt.Sprintf("daemon is already running: %s is locked", e.Path)
	}
	return fmt.Sprintf("daemon is already running: pid %d", e.Pid)
}

// StateDirError says why the state directory cannot be trusted or used.
type StateDirError struct {
	Path string
	Err  error
	hint string
}

// Error names the directory and the cause.
func (e *StateDirError) Error() string {
	return fmt.Sprintf("use state directory %s: %v", e.Path, e.Err)
}

// Unwrap is the cause.
func (e *StateDirError) Unwrap() error { return e.Err }

// Hint is what to type.
func (e *StateDirError) Hint() string {
	return cmp.Or(e.hint, "name another directory with LSH_STATE_DIR or --state-dir")
}

// noLocksError is a file system that cannot lock.
type noLocksError struct{ err error }

func (e *noLocksError) Error() string {
	return "the file system has no locks, without which two daemons could not be kept apart: " + e.err.Error()
}

func (e *noLocksError) Unwrap() error { return e.err }
