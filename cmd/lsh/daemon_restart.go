package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func daemonRestartCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "restart",
		Short: "Put a new worker in the daemon's place, without touching a job",
		Long: `Starts the daemon's worker anew, of the binary as it now is: after an update of
lsh, or a change of config.yaml. Running jobs go on and do not notice. What the
daemon was started with, flags and LSH_* variables, stays as it is; to change
that, stop it and start it.`,
		Example:           "  lsh daemon restart",
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.restartDaemon(cmd.Context()) },
	}
}

// restarted is the answer for programs.
type restarted struct {
	Pid       int    `json:"pid"`
	WorkerPid int    `json:"worker_pid"`
	Version   string `json:"version"`
	Running   int    `json:"running"` // runs that go on
}

func (a *app) restartDaemon(ctx context.Context) error {
	if _, err := ask(ctx, a, ipc.DaemonStatus, ipc.StatusParams{Limit: 1}); err != nil {
		return err
	}
	// A setting that is wrong must not cost the worker that runs.
	if _, err := askSettings(ctx, nil); err != nil {
		return err
	}
	before, err := ask(ctx, a, ipc.DaemonRestart, ipc.RestartParams{})
	if err != nil {
		return err
	}
	done := a.waiting("waiting for the new worker")
	now, err := a.nextWorker(ctx, before.Workers)
	done()
	if err != nil {
		return err
	}
	r := restarted{Pid: now.Daemon.Pid, WorkerPid: now.Daemon.WorkerPid, Version: now.Daemon.Version}
	for _, j := range now.Jobs {
		r.Running += len(j.Running)
	}
	if a.json() {
		return a.printJSON(r)
	}
	a.printf("daemon restarted: pid %d, worker %d; %s\n", r.Pid, r.WorkerPid, runsGoOn(r.Running))
	return nil
}

func runsGoOn(n int) string {
	switch n {
	case 0:
		return "no job was running"
	case 1:
		return "1 run goes on"
	}
	return fmt.Sprintf("%d runs go on", n)
}

// nextWorker waits until a worker answers that was started later than so many.
func (a *app) nextWorker(ctx context.Context, workers int) (ipc.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		s, err := ask(ctx, a, ipc.DaemonStatus, ipc.StatusParams{})
		if err == nil && s.Daemon.Keeper.Workers > workers {
			return s, nil
		}
		if f, is := errors.AsType[*failure](err); is && f.code == codeNotStarting {
			return s, f
		}
		select {
		case <-ctx.Done():
			return s, fail("not_ready", fmt.Sprintf("the new worker has not answered within %s; the keeper goes on trying", span(readyWithin)), "lsh daemon logs")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
