package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// checkWatching looks whether the daemon hears of changed files.
func checkWatching(_ context.Context, s *subject, r *diagnosis) {
	trouble := watchTrouble(s.watched())
	if s.daemon == nil || s.inside == nil {
		if trouble != "" {
			r.warn(watchHint(trouble, watchLimit), "files cannot be watched: %s", trouble)
		}
		r.ok("files can be watched")
		return
	}
	reason := s.inside.Polling
	switch hint := watchHint(reason, watchLimit); {
	case reason == "" && trouble != "":
		r.warn(watchHint(trouble, watchLimit), "%s: the daemon hears of changed files now, and the next one will not", trouble)
	case reason == "":
		r.ok("a changed jobs file is heard of at once")
	case hint == "":
		r.note("", "the jobs file is looked at every second: %s", reason)
	default:
		r.warn(hint, "the jobs file is looked at every second: %s", reason)
	}
}

// watched are the directories that a daemon watches to hear of changes of the jobs file.
func (s *subject) watched() []string {
	var dirs []string
	for _, t := range onTheWay(s.jobsFile) {
		if t.info.IsDir() && !slices.Contains(dirs, t.path) {
			dirs = append(dirs, t.path)
		}
	}
	return dirs
}

// watchHint is what mends a limit of inotify(7); "" when the reason is none.
func watchHint(reason string, limit func(name string) int) string {
	for _, l := range []struct {
		name  string
		usual int
	}{{"max_user_watches", 524288}, {"max_user_instances", 1024}} {
		if strings.Contains(reason, l.name) {
			return fmt.Sprintf("sudo sysctl fs.inotify.%s=%d", l.name, max(l.usual, 2*limit(l.name)))
		}
	}
	return ""
}
