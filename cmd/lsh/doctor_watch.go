package main

import (
	"context"
	"strings"
)

// checkWatching looks whether the daemon hears of changed files.
func checkWatching(_ context.Context, s *subject, r *diagnosis) {
	if s.daemon == nil || s.inside == nil {
		if reason := watchTrouble(); reason != "" {
			r.warn(watchHint(reason), "files cannot be watched: %s", reason)
			return
		}
		r.ok("files can be watched")
		return
	}
	reason := s.inside.Polling
	switch hint := watchHint(reason); {
	case reason == "":
		r.ok("a changed jobs file is heard of at once")
	case hint == "":
		r.note("", "the jobs file is looked at every second: %s", reason)
	default:
		r.warn(hint, "the jobs file is looked at every second: %s", reason)
	}
}

// watchHint is what mends a limit of inotify(7); "" when the reason is none.
func watchHint(reason string) string {
	for _, limit := range []struct{ name, value string }{{"max_user_watches", "524288"}, {"max_user_instances", "1024"}} {
		if strings.Contains(reason, limit.name) {
			return "sudo sysctl fs.inotify." + limit.name + "=" + limit.value
		}
	}
	return ""
}
