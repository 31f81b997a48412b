//go:build darwin || freebsd

package process

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// forkShaped sets the umask through a shell, since here a process has one for all its threads. The nice value follows
// in settleNice; whether it is permitted is found out before anything is forked.
func forkShaped(s Spec, exe string, attr *syscall.ProcAttr) (int, error) {
	if s.Nice != nil {
		own, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
		if err == nil && *s.Nice < own && os.Geteuid() != 0 {
			err = syscall.EACCES
		}
		if err != nil {
			return 0, niceError(*s.Nice, err)
		}
	}
	argv := s.Argv
	if s.Umask != nil {
		exe, argv = wrapUmask(*s.Umask, exe, argv)
	}
	pid, err := syscall.ForkExec(exe, argv, attr)
	if err != nil {
		return 0, explain(s, exe, err)
	}
	return pid, nil
}

func (h *Host) settleNice(p Proc, nice int) {
	if err := unix.Setpriority(unix.PRIO_PROCESS, p.Pid, nice); err != nil && err != unix.ESRCH {
		h.log.Warn("run keeps the nice value of the daemon", "run", p.ID, "pid", p.Pid, "err", err)
	}
}
