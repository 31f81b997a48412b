package main

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// installIt has the daemon start at login.
const installIt = "lsh daemon install"

// checkLogin looks whether the daemon starts at login, by this program, and outlives the logout.
func checkLogin(ctx context.Context, s *subject, r *diagnosis) {
	state, err := installedService(ctx, s.app)
	switch {
	case ctx.Err() != nil:
		r.warn("systemctl --user status", "cannot tell whether the daemon starts at login: the service manager does not answer in %s", span(checkWithin))
		return
	case err != nil:
		r.unknown("whether the daemon starts at login: %s", explain(err).message)
		return
	case state.Manager == managerNone:
		r.note("", "nothing starts the daemon at login: %s", state.Reason)
		return
	case state.State == serviceAbsent:
		hint := installIt
		if state.Reason != "" {
			hint = s.managerHint(ctx)
		}
		r.note(hint, "the daemon is not started at login%s", because(state.Reason))
		return
	}
	trouble := serviceTroubles(ctx)
	if trouble.masked || masked(state.Path) { // whatever else is said of it comes from that
		unmask := "systemctl --user unmask "
		if trouble.untilBoot {
			unmask = "systemctl --user --runtime unmask "
		}
		r.warn(unmask+serviceUnit, "the service is masked: systemd starts it neither at login nor when it is asked to")
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
		r.warn(installIt, "%s was written by lsh %s, and lsh %s writes another", s.short(state.Path), sealedVersion(state.Path), currentVersion())
	case state.State == serviceEdited:
		r.note(installIt+" --dry-run", "%s has been edited, and is left alone; "+installIt+" --force writes it anew", s.short(state.Path))
	}
	if state.Reason != "" {
		r.unknown("whether the service is enabled and runs: %s", state.Reason)
		return
	}
	failed := trouble.failed
	if failed != "" {
		r.wrong("systemctl --user reset-failed "+serviceUnit+" && systemctl --user start "+serviceUnit, "the service has failed (%s); lsh daemon logs says why", failed)
	}
	if trouble.unread && state.State != serviceOutdated { // which is mended by the same command
		r.warn("systemctl --user daemon-reload", "%s has changed, and systemd has not read it since", s.short(state.Path))
	}
	if trouble.dropIns != "" {
		r.note("systemctl --user cat "+serviceUnit, "the service is changed by %s", s.short(trouble.dropIns))
	}
	for _, b := range slices.Concat(trouble.broken, s.brokenSettings(ctx, trouble)) {
		r.warn(b.mend, "%s", b.text)
	}
	if !state.Enabled {
		r.warn(installIt, "%s is there, and not enabled: the daemon is not started at login", s.short(state.Path))
	}
	if s.daemon != nil && (!state.Active || state.Pid != 0 && state.Pid != s.daemon.Pid) && failed == "" {
		r.warn(anew, "the daemon that runs (pid %d) is not the service's: it was started by hand, and ends with what started it", s.daemon.Pid)
	}
	if state.Linger == "no" {
		r.note("loginctl enable-linger "+config.UserName(os.Geteuid()), "linger is off: the daemon ends when you log out, and its jobs with it, and does not start at boot")
	}
	text := s.short(state.Path)
	if state.Active {
		text += ", active, pid " + strconv.Itoa(state.Pid)
	}
	r.ok("%s", text)
}

// managerHint is how the service manager can be had; "" when it is there, or cannot. That the daemon runs without it is not said: it
// may do so already.
func (s *subject) managerHint(ctx context.Context) string {
	m, err := newServiceManager(s.app)
	if err == nil {
		err = m.check(ctx)
	}
	if err == nil {
		return ""
	}
	hint, _, _ := strings.Cut(explain(err).hint, startIt)
	return strings.TrimSuffix(hint, "; ")
}

// serviceTrouble is what a service manager says is not well with the service.
type serviceTrouble struct {
	masked, untilBoot bool
	failed            string   // why it was given up, in the manager's own word
	unread            bool     // the service file is newer than what the manager has of it
	files             []string // the service file, and those that change it
	dropIns           string   // files that change the service beside its own
	env               []string // variables that the service is given, as NAME=VALUE
	broken            []brokenPromise
}

// brokenPromise is what somebody has set in the service file, or beside it, that the daemon cannot do with.
type brokenPromise struct{ text, mend string }

// brokenSettings are those of the service's own variables with which it does not start.
func (s *subject) brokenSettings(ctx context.Context, trouble serviceTrouble) (broken []brokenPromise) {
	isSetting := func(entry string) bool { return strings.HasPrefix(entry, "LSH_") }
	if s.checkup == nil || !slices.ContainsFunc(trouble.env, isSetting) {
		return nil
	}
	env := append(slices.DeleteFunc(os.Environ(), isSetting), trouble.env...)
	c, err := askLshdIn[ipc.Checkup](ctx, env, []string{"doctor"}, nil)
	if err != nil {
		return nil // which is told of with the programs
	}
	for _, p := range c.Problems {
		if name, _, _ := strings.Cut(p.Message, ":"); isSetting(name) {
			broken = append(broken, brokenPromise{"the service will not start again, by a variable that it is given: " + p.Message, takeOut(trouble.files, name)})
		}
	}
	return broken
}

// sealedVersion is the version of lsh that has written a service file, by its head.
func sealedVersion(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "of another version"
	}
	_, rest, found := strings.Cut(string(text), writtenBy)
	by, _, whole := strings.Cut(rest, ": ")
	if !found || !whole || strings.ContainsRune(by, '\n') {
		return "of another version"
	}
	return by
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
