package main

import (
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func resumeCommand(a *app) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "resume JOB…",
		Short: "End the pause of jobs",
		Long:  "Ends the pause of jobs. Slots that passed meanwhile are not made up. Skips stay.",
		Example: `  lsh resume backup
  lsh resume --all`,
		ValidArgsFunction: completeJobs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := sel.choose(cmd, args); err != nil {
				return err
			}
			return sel.act(cmd.Context(), a, ipc.JobsResume, func(j ipc.Job) string { return resumeText(j, a.now()) })
		},
	}
	sel.flags(cmd)
	return cmd
}

func resumeText(j ipc.Job, now time.Time) string {
	if j.Next.IsZero() {
		return jobState(j)
	}
	return jobState(j) + ", next " + nextSlot(j, now)
}
