package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// processGone says whether a process has ended. One that nobody has reaped
// counts as ended: in a container there may be no one who does.
func processGone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return errors.Is(err, os.ErrNotExist)
	}
	// The name, in parentheses, may hold anything; the state follows it.
	end := bytes.LastIndexByte(stat, ')')
	return end >= 0 && len(stat) > end+2 && (stat[end+2] == 'Z' || stat[end+2] == 'X')
}
