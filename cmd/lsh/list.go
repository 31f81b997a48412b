package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func listCommand(a *app) *cobra.Command {
	var p ipc.JobsListParams
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List jobs",
		Long:  "Lists the jobs by name, with their schedules, tags and descriptions.",
		Example: `  lsh list
  lsh list --tag backup
  lsh list --state paused -o json`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := knownState(p.State); err != nil {
				return err
			}
			jobs, err := fetchJobs(cmd.Context(), a, p)
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(ipc.JobsPage{Jobs: jobs})
			}
			return a.printJobs(jobs)
		},
	}
	cmd.Flags().StringVar(&p.Tag, "tag", "", "only jobs with this `TAG`")
	cmd.Flags().StringVar(&p.State, "state", "", "only jobs in this `STATE`: "+strings.Join(ipc.JobStates(), ", "))
	return cmd
}

// knownState refuses a state that no job is ever in: the list would be empty
// for good.
func knownState(state string) error {
	if state == "" || slices.Contains(ipc.JobStates(), state) {
		return nil
	}
	hint := "one of " + strings.Join(ipc.JobStates(), ", ")
	if near, ok := config.Nearest(state, ipc.JobStates()); ok {
		hint = "lsh list --state " + near
	}
	return usage(fmt.Sprintf("no job is ever in the state %q", state), hint)
}

// fetchJobs asks for all pages of a list.
func fetchJobs(ctx context.Context, a *app, p ipc.JobsListParams) ([]ipc.Job, error) {
	client, err := a.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ctx, done := a.awaiting(ctx, client, "asking the daemon")
	defer done()
	jobs := []ipc.Job{}
	for {
		page, err := ipc.JobsList.Call(ctx, client, p)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, page.Jobs...)
		if page.After == "" {
			return jobs, nil
		}
		p.After = page.After
	}
}

func (a *app) printJobs(jobs []ipc.Job) error {
	if len(jobs) == 0 {
		a.printf("no such jobs\n")
		return nil
	}
	s := a.style()
	return jobsTable(jobs, a.now(), s).write(a.out, a.width(), s)
}

// jobsTable has a row for each job.
func jobsTable(jobs []ipc.Job, now time.Time, s style) *table {
	t := newTable(column{"JOB", 20}, column{"STATE", 10}, column{"SCHEDULE", 14}, column{"NEXT", 16}, column{"TAGS", 6}, column{"DESCRIPTION", 11})
	for _, j := range jobs {
		t.add(plain(j.Name), painted(jobState(j), s.state(j.State)), plain(schedules(j)),
			nextCell(j, now), plain(strings.Join(j.Tags, ", ")), plain(listDescription(j)))
	}
	return t
}

// listDescription is a job's description, and whose it is where it is not the file's.
func listDescription(j ipc.Job) string {
	switch {
	case j.AddedBy == nil:
		return j.Description
	case j.Description == "":
		return addedBy(j.AddedBy)
	}
	return j.Description + " (" + addedBy(j.AddedBy) + ")"
}

// schedules are a job's schedules in one text, "by hand" for a job without.
func schedules(j ipc.Job) string {
	if len(j.Schedule) == 0 {
		return "by hand"
	}
	text := strings.Join(j.Schedule, "; ")
	if j.Timezone != "" {
		text += " " + j.Timezone
	}
	return text
}
