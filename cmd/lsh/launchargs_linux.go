package main

import (
	"fmt"
	"os"
	"strings"
)

// launchArgs are the flags that a running daemon was started with.
func launchArgs(pid int) []string {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return nil
	}
	return passedOn(strings.Split(string(line), "\x00"))
}
