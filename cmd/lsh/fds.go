package main

import (
	"os"
	"strconv"
	"syscall"
)

// closeOnExec marks every descriptor beyond the standard three, so that no
// child gets one that it was not given. /dev/fd lists them on every Unix.
func closeOnExec() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}
