package process

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// task is what /proc/PID/stat says of a process.
type task struct {
	pid, pgid, sid int
	start          uint64 // ticks since boot
	dead           bool   // waits to be reaped
	kernel         bool   // a thread of the kernel's own, which has no environment
	bare           bool   // has an environment without entries: for good, or for a moment of an exec
}

// Fields of /proc/PID/stat after the command's closing parenthesis, see proc_pid_stat(5).
const (
	statState   = 0
	statPgrp    = 2
	statSession = 3
	statFlags   = 6
	statThreads = 17
	statStart   = 19
	statEnv     = 47
	statEnvEnd  = 48
)

const kernelThread = 0x00200000 // PF_KTHREAD of <linux/sched.h>, in statFlags

// among tells whether the process is in that group or session. A run without a pid has none: 0 is that of the kernel's
// own threads.
func (t task) among(leader int) bool { return leader > 0 && (t.pgid == leader || t.sid == leader) }

func readTask(pid int) (task, bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return task{}, false
	}
	return parseTask(pid, stat)
}

// parseTask reads from the last parenthesis on: the command before it may hold anything, parentheses and blanks too.
func parseTask(pid int, stat []byte) (task, bool) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= statEnvEnd {
		return task{}, false
	}
	number := func(field int) int {
		n, _ := strconv.Atoi(string(fields[field]))
		return n
	}
	start, err := strconv.ParseUint(string(fields[statStart]), 10, 64)
	state := fields[statState][0]
	return task{
		pid: pid, pgid: number(statPgrp), sid: number(statSession), start: start,
		// A process whose first thread has left while others go on says Z too.
		dead:   state == 'X' || state == 'Z' && number(statThreads) <= 1,
		kernel: number(statFlags)&kernelThread != 0,
		bare:   number(statEnvEnd) != 0 && number(statEnv) == number(statEnvEnd),
	}, err == nil
}

// startTime is 0 when there is no such process. A dead process that is not reaped has one.
func startTime(pid int) uint64 {
	t, _ := readTask(pid)
	return t.start
}

// kernelClock is now, in the unit of startTime.
func kernelClock() uint64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return 0
	}
	const tick = 10_000_000 // nanoseconds; USER_HZ is 100 wherever Go runs
	return uint64(now.Nano() / tick)
}

// scan looks at all processes but this one and gives those that live: in group and session p.Pid, whoever that may
// be, and with the mark of p.ID.
func scan(p Proc) (group, marked []int) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == os.Getpid() {
			continue
		}
		t, ok := readTask(pid)
		if !ok || t.dead || t.start < p.StartTime {
			continue
		}
		if t.among(p.Pid) {
			group = append(group, pid)
		}
		if hasMark(pid, p.ID) {
			marked = append(marked, pid)
		}
	}
	return group, marked
}

// hasMark is false for processes of other users, whose environment is not to be read. In the middle of an exec a process
// shows none for a moment, and is asked again: else a run that is just starting its next program would be missed.
func hasMark(pid int, id string) bool {
	if id == "" {
		return false
	}
	const (
		attempts = 1000 // on a busy machine an exec takes its time
		bareFor  = 10   // attempts in a row after which a process has no environment for good
	)
	bare := 0
	for range attempts {
		env, err := readEnv(pid)
		if err != nil {
			return false
		}
		if len(env) > 0 {
			return markOf(env) == id
		}
		t, ok := readTask(pid)
		if !ok || t.dead || t.kernel {
			return false
		}
		if !t.bare {
			bare = 0
		} else if bare++; bare == bareFor {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// readEnv reads with a buffer that holds any usual environment at once: an exec between two reads would cut it short.
func readEnv(pid int) ([]byte, error) {
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var env bytes.Buffer
	env.Grow(128 << 10)
	_, err = env.ReadFrom(f)
	return env.Bytes(), err
}

// markOf is the run id in an environment of entries that end with NUL.
func markOf(env []byte) string {
	for entry := range bytes.SplitSeq(env, []byte{0}) {
		if id, ok := bytes.CutPrefix(entry, []byte(RunIDVar+"=")); ok {
			return string(id)
		}
	}
	return ""
}

// killStraggler kills one process that a scan has found. The pidfd holds on to whoever has the number now, and only then is
// it asked whether that is still a process of the run.
func killStraggler(pid int, p Proc) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ENOSYS { // before Linux 5.3
		_ = syscall.Kill(pid, syscall.SIGKILL)
		return
	}
	if err != nil {
		return
	}
	defer unix.Close(fd)
	t, ok := readTask(pid)
	if !ok || t.start < p.StartTime {
		return
	}
	if t.among(p.Pid) || hasMark(pid, p.ID) {
		_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
	}
}

// mayHaveOrphans is true when a process lives that has fallen to this one, or when the kernel does not tell. Orphans always
// go to the first living thread of their new parent, and that is the main thread: in a Go program it never ends.
func (h *Host) mayHaveOrphans() bool {
	pid := strconv.Itoa(os.Getpid())
	children, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	if err != nil {
		return true // a kernel without CONFIG_PROC_CHILDREN
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for child := range bytes.FieldsSeq(children) {
		pid, _ := strconv.Atoi(string(child))
		if _, known := h.leaders[pid]; !known {
			return true
		}
	}
	return false
}
