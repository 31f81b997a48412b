package main

import (
	"context"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func daemonRestartCommand(a *app) *cobra.Command {
	var timeout duration
	cmd := &cobra.Command{
		Use:   "restart",
		Short: "Stop the daemon, and start it with the same settings",
		Long: `Stops the daemon as lsh daemon stop does, and starts it again with the same
paths. A flag changes a setting on the way.`,
		Example: `  lsh daemon restart
  lsh daemon restart --log-level debug`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			given, err := daemonArgs(a, cmd.Flags())
			if err != nil {
				return err
			}
			args, err := a.restartArgs(cmd.Context())
			if err != nil {
				return err
			}
			if _, err := a.stopDaemon(cmd.Context(), stopLimit(cmd, timeout)); err != nil {
				return err
			}
			// The last of two equal flags wins.
			return a.startDaemon(append(args, given...))
		},
	}
	addDaemonFlags(cmd.Flags())
	stopFlag(cmd, &timeout)
	return cmd
}

// restartArgs are the flags with which the running daemon would be itself
// again: its paths, as it tells them, then what it was started with.
func (a *app) restartArgs(ctx context.Context) ([]string, error) {
	s, err := ask(ctx, a, ipc.DaemonStatus, ipc.StatusParams{Limit: 1})
	if err != nil {
		return nil, err
	}
	args := []string{"--jobs-file=" + s.Daemon.Config.Path, "--state-dir=" + s.Daemon.StateDir}
	if s.Daemon.LogFile != "" {
		args = append(args, "--log-file="+s.Daemon.LogFile)
	}
	return append(args, launchArgs(s.Daemon.Pid)...), nil
}

// passedOn are the flags in the command line of a daemon that lsh daemon
// start passed on: name=value each.
func passedOn(argv []string) []string {
	var args []string
	for _, arg := range argv {
		for _, f := range append(daemonFlags[:], daemonFlag{name: "socket"}) {
			if prefix := "--" + f.name + "="; len(arg) >= len(prefix) && arg[:len(prefix)] == prefix {
				args = append(args, arg)
			}
		}
	}
	return args
}
