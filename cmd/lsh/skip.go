package main

import (
	"fmt"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func skipCommand(a *app) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "skip JOB…",
		Short: "Skip the next slot of jobs",
		Long: `Skips the next slot of jobs, and only that one; typed again, also the one after.
With --tag or --all it is about the jobs that have a coming slot. lsh resume
does not take it back, lsh apply --reset-overrides does.`,
		Example: `  lsh skip backup --reason "away from the network"
  lsh skip --tag heavy`,
		ValidArgsFunction: completeJobs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := sel.choose(cmd, args); err != nil {
				return err
			}
			return sel.act(cmd.Context(), a, ipc.JobsSkip, func(j ipc.Job) string { return skipText(j, a.now()) })
		},
	}
	sel.flags(cmd)
	sel.reasonFlag(cmd, "status and log")
	return cmd
}

func skipText(j ipc.Job, now time.Time) string {
	skips := 0
	for _, o := range j.Overrides {
		if o.Kind == ipc.OverrideSkip {
			skips++
		}
	}
	text := "skips its next slot"
	if skips > 1 {
		text = fmt.Sprintf("skips its next %d slots", skips)
	}
	if j.Next.IsZero() {
		return text
	}
	return text + "; then " + nextSlot(j, now)
}
