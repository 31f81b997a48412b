package main

import (
	"fmt"
	"strconv"
	"strings"
)

// mostPids is how many pids are told before the rest is a count.
const mostPids = 5

// processes is "1 process", "2 processes".
func processes(n int) string {
	if n == 1 {
		return "1 process"
	}
	return fmt.Sprintf("%d processes", n)
}

// pidList is "pid 2940", "pids 2940, 2941".
func pidList(pids []int) string {
	texts := make([]string, 0, mostPids+1)
	for _, pid := range pids[:min(len(pids), mostPids)] {
		texts = append(texts, strconv.Itoa(pid))
	}
	if more := len(pids) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	if len(pids) == 1 {
		return "pid " + texts[0]
	}
	return "pids " + strings.Join(texts, ", ")
}

// leftText says what a run has left behind that is still there.
func leftText(pids []int) string {
	return processes(len(pids)) + " left: " + pidList(pids)
}
