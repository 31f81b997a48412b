package keeper

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func setSubreaper() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

func bootID() string {
	text, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text))
}

// childInfo is siginfo_t as waitid fills it in.
type childInfo struct {
	signo, errno, code int32
	child              struct {
		_      [0]uintptr
		pid    int32
		uid    uint32
		status int32
	}
	_ [128]byte
}

// observe finds a dead child and leaves it unreaped. It does not wait.
func observe() (Record, bool) {
	const exited = 1 // CLD_EXITED; any other code of an end is a signal's
	var info childInfo
	var usage unix.Rusage
	for {
		err := unix.Waitid(unix.P_ALL, 0, (*unix.Siginfo)(unsafe.Pointer(&info)), unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, &usage)
		if err == unix.EINTR {
			continue
		}
		if err != nil || info.child.pid == 0 {
			return Record{}, false
		}
		break
	}
	r := Record{
		Pid: int(info.child.pid), Code: int(info.child.status), Ended: time.Now().Round(0),
		CPU: time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), RSS: int64(usage.Maxrss) * 1024,
	}
	if info.code != exited {
		r.Code, r.Signal = -1, int(info.child.status)
	}
	return r, true
}

func bury(pid int) {
	for {
		if _, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil); err != syscall.EINTR {
			return
		}
	}
}

// standing is the kernel's start time of a process, in ticks since boot, and whether it leads a session and has executed
// a program since its fork; a dead process that is not reaped has both still. The start is 0 when there is no such process.
func standing(pid int) (start uint64, leader bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	// Counted from behind the command's parenthesis, see proc_pid_stat(5).
	const session, flags, starttime = 3, 6, 19
	const forkNoExec = 0x40 // PF_FORKNOEXEC
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= starttime {
		return 0, false
	}
	start, _ = strconv.ParseUint(string(fields[starttime]), 10, 64)
	bits, _ := strconv.ParseUint(string(fields[flags]), 10, 64)
	return start, string(fields[session]) == strconv.Itoa(pid) && bits&forkNoExec == 0
}

// traced tells whether a debugger holds a process.
func traced(pid int) bool {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	_, tracer, _ := strings.Cut(string(text), "\nTracerPid:\t")
	tracer, _, _ = strings.Cut(tracer, "\n")
	return tracer != "" && tracer != "0"
}

// reserve keeps room for the record, so that a full disk does not cost it.
func reserve(f *os.File) {
	const room = 64 << 10
	_ = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, room) // not every file system can
}

// tagOf is the tag of a process, dead but not reaped included: a limit that the kernel keeps and does not heed. 0 when it
// bears none.
func tagOf(pid int) uint64 {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/limits")
	_, line, _ := strings.Cut(string(text), "Max file locks")
	if words := strings.Fields(line); len(words) > 0 {
		tag, _ := strconv.ParseUint(words[0], 10, 64) // 0 for unlimited
		return tag
	}
	return 0
}
