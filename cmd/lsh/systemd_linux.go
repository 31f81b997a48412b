package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// systemd is the user's manager. Its files are units.
type systemd struct {
	dir string // of the user's units
}

func newServiceManager(a *app) (serviceManager, error) {
	_, home, err := a.defaults()
	if err != nil {
		return nil, err
	}
	base := filepath.Join(home, ".config")
	if dir, _ := a.getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		base = filepath.Clean(dir)
	}
	return systemd{filepath.Join(base, "systemd", "user")}, nil
}

func (s systemd) unit() string   { return filepath.Join(s.dir, serviceUnit) }
func (s systemd) socket() string { return filepath.Join(s.dir, socketUnit) }

func (s systemd) files(ctx context.Context, args []string, socket bool) ([]serviceFile, error) {
	lsh, err := ownPath()
	if err != nil {
		return nil, err
	}
	facts := unitFacts{lsh: lsh, args: args, systemd: installedSystemd(ctx), version: currentVersion()}
	files := []serviceFile{{s.unit(), systemdUnit(facts), unitForm()}}
	if socket {
		files = append(files, serviceFile{s.socket(), systemdSocket(facts), unitForm()})
	}
	return files, nil
}

// check asks the manager where it looks for units: one with another home would not find them.
func (s systemd) check(ctx context.Context) error {
	manager, err := properties(ctx, "", "UnitPath")
	if err != nil {
		return noManager(ctx, err)
	}
	if !slices.Contains(strings.Fields(manager["UnitPath"]), s.dir) {
		return fail("elsewhere", fmt.Sprintf("the service manager of user %s does not look into %s", userName(), s.dir),
			"HOME and XDG_CONFIG_HOME must be those of the login: see systemctl --user show --property=UnitPath")
	}
	return nil
}

func (s systemd) state(ctx context.Context) (serviceState, error) {
	st := serviceState{Manager: managerSystemd, Path: s.unit(), State: serviceAbsent}
	files, err := s.files(ctx, nil, true)
	if err != nil {
		return st, err
	}
	if st.State, _, err = files[0].judge(); err != nil {
		return st, fmt.Errorf("read unit: %w", err)
	}
	st.Socket = s.hasSocket(ctx)
	unit, err := properties(ctx, serviceUnit, "FragmentPath", "UnitFileState", "ActiveState", "MainPID")
	if err != nil {
		st.Reason = explain(noManager(ctx, err)).message
		return st, nil
	}
	if brought := unit["FragmentPath"]; st.State == serviceAbsent && brought != "" && brought != st.Path {
		st.Path, st.Package = brought, true
		if st.State, err = s.judgeBrought(brought, files[0].text); err != nil {
			return st, fmt.Errorf("read unit: %w", err)
		}
	}
	st.Enabled = strings.HasPrefix(unit["UnitFileState"], "enabled")
	st.Active = slices.Contains([]string{"active", "reloading", "activating", "deactivating"}, unit["ActiveState"])
	if pid, err := strconv.Atoi(unit["MainPID"]); err == nil {
		st.Pid = pid
	}
	st.Linger = lingers(ctx)
	return st, nil
}

// judgeBrought judges a unit that a package brought. It is made for any version of systemd, or is what would be installed
// here.
func (s systemd) judgeBrought(path, own string) (state string, err error) {
	lsh, err := ownPath()
	if err != nil {
		return "", err
	}
	for _, text := range []string{own, systemdUnit(unitFacts{lsh: lsh, version: currentVersion()})} {
		if state, _, err = (serviceFile{path, text, unitForm()}).judge(); err != nil || state == serviceCurrent {
			return state, err
		}
	}
	return state, nil
}

// hasSocket tells whether the daemon's socket is the manager's too: by a unit of the user's, or by one of a package that is in use.
func (s systemd) hasSocket(ctx context.Context) bool {
	if _, err := os.Stat(s.socket()); err == nil {
		return true
	}
	unit, err := properties(ctx, socketUnit, "UnitFileState", "ActiveState")
	return err == nil && (strings.HasPrefix(unit["UnitFileState"], "enabled") || unit["ActiveState"] == "active")
}

