package main

import (
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func daemonReloadCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: "Read the jobs file again and apply it",
		Long: `Reads the jobs file again and applies it, also a change that is held. A daemon
that runs notices a saved file by itself: reload is for when it may not have.`,
		Example:           `  lsh daemon reload`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, err := ask(cmd.Context(), a, ipc.DaemonReload, ipc.ReloadParams{})
			if err != nil {
				return err
			}
			return a.printApplied(result, false)
		},
	}
}
