package main

import (
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func syncStatusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show how the replica stands",
		Long: `Shows how the replica in Postgres stands: what waits to be sent, when the
database last took something, and when it does not, why and what to do. It
exits with 0 in any case; programs read the state.`,
		Example: `  lsh sync status
  lsh sync status -o json | jq .state`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := ask(cmd.Context(), a, ipc.SyncStatus, ipc.Empty{})
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(s)
			}
			a.printSync(s)
			return nil
		},
	}
}
