package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// goneGrace is what the daemon gets beyond the limit and the grace of its
// jobs before lsh gives up waiting for its end.
const goneGrace = 60 * time.Second

// defaultStop is how long running jobs are waited for.
const defaultStop = 30 * time.Second

func daemonStopCommand(a *app) *cobra.Command {
	var timeout duration
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "Stop the daemon",
		Long: `Stops the daemon and waits until it has ended. No run is started any more; runs
in progress are waited for, and stopped when the timeout has passed.`,
		Example: `  lsh daemon stop
  lsh daemon stop --timeout 5m
  lsh daemon stop --timeout 0     stop running jobs at once`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pid, err := a.stopDaemon(cmd.Context(), stopLimit(cmd, timeout))
			if noDaemon(err) {
				return a.stopTrying(cmd.Context(), err)
			}
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(map[string]int{"pid": pid})
			}
			a.printf("daemon stopped: pid %d\n", pid)
			return nil
		},
	}
	stopFlag(cmd, &timeout)
	return cmd
}

// stopTrying ends what the service manager does for a daemon that cannot be started. Where it does nothing, that there is none is an error.
func (a *app) stopTrying(ctx context.Context, absent error) error {
	m := a.startsBy(ctx, nil)
	if m == nil {
		return absent
	}
	if st, err := m.state(ctx); err != nil || !st.Active {
		return absent
	}
	if err := m.giveUp(ctx); err != nil {
		return fail("not_stopped", "stop the service: "+serviceCause(err), "lsh daemon logs")
	}
	if a.json() {
		return a.printJSON(map[string]int{"pid": 0})
	}
	a.printf("the daemon was not running: the service manager tries to start it no more\n")
	return nil
}

func stopFlag(cmd *cobra.Command, timeout *duration) {
	cmd.Flags().Var(timeout, "timeout", "wait this long for running jobs, then stop them (default 30s)")
}

func stopLimit(cmd *cobra.Command, timeout duration) time.Duration {
	if cmd.Flags().Changed("timeout") {
		return time.Duration(timeout)
	}
	return defaultStop
}

// stopDaemon asks the daemon to stop and waits until its process is gone.
func (a *app) stopDaemon(ctx context.Context, limit time.Duration) (pid int, err error) {
	// Asked before: a daemon without jobs is gone at once.
	m, noManager := newServiceManager(a)
	socketOf := 0
	if noManager == nil {
		socketOf = m.socketOf(ctx)
	}
	result, err := ask(ctx, a, ipc.DaemonStop, ipc.StopDaemonParams{Timeout: ipc.InSeconds(limit)})
	if err != nil {
		return 0, err
	}
	if socketOf == result.Pid { // or the next client would start it again
		if err := m.closeSocket(ctx); err != nil {
			return 0, fail("socket", "stop the daemon's socket: "+serviceCause(err), "systemctl --user stop "+socketUnit)
		}
	}
	what := "stopping the daemon"
	if len(result.Running) > 0 {
		what = fmt.Sprintf("stopping: waiting at most %s for %s", span(limit), runningNames(result.Running))
	}
	done := a.waiting(what)
	defer done()
	deadline := time.NewTimer(limit + goneGrace)
	defer deadline.Stop()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for !processGone(result.Pid) {
		select {
		case <-poll.C:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-deadline.C:
			return 0, fail("still_running", fmt.Sprintf("the daemon is still stopping: pid %d", result.Pid), "lsh daemon logs")
		}
	}
	return result.Pid, nil
}

func runningNames(runs []ipc.Run) string {
	names := make([]string, 0, len(runs))
	for _, r := range runs {
		names = append(names, r.Job)
	}
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
