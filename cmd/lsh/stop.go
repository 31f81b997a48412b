package main

import (
	"fmt"
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func stopCommand(a *app) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "stop JOB…",
		Short: "Stop the runs of jobs that are in progress",
		Long: `Stops the runs that are in progress: the job's stop signal to all of its
processes, then KILL when its grace has passed. Runs that wait for their turn
are forgotten. The schedule goes on: to hold that too, pause the job.`,
		Example: `  lsh stop backup
  lsh stop --tag heavy --reason "moving house"`,
		ValidArgsFunction: completeJobs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := sel.choose(cmd, args); err != nil {
				return err
			}
			return sel.act(cmd.Context(), a, ipc.JobsStop, stopText)
		},
	}
	sel.flags(cmd)
	return cmd
}

func stopText(j ipc.Job) string {
	if len(j.Running) == 0 {
		return "no run in progress"
	}
	pids := make([]string, len(j.Running))
	for i, r := range j.Running {
		pids[i] = fmt.Sprintf("run %s (pid %d)", shortRun(r.ID), r.Pid)
	}
	return "stopping " + strings.Join(pids, ", ")
}
