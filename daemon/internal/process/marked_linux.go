package process

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// FindMarked finds the leaders of runs whose pid was never recorded, by their mark: one search through all processes. A
// leader has made a session of its own, and is the oldest that bears the mark.
func FindMarked(ids []string) map[string]Proc {
	found := map[string]Proc{}
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	proc, err := os.Open("/proc")
	if err != nil || len(ids) == 0 {
		return found
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		t, ok := readTask(pid)
		if !ok || t.dead || t.sid != pid {
			continue
		}
		env, err := readEnv(pid)
		if err != nil {
			continue
		}
		id := markOf(env)
		p := Proc{ID: id, Pid: pid, StartTime: t.start, Started: Began(t.start)}
		if first, twice := found[id]; wanted[id] && (!twice || p.Before(first)) {
			found[id] = p
		}
	}
	return found
}

// Began is a start time of the kernel's clock on the wall.
func Began(start uint64) time.Time {
	var up unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &up); err != nil {
		return time.Time{}
	}
	const tick = 10_000_000 // as in kernelClock
	return time.Now().Add(time.Duration(int64(start)*tick - up.Nano()))
}
