package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// The service managers that lsh knows.
const (
	managerNone    = "none"
	managerSystemd = "systemd"
	managerLaunchd = "launchd"
)

// How an installed service file stands to what this binary would write.
const (
	serviceAbsent   = "absent"
	serviceCurrent  = "current"
	serviceOutdated = "outdated" // lsh wrote it: another version, or of a binary elsewhere
	serviceEdited   = "edited"   // by hand, or not by lsh at all
)

// serviceState is how the daemon stands with the service manager.
type serviceState struct {
	Manager string `json:"manager"`          // managerNone…
	Reason  string `json:"reason,omitempty"` // why the manager cannot be asked; the state of the file is known all the same
	Path    string `json:"path,omitempty"`   // of the service file, also while there is none
	State   string `json:"state"`            // serviceAbsent…
	Package bool   `json:"package"`          // the file is not the user's: a package brought it
	Socket  bool   `json:"socket"`           // the daemon's socket is the service manager's too
	Enabled bool   `json:"enabled"`          // it starts at login
	Active  bool   `json:"active"`           // it runs, as a service
	Pid     int    `json:"pid,omitempty"`    // of the keeper, while it is active
	Linger  string `json:"linger,omitempty"` // of systemd: yes, no, or "" when it cannot be told
}

// serviceManager starts the daemon at login. Each system has its own.
type serviceManager interface {
	// files are the service files for a daemon with settings args, as this binary writes them.
	files(ctx context.Context, args []string, socket bool) ([]serviceFile, error)
	// state is how the daemon stands. What cannot be asked is in Reason.
	state(ctx context.Context) (serviceState, error)
	// check says why nothing can be installed here; nil when it can.
	check(ctx context.Context) error
	// enable has files that were written start the daemon at login.
	enable(ctx context.Context, files []serviceFile) error
	// start starts the daemon and waits until it is ready.
	start(ctx context.Context) error
	// disable stops the daemon and takes enable back.
	disable(ctx context.Context) error
	// giveUp ends the manager's trying to start a daemon that cannot be started, until start.
	giveUp(ctx context.Context) error
	// socketOf is the daemon that the manager has made the socket for, by its pid; 0 for none.
	socketOf(ctx context.Context) (daemon int)
	// closeSocket ends the socket by which a client would have the manager start the daemon, until start.
	closeSocket(ctx context.Context) error
	// failing tells whether the manager listens at a socket for a daemon that ends whenever it is started, and how often it has
	// been started again.
	failing(ctx context.Context, socket string) (failing bool, tries int)
	// forget tells the manager that the files are gone.
	forget(ctx context.Context) error
	// hands tells whether the manager gives what it starts a variable of that value.
	hands(ctx context.Context, name, value string) bool
	// persistence says how long the daemon runs and what to type for longer.
	persistence(ctx context.Context) (label, text string)
}

// installedService is how the daemon stands with the service manager of this system.
func installedService(ctx context.Context, a *app) (serviceState, error) {
	m, err := newServiceManager(a)
	if err != nil {
		return serviceState{Manager: managerNone, Reason: explain(err).message, State: serviceAbsent}, nil
	}
	return m.state(ctx)
}

// serviceFile is a file that a service manager reads.
type serviceFile struct {
	path string
	text string // as this binary writes it
	form serviceForm
}

// serviceForm is how the files of a service manager are laid out.
type serviceForm struct {
	before     string // what stands before the head
	open       string // what begins a line of the head
	begin, end string // around the command that starts the daemon
	words      func(command string) []string
}

// judge compares what is at the path with what this binary writes. Settings in the command that starts the daemon are the
// user's, and no difference.
func (f serviceFile) judge() (state, there string, err error) {
	content, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return serviceAbsent, "", nil
	}
	if err != nil {
		return "", "", err
	}
	there = string(content)
	body, whole := unseal(there, f.form)
	own, _ := unseal(f.text, f.form)
	rest, command := f.form.split(body)
	ownRest, ownCommand := f.form.split(own)
	switch {
	case rest == ownRest && strings.HasPrefix(command, ownCommand):
		return serviceCurrent, there, nil
	case !whole:
		return serviceEdited, there, nil
	}
	return serviceOutdated, there, nil
}

// settings are the arguments that the installed file gives the daemon; none where somebody has edited more than these.
func (f serviceFile) settings() ([]string, error) {
	state, there, err := f.judge()
	if err != nil || state == serviceAbsent || state == serviceEdited {
		return nil, err
	}
	return f.form.arguments(there), nil
}

// arguments are those that the text of a service file gives the daemon; none where it starts something else.
func (f serviceForm) arguments(text string) []string {
	_, command := f.split(text)
	words := f.words(command)
	if len(words) < 3 || words[1] != "daemon" || words[2] != "run" {
		return nil
	}
	return words[3:]
}

// changes tells whether there is a file already, and one that says something else.
func (f serviceFile) changes() bool {
	state, there, err := f.judge()
	if err != nil || state == serviceAbsent {
		return false
	}
	before, _ := unseal(there, f.form)
	after, _ := unseal(f.text, f.form)
	return before != after
}

// split takes the command out of a body.
func (f serviceForm) split(body string) (rest, command string) {
	before, after, found := strings.Cut(body, f.begin)
	if !found {
		return body, ""
	}
	command, after, _ = strings.Cut(after, f.end)
	return before + after, command
}

// write puts the file in place, whole or not at all.
func (f serviceFile) write() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return unwritable(err)
	}
	draft := f.path + ".new"
	err := os.WriteFile(draft, []byte(f.text), 0o644)
	if err == nil {
		err = os.Rename(draft, f.path)
	}
	if err != nil {
		_ = os.Remove(draft) // what keeps it from being written keeps it from being removed, or it is not there
		return unwritable(err)
	}
	return nil
}

// unwritable is the error of a file or directory that cannot be written, with what to do instead.
func unwritable(err error) error {
	return fail("unwritable", "write service file: "+err.Error(),
		"make room or write access there, or put the file in place by other means: lsh daemon install --dry-run prints it")
}

// masked tells whether a file says that the service must not be started at all.
func masked(path string) bool {
	target, err := os.Readlink(path)
	return err == nil && target == os.DevNull
}

// unmask is what takes a mask away.
func unmask(path string) string { return "systemctl --user unmask " + filepath.Base(path) }

// ignoreAbsent is the error of a removal, unless there was nothing to remove.
func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// ownPath is where this binary is found for as long as possible.
func ownPath() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find lsh: %w", err)
	}
	real, err := filepath.EvalSymlinks(self)
	if err != nil {
		return "", fmt.Errorf("find lsh: %w", err)
	}
	return lasting(real, "lsh"), nil
}

// lasting is the path by which the program at real is found for as long as possible: a link that leads to it, in PATH or where lsh was
// called, outlives the directory of a version.
func lasting(real, name string) string {
	var places []string
	if path, err := exec.LookPath(name); err == nil {
		places = append(places, path)
	}
	if called, err := exec.LookPath(os.Args[0]); err == nil {
		places = append(places, filepath.Join(filepath.Dir(called), name))
	}
	for _, path := range places {
		if leads, err := filepath.EvalSymlinks(path); err == nil && leads == real && filepath.IsAbs(path) {
			return path
		}
	}
	return real
}

// answerOf is what a service manager's own command prints. What it complains of is its error.
func answerOf(cmd *exec.Cmd) (string, error) {
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if text := oneLine(strings.TrimSpace(string(exit.Stderr))); text != "" {
			err = errors.New(text)
		}
	}
	return string(out), err
}
