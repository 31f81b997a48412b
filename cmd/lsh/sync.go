package main

import "github.com/spf13/cobra"

func syncCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Keep a replica of the jobs and runs in Postgres (Supabase)",
		Long: `The daemon keeps what happens on this machine, and sends it to a Postgres
database once one is set: init sets up the database, status says how the
replica stands, now sends what waits.`,
		Example: `  lsh sync init --admin-url -
  lsh sync status
  lsh sync now`,
		Args: noSuchCommand,
		RunE: showHelp,
	}
	cmd.AddCommand(syncInitCommand(a), syncStatusCommand(a), syncNowCommand(a))
	return cmd
}
