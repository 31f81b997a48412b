package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// readyWithin is how long a daemon may take until it answers: reading 100,000
// jobs on a slow disk is well within.
const readyWithin = 60 * time.Second

func daemonStartCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start the daemon in the background",
		Long: `Starts the daemon in the background and waits until it answers. The flags are
settings of the daemon; they win over LSH_* and config.yaml. With --socket it
listens there. One that is installed (lsh daemon install) is started by the
service manager, unless flags or LSH_* ask for another.`,
		Example: `  lsh daemon start
  lsh daemon start --jobs-file ~/dotfiles/jobs.yaml --apply manual`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			args, err := daemonArgs(a, cmd.Flags())
			if err != nil {
				return err
			}
			if m := a.startsBy(cmd.Context(), args); m != nil {
				return a.startService(cmd.Context(), m)
			}
			return a.startDaemon(cmd.Context(), args)
		},
	}
	addDaemonFlags(cmd.Flags())
	return cmd
}

// readiness is the one line that lshd writes once it answers, or cannot.
type readiness struct {
	Pid     int          `json:"pid"`
	Sockets []ipc.Socket `json:"sockets"`
	// What is not as somebody wanted it.
	Warnings []string `json:"warnings"`
	Error    *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
	} `json:"error"`
}

// startDaemon starts lshd and says how that went.
func (a *app) startDaemon(ctx context.Context, args []string) error {
	done := a.waiting("starting the daemon")
	ready, err := launch(args, withoutRun(os.Environ()))
	done()
	if err != nil {
		return err
	}
	if e := ready.Error; e != nil {
		if e.Code == "already_running" {
			return a.refusedStart(ctx, args, "the "+e.Message, e.Hint)
		}
		return lshdFailure(e.Code, e.Message, e.Hint)
	}
	if a.json() {
		return a.printJSON(started{ready.Pid, ready.Sockets, ready.Warnings})
	}
	a.printf("daemon started: pid %d\n", ready.Pid)
	for _, w := range ready.Warnings {
		a.printf("%s\n", a.style().yellow(oneLine(w)))
	}
	reach := a.warnOfSockets(ready.Sockets)
	a.warnOfFile(ctx, reach)
	return nil
}

// started is the answer for programs.
type started struct {
	Pid      int          `json:"pid"`
	Sockets  []ipc.Socket `json:"sockets"`
	Warnings []string     `json:"warnings,omitempty"`
}

// warnOfSockets says which could not be opened, and how the daemon is reached
// then. It returns those that it is reached by.
func (a *app) warnOfSockets(sockets []ipc.Socket) (open []string) {
	s := a.style()
	for _, socket := range sockets {
		if socket.Error == "" {
			open = append(open, socket.Path)
			continue
		}
		a.printf("%s\n", s.yellow(oneLine("socket "+a.short(socket.Path)+" cannot be opened: "+socket.Error)))
	}
	if len(open) == len(sockets) || len(open) == 0 { // without any it does not start
		return open
	}
	known, err := a.usualSockets()
	if err == nil && a.socket == "" && slices.Contains(known, open[0]) {
		a.printf("the daemon is reached at %s\n", oneLine(a.short(open[0])))
		return open
	}
	a.printf("the daemon is reached at %s: lsh status --socket %s\n", oneLine(a.short(open[0])), oneLine(quoteArg(open[0])))
	return open
}

// warnOfFile says so when the daemon that was started has no jobs file that it
// could take.
func (a *app) warnOfFile(ctx context.Context, sockets []string) {
	ctx, cancel := context.WithTimeout(ctx, statusWithin)
	defer cancel()
	client, err := ipc.Dial(ctx, sockets)
	if err != nil {
		return // it has ended by now, which is said when it is asked next
	}
	defer client.Close()
	status, err := ipc.DaemonStatus.Call(ctx, client, ipc.StatusParams{Limit: 1})
	if err != nil || status.Daemon.Config.State == ipc.SourceAccepted {
		return
	}
	c := status.Daemon.Config
	state, paint := a.fileState(c)
	a.printf("%s\n", paint(oneLine(a.filePath(c.Path, c.RealPath)+": "+state)))
	switch c.State {
	case ipc.SourceMissing:
		a.printf("write one: lsh init\n")
	case ipc.SourceInvalid:
		a.printf("see what is wrong: lsh check\n")
	}
}

// statusWithin is how long the daemon in the way is asked how it stands.
const statusWithin = 2 * time.Second

