//go:build darwin || freebsd

package process

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// observe finds a dead child and reaps it: there is no way here to look first.
func observe() (ending, bool) {
	var status syscall.WaitStatus
	var usage syscall.Rusage
	pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, &usage)
	for err == syscall.EINTR {
		pid, err = syscall.Wait4(-1, &status, syscall.WNOHANG, &usage)
	}
	if err != nil || pid <= 0 {
		return ending{}, false
	}
	end := ending{
		pid:       pid,
		code:      status.ExitStatus(),
		cpu:       time.Duration(usage.Utime.Nano() + usage.Stime.Nano()),
		maxRSS:    usage.Maxrss * rssUnit,
		survivors: groupExists(pid),
	}
	if status.Signaled() {
		end.code, end.signal = -1, status.Signal()
	}
	return end, true
}

// bury has nothing left to do after observe.
func bury(int) {}

// setSubreaper does nothing: orphans go to init, or to launchd.
func setSubreaper(bool) error { return nil }

// closeOnExec marks the low descriptors, where those lie that this process was born with.
func closeOnExec() {
	for fd := 3; fd < 256; fd++ {
		_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC)
	}
}
