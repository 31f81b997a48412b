package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// stoppedProcess is that of a keeper and its worker which was stopped by a signal, as by kill -STOP; 0 when neither was.
func stoppedProcess(keeper int) int {
	if stopped(keeper) {
		return keeper
	}
	// A child is its thread's, see proc_pid_task(5).
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", keeper))
	for _, thread := range threads {
		children, _ := os.ReadFile(thread) // of a thread that has ended there are none
		for text := range strings.FieldsSeq(string(children)) {
			if pid, err := strconv.Atoi(text); err == nil && stopped(pid) {
				return pid
			}
		}
	}
	return 0
}

// stopped tells whether a process is in the state T of proc(5).
func stopped(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	rest, found := bytes.CutPrefix(stat[max(0, bytes.LastIndexByte(stat, ')')):], []byte(") "))
	return found && len(rest) > 0 && (rest[0] == 'T' || rest[0] == 't')
}

// deleted is what proc_pid_exe(5) says of a file that has been removed or replaced.
const deleted = " (deleted)"

// programOf is the name of the file that a process runs; "" when it cannot be told.
func programOf(pid int) string {
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return ""
	}
	return filepath.Base(strings.TrimSuffix(program, deleted))
}

// replacedDaemon tells whether the daemon that a process is has been removed or replaced on the disk since it started.
func replacedDaemon(pid int) bool {
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return err == nil && strings.HasSuffix(program, "/lshd"+deleted)
}

// listenerAt is the process that has made the listener of a socket, by unix(7); 0 when it cannot be told.
func listenerAt(path string) int {
	nc, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return 0
	}
	defer nc.Close()
	conn, err := nc.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0
	}
	pid := 0
	err = conn.Control(func(fd uintptr) {
		if peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(peer.Pid)
		}
	})
	if err != nil {
		return 0
	}
	return pid
}