// refusedStart is the error of a start in whose way another daemon is. One
// that is about to end is not worth a look: the start is worth another try.
// One that does not answer where lsh asks may answer where args lead, or is
// only about to begin.
func (a *app) refusedStart(ctx context.Context, args []string, message, hint string) error {
	ctx, cancel := context.WithTimeout(ctx, statusWithin)
	defer cancel()
	var elsewhere []string // once it is known
	for {
		s, err := ask(ctx, a, ipc.DaemonStatus, ipc.StatusParams{Limit: 1})
		if err == nil && s.Daemon.Stopping {
			return fail("stopping", fmt.Sprintf("the daemon before is still stopping: pid %d", s.Daemon.Pid),
				"try again when it has ended; lsh daemon stop waits for that")
		}
		absent, is := errors.AsType[*ipc.NotRunningError](err)
		if !is {
			return fail("already_running", message, hint)
		}
		if elsewhere == nil {
			// What is wrong with the settings is not what was asked.
			s, _ := askSettings(ctx, args)
			elsewhere = slices.DeleteFunc([]string{s.RuntimeSocket, s.Socket}, func(path string) bool {
				return path == "" || slices.Contains(absent.Paths, path)
			})
		}
		for _, path := range elsewhere {
			if client, err := ipc.Dial(ctx, []string{path}); err == nil {
				client.Close()
				return fail("already_running", message+", and does not answer where lsh asks", "lsh status --socket "+quoteArg(path))
			}
		}
		select {
		case <-ctx.Done():
			return fail("already_running", message+", and does not answer; it may be starting, or its worker cannot start", "lsh daemon logs")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// withoutRun is an environment without what a run is told of itself. A daemon
// that a job starts would have it for good, and be taken for a process of
// that run, and end with it.
func withoutRun(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "LSH_JOB", "LSH_RUN_ID", "LSH_TRIGGER", "LSH_ATTEMPT", "LSH_SCHEDULED_AT":
			return true
		}
		return false
	})
}

// keeperArgs are the program and the arguments that run a daemon with args
// under a keeper.
func keeperArgs(args []string, own ...string) (self string, argv []string, err error) {
	path, err := findLshd()
	if err != nil {
		return "", nil, err
	}
	path = lasting(path, "lshd") // for every worker that the keeper will start
	if self, err = os.Executable(); err != nil {
		return "", nil, fmt.Errorf("find lsh: %w", err)
	}
	argv = append([]string{keeperCommand}, own...)
	return self, append(append(argv, "--", path), args...), nil
}

// launch starts keeper and worker in a session of its own, without any of our descriptors
// but the one on which it says that it is ready.
func launch(args, env []string) (readiness, error) {
	self, args, err := keeperArgs(append([]string{"--background"}, args...), "--ready-fd=3")
	if err != nil {
		return readiness{}, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return readiness{}, fmt.Errorf("start lshd: %w", err)
	}
	defer read.Close()
	defer write.Close()
	// What lsh got from its own parent must not stay open for as long as the
	// daemon lives: a lock, the end of a pipe that someone reads to its end.
	closeOnExec()
	cmd := exec.Command(self, args...)
	cmd.Env = env
	cmd.ExtraFiles = []*os.File{write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return readiness{}, fmt.Errorf("start lshd: %w", err)
	}
	if err := write.Close(); err != nil {
		return readiness{}, fmt.Errorf("start lshd: %w", err)
	}
	ready, err := awaitReady(read)
	if err != nil {
		return readiness{}, err
	}
	if ready.Error != nil {
		// It ends by itself, and what it ended with has been said.
		_ = cmd.Wait()
		return ready, nil
	}
	return ready, cmd.Process.Release()
}

func awaitReady(read *os.File) (readiness, error) {
	var ready readiness
	if err := read.SetReadDeadline(time.Now().Add(readyWithin)); err != nil {
		return ready, fmt.Errorf("wait for lshd: %w", err)
	}
	line, err := bufio.NewReader(io.LimitReader(read, 1<<20)).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	switch {
	case os.IsTimeout(err):
		return ready, fail("not_ready", fmt.Sprintf("the daemon has not answered within %s", span(readyWithin)), "lsh daemon logs")
	case err != nil || ready.Pid == 0 && ready.Error == nil:
		return ready, fail("not_ready", "the daemon ended before it was ready", "lsh daemon run shows why")
	}
	return ready, nil
}
