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
are forgotten, and processes that the last run has left behind end too. The
schedule goes on: to hold that too, pause the job.`,
		Example: `  lsh stop backup
  lsh stop --tag heavy --reason "moving house"`,
		ValidArgsFunction: completeJobs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := sel.choose(cmd, args); err != nil {
				return err
			}
			return sel.change(cmd.Context(), a, ipc.JobsStop, func(jobs []ipc.Job) { a.printStopped(jobs, len(args) > 0) })
		},
	}
	sel.flags(cmd)
	sel.reasonFlag(cmd, "history and log")
	return cmd
}

// printStopped says what is stopped. Idle jobs are told of one by one when
// they were named, and are counted otherwise.
func (a *app) printStopped(jobs []ipc.Job, named bool) {
	idle := 0
	for _, j := range jobs {
		text := stopText(j)
		if text == "" {
			idle++
			if !named {
				continue
			}
			text = "no run in progress"
		}
		a.printf("%s: %s\n", j.Name, oneLine(text))
	}
	switch {
	case named:
	case idle == len(jobs):
		a.printf("nothing to stop in %s\n", countOf(idle, "job"))
	case idle > 0:
		a.printf("nothing to stop in %s more\n", countOf(idle, "job"))
	}
}

// stopText is what jobs.stop has ended of a job, "" when there was nothing.
func stopText(j ipc.Job) string {
	var stopped, told []string
	for _, r := range j.Running {
		stopped = append(stopped, fmt.Sprintf("run %s (pid %d)", shortRun(r.ID), r.Pid))
	}
	if r := j.LastRun; r != nil && len(r.Survivors) > 0 {
		stopped = append(stopped, fmt.Sprintf("%s left by run %s (%s)",
			processes(len(r.Survivors)), shortRun(r.ID), pidList(r.Survivors)))
	}
	if len(stopped) > 0 {
		told = append(told, "stopping "+strings.Join(stopped, ", "))
	}
	for _, r := range j.Queued {
		told = append(told, "forgetting run "+shortRun(r.ID)+", which waits")
	}
	return strings.Join(told, "; ")
}
