package main

import (
	"context"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// historyPage is how many runs are asked for at once.
const historyPage = 1000

func historyCommand(a *app) *cobra.Command {
	var n int
	var failed bool
	var since, until, job string
	cmd := &cobra.Command{
		Use:   "history [JOB]",
		Short: "Show runs, newest first",
		Long: `Shows the runs of one job or of all, newest first: how each ended, when it
started, how long it took, what began it and why. lsh logs --run takes the ids.`,
		Example: `  lsh history backup
  lsh history --failed --since yesterday
  lsh history --since 2h -n 500 -o json`,
		Args:              atMostOne,
		ValidArgsFunction: completeJob(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := ipc.RunsListParams{Job: first(args)}
			if job != "" {
				if p.Job != "" && p.Job != job {
					return usage("the job is given twice: "+p.Job+" and "+job, "lsh history "+job)
				}
				p.Job = job
			}
			if failed {
				p.States = []string{ipc.RunFailed, ipc.RunTimedOut, ipc.RunLost}
			}
			var err error
			if p.Since, err = optionalWhen(since, a.now()); err != nil {
				return err
			}
			if p.Until, err = optionalWhen(until, a.now()); err != nil {
				return err
			}
			if n < 1 {
				return usage("-n must be at least 1", "lsh history -n 20")
			}
			runs, err := fetchRuns(cmd.Context(), a, p, n)
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(ipc.RunsPage{Runs: runs})
			}
			if len(runs) == 0 {
				a.printf("%s\n", noRuns(p))
				return nil
			}
			return a.printRuns(runs, p.Job == "")
		},
	}
	flags := cmd.Flags()
	flags.IntVarP(&n, "number", "n", 20, "at most `N` runs")
	flags.StringVar(&job, "job", "", "only runs of this `JOB`")
	flags.BoolVar(&failed, "failed", false, "only runs that failed, timed out or were lost")
	flags.StringVar(&since, "since", "", "only runs after `TIME`, such as 2h, yesterday or 2026-01-02")
	flags.StringVar(&until, "until", "", "only runs before `TIME`")
	return cmd
}

// noRuns says that there are none.
func noRuns(p ipc.RunsListParams) string {
	switch {
	case len(p.States) > 0 || !p.Since.IsZero() || !p.Until.IsZero():
		return "no such runs"
	case p.Job != "":
		return p.Job + " has not run yet"
	}
	return "nothing has run yet"
}

func optionalWhen(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return parseWhen(text, now, back)
}

// fetchRuns asks for up to n runs, in pages.
func fetchRuns(ctx context.Context, a *app, p ipc.RunsListParams, n int) ([]ipc.Run, error) {
	client, err := a.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ctx, done := a.awaiting(ctx, client, "asking the daemon")
	defer done()
	runs := []ipc.Run{}
	for {
		p.Limit = min(n-len(runs), historyPage)
		page, err := ipc.RunsList.Call(ctx, client, p)
		if err != nil {
			return nil, err
		}
		runs = append(runs, page.Runs...)
		if page.After == "" || len(runs) >= n {
			return runs, nil
		}
		p.After = page.After
	}
}

// printRuns is a table of runs; the job's name is a column when they are of
// several jobs.
func (a *app) printRuns(runs []ipc.Run, names bool) error {
	s, now := a.style(), a.now()
	t := newTable(column{"RUN", shortID}, column{"JOB", 16}, column{"STATE", 16},
		column{"STARTED", 10}, column{"TOOK", 11}, column{"TRIGGER", 8}, column{"REASON", 22})
	for _, r := range runs {
		job := ""
		if names {
			job = r.Job
		}
		t.add(plain(shortRun(r.ID)), plain(job), painted(runResult(r), s.runState(r.State)).or(stateText(r)),
			plain(runStart(r, now)), plain(runSpan(r, now)), plain(r.Trigger), plain(runReason(r)))
	}
	return t.write(a.out, a.width(), s)
}

// runReason is why a run ended as it did, and what it left behind.
func runReason(r ipc.Run) string {
	if len(r.Survivors) == 0 {
		return r.Reason
	}
	left := "left " + processes(len(r.Survivors)) + ": " + pidList(r.Survivors)
	if r.Reason == "" {
		return left
	}
	return r.Reason + "; " + left
}

func runStart(r ipc.Run, now time.Time) string {
	if r.StartedAt.IsZero() {
		return "–"
	}
	return moment(r.StartedAt.In(now.Location()), now)
}

func runSpan(r ipc.Run, now time.Time) string {
	switch {
	case r.Duration != nil:
		return span(r.Duration.Duration())
	case r.State == ipc.RunRunning && !r.StartedAt.IsZero():
		return span(now.Sub(r.StartedAt))
	}
	return "–"
}
