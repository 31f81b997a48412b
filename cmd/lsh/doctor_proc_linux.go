package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// stoppedProcess is that of a keeper and its worker which was stopped by a signal, as by kill -STOP; 0 when neither was.
func stoppedProcess(keeper int) int {
	if stopped(keeper) {
		return keeper
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", keeper, keeper))
	if err != nil {
		return 0
	}
	for text := range strings.FieldsSeq(string(children)) {
		if pid, err := strconv.Atoi(text); err == nil && stopped(pid) {
			return pid
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
