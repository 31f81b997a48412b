package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func statusCommand(a *app) *cobra.Command {
	var watch bool
	cmd := &cobra.Command{
		Use:   "status [JOB…]",
		Short: "Show the daemon and every job in one screen",
		Long: `Shows how the daemon and the jobs file stand, then every job: its state, its
last result and its next slot. Jobs that need a look come first. With JOB it
shows only those.

With --watch it goes on until it is interrupted, and shows what changes: in
place on a terminal, elsewhere the whole status anew each time, with -o json
one object a line. A daemon that goes away is waited for.`,
		Example: `  lsh status
  lsh status --watch
  lsh status -o json | jq '.jobs[] | select(.failures > 0) | .name'`,
		ValidArgsFunction: completeJobs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if watch {
				return a.watchStatus(a.following(cmd.Context()), args)
			}
			s, err := fetchStatus(cmd.Context(), a, args)
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(s)
			}
			a.printDaemon(s.Daemon)
			a.printf("\n")
			return a.printStatusJobs(s.Jobs)
		},
	}
	cmd.Flags().BoolVar(&watch, "watch", false, "show what changes, until interrupted")
	return cmd
}

// fetchStatus asks for the status of some jobs, or for all its pages.
func fetchStatus(ctx context.Context, a *app, jobs []string) (ipc.Status, error) {
	client, err := a.dial(ctx)
	if err != nil {
		return ipc.Status{}, err
	}
	defer client.Close()
	ctx, done := a.awaiting(ctx, client, "asking the daemon")
	defer done()
	return statusOf(ctx, client, jobs)
}

// statusOf asks a daemon for the status of some jobs, or for all its pages.
func statusOf(ctx context.Context, client *ipc.Client, jobs []string) (ipc.Status, error) {
	status, err := ipc.DaemonStatus.Call(ctx, client, ipc.StatusParams{Jobs: jobs})
	for err == nil && status.After != "" {
		var page ipc.Status
		page, err = ipc.DaemonStatus.Call(ctx, client, ipc.StatusParams{After: status.After})
		status.Jobs = append(status.Jobs, page.Jobs...)
		status.After = page.After
	}
	return status, err
}

func (a *app) printStatusJobs(jobs []ipc.Job) error {
	if len(jobs) == 0 {
		a.printf("no jobs yet: write some into the jobs file\n")
		return nil
	}
	slices.SortStableFunc(jobs, byUrgency)
	s := a.style()
	return statusTable(jobs, a.now(), s).write(a.out, a.width(), s)
}

// statusTable has a row for each job.
func statusTable(jobs []ipc.Job, now time.Time, s style) *table {
	t := newTable(column{"JOB", 20}, column{"STATE", 10}, column{"LAST", 15}, column{"NEXT", 16}, column{"NOTE", 12})
	t.notes = true
	for _, j := range jobs {
		t.add(plain(j.Name), painted(jobState(j), s.state(j.State)),
			lastCell(j, now, s), nextCell(j, now), painted(jobNote(j, now), s.yellow))
	}
	return t
}

func byUrgency(x, y ipc.Job) int { return cmp.Compare(urgency(x), urgency(y)) }

// urgency sorts jobs: what needs a look, what is going on, the rest.
func urgency(j ipc.Job) int {
	switch {
	case j.Failures > 0 || len(j.Warnings) > 0:
		return 0
	case len(j.Running) > 0 || len(j.Queued) > 0 || j.LastRun != nil && len(j.LastRun.Survivors) > 0:
		return 1
	case j.State == ipc.JobDisabled || j.State == ipc.JobNotHere:
		return 3
	}
	return 2
}
