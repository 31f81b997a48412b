package main

import (
	"context"
	"os"
	"strconv"

	"github.com/lsh-project/lsh/config"
)

// installIt has the daemon start at login.
const installIt = "lsh daemon install"

// checkLogin looks whether the daemon starts at login, by this program, and outlives the logout.
func checkLogin(ctx context.Context, s *subject, r *diagnosis) {
	state, err := installedService(ctx, s.app)
	switch {
	case err != nil:
		r.unknown("whether the daemon starts at login: %s", explain(err).message)
		return
	case state.Manager == managerNone:
		r.note("", "nothing starts the daemon at login: %s", state.Reason)
		return
	case state.State == serviceAbsent:
		hint := installIt
		if state.Reason != "" {
			hint = ""
		}
		r.note(hint, "the daemon is not started at login%s", because(state.Reason))
		return
	}
	program := serviceProgram(state.Path)
	absent := program != "" && lookAt(program).info == nil
	switch {
	case absent && state.State == serviceEdited:
		r.wrong("correct it, or  "+installIt+" --force", "%s starts %s, which is not there", s.short(state.Path), s.short(program))
	case absent:
		r.wrong(installIt, "%s starts %s, which is not there", s.short(state.Path), s.short(program))
	case state.State == serviceOutdated && program != "" && !sameDir(program, s.self()):
		r.warn(installIt, "%s starts another lsh, %s, and this one is %s", s.short(state.Path), s.short(program), s.short(s.self()))
	case state.State == serviceOutdated:
		r.warn(installIt, "%s was written by another version of lsh", s.short(state.Path))
	case state.State == serviceEdited:
		r.note(installIt+" --dry-run", "%s has been edited, and is left alone; "+installIt+" --force writes it anew", s.short(state.Path))
	}
	if state.Reason != "" {
		r.unknown("whether the service is enabled and runs: %s", state.Reason)
		return
	}
	failed := serviceFailed(ctx)
	if failed != "" {
		r.wrong("systemctl --user reset-failed "+serviceUnit+" && systemctl --user start "+serviceUnit, "the service has failed (%s); lsh daemon logs says why", failed)
	}
	if !state.Enabled {
		r.warn(installIt, "%s is there, and not enabled: the daemon is not started at login", s.short(state.Path))
	}
	if s.daemon != nil && (!state.Active || state.Pid != 0 && state.Pid != s.daemon.Pid) && failed == "" {
		r.warn(anew, "the daemon that runs (pid %d) is not the service's: it was started by hand, and ends with what started it", s.daemon.Pid)
	}
	if state.Linger == "no" {
		r.warn("loginctl enable-linger "+config.UserName(os.Geteuid()), "linger is off: the daemon ends when you log out, and its jobs with it, and does not start at boot")
	}
	text := s.short(state.Path)
	if state.Active {
		text += ", active, pid " + strconv.Itoa(state.Pid)
	}
	r.ok("%s", text)
}

// self is this program's file; "" when it is not known.
func (s *subject) self() string {
	path, err := ownPath()
	if err != nil {
		return ""
	}
	return path
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}
