package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// launchd runs agents, which are described by plists, for as long as a user is logged in at the screen.
type launchd struct{ home string }

func newServiceManager(a *app) (serviceManager, error) {
	_, home, err := a.defaults()
	return launchd{home}, err
}

func (l launchd) plist() string {
	return filepath.Join(l.home, "Library", "LaunchAgents", launchdLabel+".plist")
}

// domain is that of the login at the screen.
func (l launchd) domain() string { return "gui/" + strconv.Itoa(os.Geteuid()) }
func (l launchd) agent() string  { return l.domain() + "/" + launchdLabel }

func launchctl(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "launchctl", args...)
	out, err := answerOf(cmd)
	if err != nil {
		err = fmt.Errorf("launchctl %s: %w", strings.Join(args, " "), err)
	}
	return out, err
}

func (l launchd) files(_ context.Context, args []string, socket bool) ([]serviceFile, error) {
	if socket {
		return nil, usage("launchd is given no socket: --socket-activation is for systemd", "lsh daemon install")
	}
	lsh, err := ownPath()
	if err != nil {
		return nil, err
	}
	return []serviceFile{{l.plist(), launchdPlist(plistFacts{lsh: lsh, args: args, home: l.home, version: currentVersion()}), plistForm()}}, nil
}

func (l launchd) check(ctx context.Context) error {
	if _, err := launchctl(ctx, "print", l.domain()); err != nil {
		return fail("no_login", "nobody is logged in at the screen as this user: "+err.Error(), "log in there first; lsh daemon start runs the daemon until then")
	}
	return nil
}

func (l launchd) state(ctx context.Context) (serviceState, error) {
	st := serviceState{Manager: managerLaunchd, Path: l.plist(), State: serviceAbsent}
	files, err := l.files(ctx, nil, false)
	if err != nil {
		return st, err
	}
	if st.State, _, err = files[0].judge(); err != nil {
		return st, fmt.Errorf("read plist: %w", err)
	}
	out, err := launchctl(ctx, "print", l.agent())
	if err != nil {
		return st, nil // it is not loaded
	}
	st.Enabled, st.Pid = true, runningPid(out)
	st.Active = st.Pid != 0
	return st, nil
}

// enable loads the agent, which starts it. One that is loaded goes on as it was loaded.
func (l launchd) enable(ctx context.Context, files []serviceFile) error {
	if _, err := launchctl(ctx, "enable", l.agent()); err != nil {
		return err
	}
	if _, err := launchctl(ctx, "print", l.agent()); err == nil {
		return nil
	}
	_, err := launchctl(ctx, "bootstrap", l.domain(), files[0].path)
	return err
}

// start loads the agent anew unless it runs: one that is loaded is as its plist was then.
func (l launchd) start(ctx context.Context) error {
	out, err := launchctl(ctx, "print", l.agent())
	if err == nil && runningPid(out) != 0 {
		return nil
	}
	if err == nil {
		if err := l.unload(ctx); err != nil {
			return err
		}
	}
	if _, err := launchctl(ctx, "bootstrap", l.domain(), l.plist()); err != nil {
		return err
	}
	_, err = launchctl(ctx, "kickstart", l.agent())
	return err
}

// unload has launchd forget the agent, and waits until it has: a daemon that runs has its jobs to stop.
func (l launchd) unload(ctx context.Context) error {
	limit := launchdExit + 10*time.Second
	_, failed := launchctl(ctx, "bootout", l.agent())
	if failed != nil {
		limit = 5 * time.Second // also that it is under way is called an error
	}
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if _, err := launchctl(ctx, "print", l.agent()); err != nil {
			return nil
		}
	}
	return cmp.Or(failed, errors.New("launchctl bootout: the agent is still there"))
}

// runningPid is that of an agent that launchctl prints; 0 while it does not run.
func runningPid(printed string) int {
	for line := range strings.Lines(printed) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		if pid, err := strconv.Atoi(value); name == "pid" && err == nil {
			return pid
		}
	}
	return 0
}

func (l launchd) disable(ctx context.Context) error {
	if _, err := launchctl(ctx, "print", l.agent()); err != nil {
		return nil
	}
	return l.unload(ctx)
}

func (l launchd) giveUp(ctx context.Context) error { return l.disable(ctx) }

func (l launchd) socketOf(context.Context) (daemon int) { return 0 }

func (l launchd) closeSocket(context.Context) error { return nil }

func (l launchd) failing(context.Context, string) (failing bool, tries int) { return false, 0 }

func (l launchd) forget(context.Context) error { return nil }

func (l launchd) hands(ctx context.Context, name, value string) bool {
	out, err := launchctl(ctx, "getenv", name)
	return err == nil && strings.TrimSuffix(out, "\n") == value
}

func (l launchd) persistence(context.Context) (label, text string) {
	return "login", "the daemon runs while you are logged in at the screen"
}
