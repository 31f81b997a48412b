package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// logins is where logind makes the runtime directories of users, by uid.
const logins = "/run/user"

// managerEnv is the environment in which the user's own manager is found: su, sudo and cron leave no runtime directory, or another
// user's.
func managerEnv(uid int) []string {
	env := os.Environ()
	if ownDir(os.Getenv("XDG_RUNTIME_DIR"), uid) {
		return env
	}
	own := filepath.Join(logins, strconv.Itoa(uid))
	if !ownDir(own, uid) {
		return env
	}
	return append(env, "XDG_RUNTIME_DIR="+own, "DBUS_SESSION_BUS_ADDRESS=unix:path="+own+"/bus")
}

func ownDir(path string, uid int) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir() && int(info.Sys().(*syscall.Stat_t).Uid) == uid
}

// systemctl runs a command of the user's manager and gives its output.
func systemctl(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "systemctl", append([]string{"--user", "--no-pager"}, args...)...)
	cmd.Env = managerEnv(os.Geteuid())
	out, err := answerOf(cmd)
	if err != nil {
		err = fmt.Errorf("systemctl --user %s: %w", strings.Join(args, " "), err)
	}
	return out, err
}

// properties are what systemctl shows of a unit, or of the manager when unit is "".
func properties(ctx context.Context, unit string, names ...string) (map[string]string, error) {
	args := []string{"show", "--property=" + strings.Join(names, ",")}
	if unit != "" {
		args = append(args, unit)
	}
	out, err := systemctl(ctx, args...)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		values[name] = value
	}
	return values, nil
}

// systemdVersion is the number at the head of a text like "252.39-1~deb12u1" or "systemd 257 (257.5)"; 0 when there is none.
func systemdVersion(text string) int {
	text = strings.TrimPrefix(strings.TrimSpace(text), "systemd ")
	digits := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if digits >= 0 {
		text = text[:digits]
	}
	n, _ := strconv.Atoi(text)
	return n
}

// installedSystemd is the version of the systemd that is installed, whether it runs or not; 0 when there is none.
func installedSystemd(ctx context.Context) int {
	out, err := exec.CommandContext(ctx, "systemctl", "--version").Output()
	if err != nil {
		return 0
	}
	return systemdVersion(string(out))
}

// noManager explains why the user's manager cannot be reached.
func noManager(ctx context.Context, cause error) error {
	if errors.Is(cause, exec.ErrNotFound) {
		return fail("no_systemd", "there is no systemd here: systemctl is not in PATH", "lsh daemon start runs the daemon without it; @reboot in crontab -e starts it at boot")
	}
	// It answers with what is wrong and with an exit code that says so; the word alone counts.
	out, _ := exec.CommandContext(ctx, "systemctl", "is-system-running").Output()
	if word := strings.TrimSpace(string(out)); word == "offline" || word == "" {
		return fail("no_systemd", "systemd is installed and does not run this machine", "lsh daemon start runs the daemon without it")
	}
	name := userName()
	enable := "loginctl enable-linger " + quoteArg(name)
	if os.Geteuid() != 0 {
		enable = "log in as " + name + ", or as root: " + enable
	}
	return fail("no_user_bus", "the service manager of user "+name+" does not answer: "+plainCause(cause).Error(), enable+"; lsh daemon start runs the daemon without it")
}

// plainCause is what a command complained of, without the command.
func plainCause(err error) error {
	if cause := errors.Unwrap(err); cause != nil {
		return cause
	}
	return err
}

// userName is the login name of the effective user, or the number.
func userName() string {
	uid := strconv.Itoa(os.Geteuid())
	if u, err := user.LookupId(uid); err == nil {
		return u.Username
	}
	return uid
}

// lingers tells whether the user's manager runs from boot on and after logout: yes, no, or "" when it cannot be told.
func lingers(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "loginctl", "show-user", "--property=Linger", "--value", userName()).Output()
	if word := strings.TrimSpace(string(out)); err == nil && (word == "yes" || word == "no") {
		return word
	}
	return ""
}
