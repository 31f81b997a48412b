package main

import (
	"context"
	"slices"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func daemonRestartCommand(a *app) *cobra.Command {
	var timeout duration
	cmd := &cobra.Command{
		Use:   "restart",
		Short: "Stop the daemon, and start it with the same settings",
		Long: `Stops the daemon as lsh daemon stop does, and starts it again with the same
paths and with what flags and LSH_* variables told it; config.yaml is read
anew. A flag changes a setting on the way.`,
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
			args = append(args, given...) // the last of two equal flags wins
			// A setting that is wrong must not cost the daemon that runs.
			if _, err := askSettings(cmd.Context(), args); err != nil {
				return err
			}
			if _, err := a.stopDaemon(cmd.Context(), stopLimit(cmd, timeout)); err != nil {
				return err
			}
			return a.startDaemon(cmd.Context(), args)
		},
	}
	addDaemonFlags(cmd.Flags())
	stopFlag(cmd, &timeout)
	return cmd
}

// restartArgs are the flags with which the running daemon would be itself
// again: its paths, as it tells them, then what it was started with. What it
// has from config.yaml is not among them: a change there is a reason to
// restart.
func (a *app) restartArgs(ctx context.Context) ([]string, error) {
	s, err := ask(ctx, a, ipc.DaemonStatus, ipc.StatusParams{Limit: 1})
	if err != nil {
		return nil, err
	}
	paths := []string{"--jobs-file=" + s.Daemon.Config.Path, "--state-dir=" + s.Daemon.StateDir}
	if s.Daemon.LogFile != "" {
		paths = append(paths, "--log-file="+s.Daemon.LogFile)
	}
	if s.Daemon.PidFile != "" {
		paths = append(paths, "--pid-file="+s.Daemon.PidFile)
	}
	env, argv := launchArgs(s.Daemon)
	// A variable may hold a path that means another file from where we stand.
	return slices.Concat(env, paths, argv), nil
}
