package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// ask dials the daemon, calls one method, and says what takes long.
func ask[P, R any](ctx context.Context, a *app, method ipc.Method[P, R], params P) (R, error) {
	client, err := a.dial(ctx)
	if err != nil {
		var none R
		return none, err
	}
	defer client.Close()
	ctx, done := a.awaiting(ctx, client, "waiting for the daemon")
	defer done()
	return method.Call(ctx, client, params)
}

// dial connects to the daemon.
func (a *app) dial(ctx context.Context) (*ipc.Client, error) {
	if path := a.firstSocket(); path != "" {
		if client, err := ipc.Dial(ctx, []string{path}); err == nil {
			return client, nil
		}
	}
	paths, err := a.sockets()
	if err != nil {
		return nil, err
	}
	client, err := ipc.Dial(ctx, paths)
	if absent, is := errors.AsType[*ipc.NotRunningError](err); is {
		return a.dialFurther(ctx, absent)
	}
	return client, err
}

// dialFurther looks where it would cost too much to look first: where
// config.yaml says. With --socket nobody else is asked, but told of.
func (a *app) dialFurther(ctx context.Context, absent *ipc.NotRunningError) (*ipc.Client, error) {
	further := a.configured(ctx)
	if a.socket != "" {
		usual, err := a.usualSockets()
		if err != nil {
			return nil, absent
		}
		further = append(usual, further...)
	}
	for _, path := range further {
		if slices.Contains(absent.Paths, path) {
			continue
		}
		client, err := ipc.Dial(ctx, []string{path})
		if err != nil {
			continue
		}
		if a.socket == "" {
			return client, nil
		}
		client.Close()
		f := notRunning(absent)
		f.hint = "a daemon of yours answers elsewhere: lsh status --socket " + quoteArg(path)
		return nil, f
	}
	return nil, absent
}

// firstSocket is the first of sockets, "" when the account must be looked up
// for it: that takes as long as the dial.
func (a *app) firstSocket() string {
	named, _ := a.getenv("LSH_SOCKET")
	named = a.fromHome(named)
	home, _ := a.getenv("HOME")
	if a.socket != "" || named != "" || home == "" {
		return cmp.Or(a.socket, named)
	}
	paths := config.DefaultPaths(a.getenv, home, "", os.Geteuid())
	return paths.WithStateDir(a.stateDir(paths), a.getenv).RuntimeSocket
}

// sockets are the paths where the daemon may listen, in the order to try.
// --socket names one daemon and no other.
func (a *app) sockets() ([]string, error) {
	if a.socket != "" {
		return []string{a.socket}, nil
	}
	return a.usualSockets()
}

// usualSockets are those without --socket. LSH_SOCKET takes the place of the
// default path, and the listener in the runtime directory is the same
// daemon's: a squatted path does not shut its user out.
func (a *app) usualSockets() ([]string, error) {
	paths, _, err := a.defaults()
	if err != nil {
		return nil, err
	}
	runtime := paths.RuntimeSockets(a.stateDir(paths), a.getenv, os.Geteuid())
	if named, _ := a.getenv("LSH_SOCKET"); named != "" {
		return append([]string{a.fromHome(named)}, runtime...), nil
	}
	return append(runtime, paths.Socket), nil
}

// fromHome is a path that was named, with the home directory for a ~ that the shell has left, as in --jobs-file=~/jobs.yaml.
func (a *app) fromHome(path string) string {
	rest, tilde := strings.CutPrefix(path, "~")
	if !tilde || rest != "" && rest[0] != '/' {
		return path
	}
	_, home, err := a.defaults()
	if err != nil {
		return path // which is complained of where a default is needed
	}
	return home + rest
}

// stateDir is the daemon's, as far as the environment says.
func (a *app) stateDir(paths config.Paths) string {
	dir, _ := a.getenv("LSH_STATE_DIR")
	if abs, err := a.absolute(dir); err == nil && abs != "" {
		return abs
	}
	return paths.StateDir
}

// paths are the defaults of this user.
func (a *app) paths() (config.Paths, error) {
	paths, _, err := a.defaults()
	return paths, err
}

func (a *app) defaults() (paths config.Paths, home string, err error) {
	uid := os.Geteuid()
	name := strconv.Itoa(uid)
	if u, err := user.LookupId(name); err == nil {
		name, home = u.Username, u.HomeDir
	}
	if h, _ := a.getenv("HOME"); h != "" {
		home = h
	}
	if home == "" {
		return config.Paths{}, "", fail("no_home", "there is no home directory: HOME is empty", "export HOME=/home/you")
	}
	return config.DefaultPaths(a.getenv, home, name, uid), home, nil
}

// notRunning is the error of a daemon that does not answer.
func notRunning(e *ipc.NotRunningError) *failure {
	f := &failure{
		exit: exitNotRunning, code: "not_running",
		message: "the daemon is not running", hint: "lsh daemon start",
	}
	// A path that is there and cannot be used is worth telling.
	if !e.Absent() {
		f.message = fmt.Sprintf("the daemon cannot be reached: %s", strings.ReplaceAll(e.Err.Error(), "\n", "; "))
		f.hint = e.Hint()
	}
	return f
}

// unanswered tells a daemon that is there and does not answer from one that is not running. To ask
// lshd takes long: only a command that has failed may.
func unanswered(err error) error {
	absent, is := errors.AsType[*ipc.NotRunningError](err)
	if !is || !absent.Absent() {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), statusWithin)
	defer cancel()
	s, failed := askSettings(ctx, nil)
	asked := slices.Contains(absent.Paths, s.Socket) || slices.Contains(absent.Paths, s.RuntimeSocket)
	if failed != nil || s.DaemonPid == 0 || !asked {
		return err
	}
	return &failure{
		exit: exitNotRunning, code: "no_answer", hint: fmt.Sprintf("lsh daemon logs says more; kill %d ends it", s.DaemonPid),
		message: fmt.Sprintf("the daemon (pid %d) does not answer; it may be starting, or its worker cannot start", s.DaemonPid),
	}
}

// notification is what the daemon pushes.
type notification struct {
	method string
	params json.RawMessage
}

// feed is a connection on which the daemon pushes.
type feed struct {
	client *ipc.Client
	pushed chan notification
	quit   chan struct{}
}

// subscribe dials the daemon for a feed; the caller asks for the subscription
// itself, and closes the feed.
func (a *app) subscribe(ctx context.Context) (*feed, error) {
	client, err := a.dial(ctx)
	if err != nil {
		return nil, err
	}
	return newFeed(client), nil
}

// newFeed is a feed on a connection.
func newFeed(client *ipc.Client) *feed {
	f := &feed{client, make(chan notification), make(chan struct{})}
	client.Notifications(func(method string, params json.RawMessage) {
		select {
		case f.pushed <- notification{method, params}:
		case <-f.quit:
		}
	})
	return f
}

func (f *feed) close() {
	close(f.quit)
	f.client.Close()
}

// each gives what is pushed to handle until it says that was the last, the
// user interrupts, or the daemon goes away.
func (f *feed) each(ctx context.Context, handle func(method string, params json.RawMessage) (last bool, err error)) error {
	for {
		select {
		case n := <-f.pushed:
			if last, err := handle(n.method, n.params); last || err != nil {
				return err
			}
		case <-ctx.Done():
			return endOf(ctx)
		case <-f.client.Done():
			return lostDaemon()
		}
	}
}

func lostDaemon() *failure {
	return &failure{
		exit: exitNotRunning, code: "lost",
		message: "the daemon has gone away", hint: "lsh daemon status",
	}
}
