//go:build !linux

package main

import (
	"errors"
	"syscall"
)

// processGone says whether a process has ended.
func processGone(pid int) bool {
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
