package process

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"
)

// Values of StartError.Op: the step that did not succeed.
const (
	OpExec   = "exec"
	OpDir    = "change directory to"
	OpOutput = "create output"
	OpStdin  = "give stdin"
	OpNice   = "set nice"
	OpUmask  = "set umask"
	OpStart  = "begin"
)

var (
	errNotInPath   = errors.New("not found in PATH")
	errNoCommand   = errors.New("the command is empty")
	errInterpreter = errors.New("the interpreter in its first line does not exist")
	errClosed      = errors.New("the process host is closed")
)

// StartError says why a run could not be started. No process is left behind, and no output file.
type StartError struct {
	Op   string // one of the Op constants
	Path string // what Op was about: a program, directory, file or number; may be empty
	Err  error
	Hint string // what to do next; may be empty
}

// Error is one line, without the hint.
func (e *StartError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("start job: %s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("start job: %s %s: %v", e.Op, strconv.Quote(e.Path), e.Err)
}

// Unwrap gives the cause.
func (e *StartError) Unwrap() error { return e.Err }

// explain turns the bare errno of a fork and exec into the step it came from. The directory and the program were there
// a moment ago, so what is left are the finer causes.
func explain(s Spec, exe string, errno error) error {
	if err := checkDir(s.Dir); err != nil {
		return err
	}
	e := &StartError{Op: OpExec, Path: s.Argv[0], Err: errno}
	switch {
	case errors.Is(errno, syscall.ENOENT) && checkExecutable(s.Dir, exe) == nil:
		e.Err = errInterpreter
		e.Hint = "correct the line that begins with #!, or its line ending"
	case errors.Is(errno, syscall.ENOEXEC):
		e.Hint = "begin the script with a line such as #!/bin/sh"
	case errors.Is(errno, syscall.E2BIG):
		e.Hint = "shorten the arguments or the environment, or give the text on stdin"
	case errors.Is(errno, syscall.EAGAIN):
		e.Hint = "too many processes: see ulimit -u"
	}
	return e
}

// niceError is about a nice value that the system does not grant.
func niceError(nice int, err error) error {
	e := &StartError{Op: OpNice, Path: strconv.Itoa(nice), Err: err}
	if errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) {
		e.Err = fmt.Errorf("not permitted: %w", err)
		e.Hint = "use a nice no lower than the daemon's own, or raise its limit (ulimit -e)"
	}
	return e
}