func (s systemd) enable(ctx context.Context, files []serviceFile) error {
	if _, err := systemctl(ctx, "daemon-reload"); err != nil {
		return err
	}
	args := []string{"enable", serviceUnit}
	if len(files) > 1 {
		args = append(args, socketUnit)
	}
	_, err := systemctl(ctx, args...)
	return err
}

func (s systemd) start(ctx context.Context) error {
	units := []string{"start"}
	if s.hasSocket(ctx) {
		units = append(units, socketUnit) // first: the service is given it
	}
	_, err := systemctl(ctx, append(units, serviceUnit)...)
	return err
}

func (s systemd) disable(ctx context.Context) error {
	args := []string{"disable", "--now", serviceUnit}
	if s.hasSocket(ctx) {
		args = []string{"disable", "--now", socketUnit, serviceUnit} // or a client would start it again
	}
	_, err := systemctl(ctx, args...)
	return err
}

func (s systemd) giveUp(ctx context.Context) error {
	units := []string{"stop"}
	if s.hasSocket(ctx) {
		units = append(units, socketUnit)
	}
	_, err := systemctl(ctx, append(units, serviceUnit)...)
	return err
}

func (s systemd) socketOf(ctx context.Context) (daemon int) {
	if !s.hasSocket(ctx) {
		return 0
	}
	unit, err := properties(ctx, serviceUnit, "MainPID")
	if err != nil {
		return 0
	}
	daemon, _ = strconv.Atoi(unit["MainPID"]) // 0 while it does not run
	return daemon
}

func (s systemd) closeSocket(ctx context.Context) error {
	_, err := systemctl(ctx, "stop", socketUnit)
	return err
}

func (s systemd) failing(ctx context.Context, socket string) (failing bool, tries int) {
	listener, err := properties(ctx, socketUnit, "Listen", "ActiveState")
	if err != nil || listener["ActiveState"] != "active" || listener["Listen"] != socket+" (Stream)" {
		return false, 0
	}
	unit, err := properties(ctx, serviceUnit, "ActiveState", "SubState", "Result", "NRestarts")
	if err != nil {
		return false, 0
	}
	tries, _ = strconv.Atoi(unit["NRestarts"])
	// One that somebody has killed has not failed to start.
	ended := slices.Contains([]string{"signal", "core-dump", "watchdog", "oom-kill", "success"}, unit["Result"])
	return unit["ActiveState"] == "failed" || strings.HasPrefix(unit["SubState"], "auto-restart") && !ended, tries
}

// forget also takes away what disable left, where a unit's file was gone before.
func (s systemd) forget(ctx context.Context) error {
	for link, target := range map[string]string{serviceUnit: "default.target.wants", socketUnit: "sockets.target.wants"} {
		_ = os.Remove(filepath.Join(s.dir, target, link)) // there is none, usually
		_ = os.Remove(filepath.Join(s.dir, target))       // unless others have links there
	}
	_ = os.Remove(s.dir)
	_ = os.Remove(filepath.Dir(s.dir))
	if _, err := systemctl(ctx, "daemon-reload"); err != nil {
		return err
	}
	// A unit that has not failed cannot be reset, which is no error here.
	_, _ = systemctl(ctx, "reset-failed", serviceUnit, socketUnit)
	return nil
}

// hands knows plain values: others, which systemctl quotes, count as different.
func (s systemd) hands(ctx context.Context, name, value string) bool {
	out, err := systemctl(ctx, "show-environment")
	return err == nil && slices.Contains(strings.Split(out, "\n"), name+"="+value)
}

func (s systemd) persistence(ctx context.Context) (label, text string) {
	name := quoteArg(userName())
	switch lingers(ctx) {
	case "yes":
		return "linger", "on: the daemon runs from boot on, also while you are not logged in"
	case "no":
		return "linger", "off: the daemon ends with your last logout; to have it run from boot on: loginctl enable-linger " + name
	}
	return "linger", "cannot be told; the daemon may end with your last logout: loginctl enable-linger " + name
}
