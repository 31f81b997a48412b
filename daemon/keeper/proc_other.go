//go:build !linux

package keeper

import (
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// setSubreaper does nothing: orphans fall to launchd, and how they end is not known.
func setSubreaper() error { return nil }

func bootID() string {
	tv, err := unix.SysctlTimeval("kern.boottime")
	if err != nil {
		return ""
	}
	return strconv.FormatInt(tv.Sec, 10)
}

// observe reaps a dead child: the worker is the only one.
func observe() (Record, bool) {
	var status syscall.WaitStatus
	var usage syscall.Rusage
	for {
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, &usage)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return Record{}, false
		}
		r := Record{Pid: pid, Code: status.ExitStatus(), Ended: time.Now().Round(0)}
		if status.Signaled() {
			r.Code, r.Signal = -1, int(status.Signal())
		}
		return r, true
	}
}

func bury(int) {}

func standing(int) (start uint64, leader bool) { return 0, false }

// traced cannot tell.
func traced(int) bool { return false }

func reserve(*os.File) {}

func tagOf(int) uint64 { return 0 }
