package main

import (
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func daemonStatusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the daemon without the jobs",
		Long: `Shows how the daemon and the jobs file stand. Exits with 3 when the daemon is
not running.`,
		Example:           `  lsh daemon status -o json | jq .daemon.pid`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := ask(cmd.Context(), a, ipc.DaemonStatus, ipc.StatusParams{Limit: 1})
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(map[string]ipc.Daemon{"daemon": s.Daemon})
			}
			a.printDaemon(s.Daemon)
			return nil
		},
	}
}
