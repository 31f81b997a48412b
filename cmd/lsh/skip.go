package main

import (
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func skipCommand(a *app) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "skip JOB…",
		Short: "Skip the next slot of jobs",
		Long:  "Skips the next slot of jobs, and only that one.",
		Example: `  lsh skip backup --reason "away from the network"
  lsh skip --tag heavy`,
		ValidArgsFunction: completeJobs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := sel.choose(cmd, args); err != nil {
				return err
			}
			return sel.act(cmd.Context(), a, ipc.JobsSkip, func(j ipc.Job) string {
				return "skips its next slot; then " + nextSlot(j, a.now())
			})
		},
	}
	sel.flags(cmd)
	return cmd
}
