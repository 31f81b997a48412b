//go:build darwin || freebsd

package process

import (
	"syscall"
	"time"
)

// kernelClock is now, in the unit of startTime.
func kernelClock() uint64 { return uint64(time.Now().UnixMicro()) }

// killStraggler kills one process that a scan has found.
func killStraggler(pid int, p Proc) {
	if pgid, err := syscall.Getpgid(pid); err == nil && pgid == p.Pid {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// mayHaveOrphans is false: orphans go to init, or to launchd, and nothing here could find them.
func (h *Host) mayHaveOrphans() bool { return false }
