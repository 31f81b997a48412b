package main

import (
	"context"
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// selection is what stop, pause, resume and skip share: which jobs, and, but
// for resume, why.
type selection struct {
	params ipc.SelectParams
}

func (sel *selection) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&sel.params.Tag, "tag", "", "all jobs with this `TAG`")
	flags.BoolVar(&sel.params.All, "all", false, "all jobs")
}

// reasonFlag is the flag of those that keep what is said.
func (sel *selection) reasonFlag(cmd *cobra.Command, kept string) {
	cmd.Flags().StringVar(&sel.params.Reason, "reason", "", "say why: a `TEXT` for "+kept)
}

// choose takes the names, and refuses a choice that says nothing or two
// things.
func (sel *selection) choose(cmd *cobra.Command, names []string) error {
	ways := 0
	for _, chosen := range []bool{len(names) > 0, sel.params.Tag != "", sel.params.All} {
		if chosen {
			ways++
		}
	}
	switch ways {
	case 0:
		return usage(cmd.CommandPath()+" needs to know which jobs", cmd.CommandPath()+" JOB…, --tag TAG or --all")
	case 1:
		sel.params.Jobs = names
		return nil
	}
	return usage("names, --tag and --all are three ways to choose: use one", cmd.CommandPath()+" --help")
}

// selecting is a method that changes the jobs that are chosen.
type selecting = ipc.Method[ipc.SelectParams, ipc.JobsResult]

// act asks for the change and prints one line a job, worded by say.
func (sel *selection) act(ctx context.Context, a *app, method selecting, say func(ipc.Job) string) error {
	return sel.change(ctx, a, method, func(jobs []ipc.Job) {
		for _, j := range jobs {
			a.printf("%s: %s\n", j.Name, oneLine(say(j)))
		}
	})
}

// change asks for the change and has the jobs of the answer printed.
func (sel *selection) change(ctx context.Context, a *app, method selecting, show func([]ipc.Job)) error {
	result, err := ask(ctx, a, method, sel.params)
	if err != nil {
		return err
	}
	if a.json() {
		return a.printJSON(result)
	}
	if len(result.Jobs) == 0 {
		a.printf("there is nothing to %s\n", strings.TrimPrefix(method.Name, "jobs."))
		return nil
	}
	show(result.Jobs)
	return nil
}
