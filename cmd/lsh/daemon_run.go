package main

import (
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"
)

func daemonRunCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the daemon in the foreground",
		Long: `Runs the daemon in the foreground, keeper and worker: for containers, for a
service manager, and to see what it does. Ctrl-C stops it, a second one ends
running jobs at once.`,
		Example: `  lsh daemon run
  lsh daemon run --log-level debug`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			args, err := daemonArgs(a, cmd.Flags())
			if err != nil {
				return err
			}
			self, argv, err := keeperArgs(args)
			if err != nil {
				return err
			}
			if err := syscall.Exec(self, append([]string{self}, argv...), os.Environ()); err != nil {
				return fmt.Errorf("start %s: %w", self, err)
			}
			return nil
		},
	}
	addDaemonFlags(cmd.Flags())
	return cmd
}
