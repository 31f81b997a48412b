package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tick is the unit of times in /proc/PID/stat: USER_HZ is 100 on every
// machine that Go runs on.
const tick = time.Second / 100

// statField is a number of /proc/PID/stat, counted as proc(5) does.
func statField(b *testing.B, pid, n int) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	// The second field is the command in parentheses, and may hold any.
	rest := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	return number(b, rest[n-3])
}

// cpuTime is what a process has used so far.
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	const utime, stime = 14, 15
	return time.Duration(statField(b, pid, utime)+statField(b, pid, stime)) * tick
}

// statusField is a number of a status file, as VmRSS (in kB).
func statusField(b *testing.B, path, name string) int {
	b.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return number(b, strings.Fields(value)[0])
		}
	}
	b.Fatalf("%s has no %s", path, name)
	return 0
}

func number(b *testing.B, text string) int {
	b.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// megabytes is a memory field of a process's status, in MB of 10^6 bytes.
func megabytes(b *testing.B, pid int, name string) float64 {
	b.Helper()
	return float64(statusField(b, fmt.Sprintf("/proc/%d/status", pid), name)) * 1024 / 1e6
}

// wakeUps is how often the threads of a process have waited so far, which is
// how often they were woken, but for the last time. None must end meanwhile.
func wakeUps(b *testing.B, pid int) int {
	b.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	var sum int
	for _, file := range files {
		sum += statusField(b, file, "voluntary_ctxt_switches")
	}
	return sum
}
