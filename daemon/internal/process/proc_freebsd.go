package process

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	stateZombie = 5    // SZOMB of <sys/proc.h>
	rssUnit     = 1024 // of ru_maxrss, in bytes
)

// kinfo is the beginning of struct kinfo_proc of <sys/user.h>, as 64-bit machines have it.
type kinfo struct {
	size   int32
	layout int32
	_      [8]uint64 // addresses
	pid    int32
	ppid   int32
	pgid   int32
	_      [43]uint32 // terminals, signals, users
	_      [6]uint64  // sizes
	_      [2]uint16
	_      [5]uint32
	_      uint64 // run time
	start  unix.Timeval
	_      unix.Timeval
	_      [2]int64
	_      int32
	stat   int8
}

// kinfoSize is the whole of it: ki_structsize.
const kinfoSize = 1088

// kinfos are the processes that a sysctl of kern.proc names; none when the kernel's form is not the one known here.
func kinfos(by string, id int) []kinfo {
	raw, err := unix.SysctlRaw("kern.proc."+by, id)
	if err != nil {
		return nil
	}
	var found []kinfo
	for ; len(raw) >= kinfoSize; raw = raw[kinfoSize:] {
		p := *(*kinfo)(unsafe.Pointer(&raw[0]))
		if p.size != kinfoSize {
			return nil
		}
		found = append(found, p)
	}
	return found
}

// startTime is 0 when there is no such process.
func startTime(pid int) uint64 {
	for _, p := range kinfos("pid", pid) {
		if int(p.pid) == pid {
			return uint64(time.Duration(p.start.Nano()).Microseconds())
		}
	}
	return 0
}

// scan gives the living members of group p.Pid, whoever that may be. The environment of others is not read here, so
// no process is found by its mark.
func scan(p Proc) (group, marked []int) {
	for _, member := range kinfos("pgrp", p.Pid) {
		if member.stat != stateZombie && int(member.pid) != os.Getpid() {
			group = append(group, int(member.pid))
		}
	}
	return group, nil
}
