package process

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	stateZombie = 5 // SZOMB of <sys/proc.h>
	rssUnit     = 1 // of ru_maxrss, in bytes
)

// startTime is 0 when there is no such process.
func startTime(pid int) uint64 {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil || int(info.Proc.P_pid) != pid {
		return 0
	}
	return uint64(info.Proc.P_starttime.Nano() / 1000)
}

// scan gives the living members of group p.Pid, whoever that may be. The environment of others is not read here, so
// no process is found by its mark.
func scan(p Proc) (group, marked []int) {
	members, err := unix.SysctlKinfoProcSlice("kern.proc.pgrp", p.Pid)
	if err != nil {
		return nil, nil
	}
	for i := range members {
		proc := &members[i].Proc
		if proc.P_stat != stateZombie && int(proc.P_pid) != os.Getpid() {
			group = append(group, int(proc.P_pid))
		}
	}
	return group, nil
}
