package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// largeLog is more than a log has that is rotated as it should be, in bytes.
const largeLog = 64 << 20

// checkLog looks at the daemon's log, which by default lies where everybody may put something.
func checkLog(_ context.Context, s *subject, r *diagnosis) {
	running := s.daemon != nil
	if c := s.checkup; running && c != nil && c.Settings != nil && s.reachedBySettings() && c.Settings.LogFile != s.logFile {
		if there := lookAt(c.Settings.LogFile); s.noLog(there) {
			r.warn(there.away(s.uid)+" && "+anew, "%s is where the log should be: %s; it is written to %s", s.short(there.path), there, s.short(s.logFile))
		}
	}
	switch there := lookAt(s.logFile); {
	case there.info == nil && errors.Is(there.err, fs.ErrNotExist):
		if running {
			r.warn(fmt.Sprintf("kill -USR1 %d", s.daemon.Pid), "the log %s has been removed: what the daemon says is lost", s.short(s.logFile))
		}
		r.ok("none yet: the first start makes it")
	case there.info == nil:
		r.wrong("ls -ld "+s.arg(filepath.Dir(s.logFile)), "the log %s cannot be looked at: %s", s.short(s.logFile), bareError(there.err))
	case s.noLog(there):
		r.warn(there.away(s.uid), "%s is where the log should be: %s", s.short(s.logFile), there)
	case there.info.Mode().Perm()&0o022 != 0:
		r.warn("chmod 600 "+s.arg(s.logFile), "others may write to the log %s (mode %04o)", s.short(s.logFile), there.info.Mode().Perm())
	case there.info.Size() > largeLog:
		r.warn("truncate -s 0 "+s.arg(s.logFile), "the log %s has %s", s.short(s.logFile), sizeText(there.info.Size()))
	default:
		r.ok("%s, %s", s.short(s.logFile), sizeText(there.info.Size()))
	}
}

// noLog tells whether what is there is nothing that the daemon would write its log to.
func (s *subject) noLog(t thing) bool {
	return t.info != nil && (!t.info.Mode().IsRegular() || t.owner != s.uid)
}

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
