package process

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Start starts a run and returns when its program has been executed. The error is a *StartError. A directory or program on
// a dead network mount makes it hang, so it is not for a goroutine that others depend on.
//
// Several goroutines may start at once. From Forking to the return of Forked there is one at a time, as the fork of a Go
// program is anyway: when this process is killed, of one run at most it is not known whether it has begun.
func (h *Host) Start(s Spec) (Proc, error) {
	exe, err := lookup(s)
	if err != nil {
		return Proc{}, err
	}
	stdin, err := openStdin(s.Stdin)
	if err != nil {
		return Proc{}, &StartError{Op: OpStdin, Err: err}
	}
	defer unix.Close(stdin)
	output, err := createOutput(s)
	var noOutput error
	if IsNoRoom(err) {
		// A full disk costs the output, not the run.
		noOutput = err
		output, err = open(os.DevNull, unix.O_WRONLY|unix.O_CLOEXEC)
	}
	if err != nil {
		return Proc{}, err
	}
	defer unix.Close(output)
	stdout := uintptr(output)
	if s.Stdout != nil {
		stdout = s.Stdout.Fd()
	}

	p, err := h.spawn(s, exe, &syscall.ProcAttr{
		Dir:   s.Dir,
		Env:   markedEnv(s.Env, s.ID),
		Files: []uintptr{uintptr(stdin), stdout, uintptr(output)},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		// The file is empty and ours (O_EXCL); left there, it would stand in the way of a second try.
		if s.Stdout == nil {
			_ = unix.Unlink(s.Output)
		}
		return Proc{}, err
	}
	p.OutputErr = noOutput
	return p, nil
}

// IsNoRoom tells whether a file cannot be made for a reason that lies in the disk and will pass.
func IsNoRoom(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EROFS)
}

// spawn forks, and registers the child before the reaper may judge it.
func (h *Host) spawn(s Spec, exe string, attr *syscall.ProcAttr) (Proc, error) {
	starts, err := h.beginStart()
	if err != nil {
		return Proc{}, err
	}
	defer starts.Done()
	before := floor()
	p, err := h.fork(s, exe, attr)
	if err != nil {
		return Proc{}, err
	}
	least := max(before, floor()) // the program was executed in between
	h.mu.Lock()
	h.leaders[p.Pid], h.floors[p.Pid] = p, least
	if s.Ended != nil {
		h.doors[p.Pid] = s.Ended
	}
	h.mu.Unlock()
	if s.Nice != nil {
		h.settleNice(p, *s.Nice)
	}
	return p, nil
}

// fork is the part of a start of which there is one at a time.
func (h *Host) fork(s Spec, exe string, attr *syscall.ProcAttr) (p Proc, err error) {
	h.forking.Lock()
	defer h.forking.Unlock()
	if s.Forking != nil {
		s.Forking()
	}
	setTag(Tag(s.ID))
	p = Proc{ID: s.ID, Started: time.Now()}
	if s.Umask == nil && s.Nice == nil {
		if p.Pid, err = syscall.ForkExec(exe, s.Argv, attr); err != nil {
			err = explain(s, exe, err)
		}
	} else {
		p.Pid, err = forkShaped(s, exe, attr)
	}
	if err != nil {
		return Proc{}, err
	}
	p.StartTime = startTime(p.Pid)
	if s.Forked != nil {
		s.Forked(p)
	}
	return p, nil
}

// markedEnv is env with exactly one mark, that of id.
func markedEnv(env []string, id string) []string {
	const prefix = RunIDVar + "="
	marked := make([]string, 0, len(env)+1)
	for _, entry := range env {
		if !strings.HasPrefix(entry, prefix) {
			marked = append(marked, entry)
		}
	}
	if id != "" {
		marked = append(marked, prefix+id)
	}
	return marked
}

// createOutput opens a new file for appending: stdout and stderr then interleave in the order of their writes, also
// when several processes hold it. It is /dev/null when stdout goes elsewhere.
func createOutput(s Spec) (int, error) {
	if s.Stdout != nil {
		return open(os.DevNull, unix.O_WRONLY|unix.O_CLOEXEC)
	}
	if s.NoRoom != nil {
		return -1, s.NoRoom
	}
	const flags = unix.O_WRONLY | unix.O_APPEND | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := open(s.Output, flags)
	if err != nil {
		return -1, &StartError{Op: OpOutput, Path: s.Output, Err: err}
	}
	return fd, nil
}

// open is open(2) with mode 0600, again when a signal interrupts it.
func open(path string, flags int) (int, error) {
	for {
		fd, err := unix.Open(path, flags, 0o600)
		if err != unix.EINTR {
			return fd, err
		}
	}
}
