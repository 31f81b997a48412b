package main

import (
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// tailSize is how much of the end of a log is looked at.
const tailSize = 64 << 10

// lastFailure is why the daemon could not run, when that is the last that its log says of it; "" when it is not.
func lastFailure(logFile string) string {
	f, err := os.OpenFile(logFile, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	text, err := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-tailSize), tailSize))
	if err != nil {
		return ""
	}
	last := ""
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.Contains(line, "daemon cannot run"):
			last = line
		case strings.Contains(line, "daemon is ready"):
			last = ""
		}
	}
	// Of both formats of the log.
	found := regexp.MustCompile(`(?:"err":|\berr=)("(?:[^"\\]|\\.)*"|\S+)`).FindStringSubmatch(last)
	if found == nil {
		return ""
	}
	if why, err := strconv.Unquote(found[1]); err == nil {
		return why
	}
	return found[1]
}
