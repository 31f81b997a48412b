package process

import (
	"math"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// childInfo is siginfo_t as waitid fills it in. The union of the C type is aligned like a pointer.
type childInfo struct {
	signo, errno, code int32
	child              struct {
		_      [0]uintptr
		pid    int32
		uid    uint32
		status int32
	}
	_ [128]byte // at least the size of siginfo_t, which is 128
}

// si_code of a child that exited; all other codes of an end mean a signal.
const cldExited = 1

// observe finds a dead child and leaves it as it is. It does not wait.
func observe() (ending, bool) {
	var info childInfo
	var usage unix.Rusage
	err := waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, &usage)
	if err != nil || info.child.pid == 0 {
		return ending{}, false
	}
	end := ending{
		pid:    int(info.child.pid),
		code:   int(info.child.status),
		cpu:    time.Duration(usage.Utime.Nano() + usage.Stime.Nano()),
		maxRSS: int64(usage.Maxrss) * 1024,
	}
	if info.code != cldExited {
		end.code, end.signal = -1, syscall.Signal(info.child.status)
	}
	end.survivors = hasLivingChild(end.pid)
	return end, true
}

// hasLivingChild tells whether the process group has a member that lives and is a child of ours, as the children of a
// dead leader are (we are their subreaper). Asked for stopped children only, the kernel passes over dead ones, and answers
// ECHILD when there is nobody else: no search through /proc for every end. A member whose own parent has left
// the group and lives is not found by this; Alive finds it.
func hasLivingChild(pgid int) bool {
	var info childInfo
	return waitid(unix.P_PGID, pgid, &info, unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT, nil) == nil
}

// bury reaps a dead child.
func bury(pid int) {
	for {
		_, err := unix.Wait4(pid, nil, unix.WNOHANG, nil)
		if err != unix.EINTR {
			return
		}
	}
}

func waitid(kind, id int, info *childInfo, options int, usage *unix.Rusage) error {
	for {
		err := unix.Waitid(kind, id, (*unix.Siginfo)(unsafe.Pointer(info)), options, usage)
		if err != unix.EINTR {
			return err
		}
	}
}

func setSubreaper(on bool) error {
	flag := uintptr(0)
	if on {
		flag = 1
	}
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, flag, 0, 0, 0)
}

// closeOnExec keeps descriptors that this process was born with out of its children; all that Go opens is closed on
// exec anyway. Kernels before 5.11 do not have the call, and then runs see what was left open for the daemon.
func closeOnExec() {
	_ = unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
}
