package main

import (
	"context"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completing tells whether a shell asks what could come next.
func completing(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// completeFlags says for every flag of every command what its value can be. Where
// nobody knows, names of files are offered only to flags that take one.
func completeFlags(a *app, cmd *cobra.Command) {
	known := map[string]cobra.CompletionFunc{
		"output":      oneOf("table", "json"),
		"tag":         completeTag(a),
		"run":         completeRun(a),
		"state":       oneOf(ipc.JobStates()...),
		"timezone":    oneOf(schedule.ZoneNames()...),
		"dst-gap":     oneOf("run", "skip"),
		"dst-overlap": oneOf("first", "both"),
		"apply":       oneOf("auto", "manual"),
		"log-level":   oneOf("debug", "info", "warn", "error"),
		"log-format":  oneOf("text", "json"),
	}
	files := []string{"file", "socket", "config", "jobs-file", "state-dir", "pid-file", "log-file", "ca-cert", "write"}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		complete, ok := known[f.Name]
		switch {
		case slices.Contains(files, f.Name):
			return
		case !ok:
			complete = cobra.NoFileCompletions
		}
		// One that its command has taken care of is refused, and stays as it is.
		_ = cmd.RegisterFlagCompletionFunc(f.Name, complete)
	})
	for _, sub := range cmd.Commands() {
		completeFlags(a, sub)
	}
}

func oneOf(words ...cobra.Completion) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		fit := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !strings.HasPrefix(word, typed) })
		return fit, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeTag completes a tag of the daemon's jobs.
func completeTag(a *app) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completeWithin)
		defer cancel()
		jobs, err := fetchJobs(ctx, a, ipc.JobsListParams{})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var tags []cobra.Completion
		for _, j := range jobs {
			tags = append(tags, j.Tags...)
		}
		slices.Sort(tags)
		return slices.Compact(tags), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeRun completes the id of a run, of the job that was typed if there is
// one, the newest first.
func completeRun(a *app) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		const most = 50
		const asIs = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		ctx, cancel := context.WithTimeout(cmd.Context(), completeWithin)
		defer cancel()
		runs, err := fetchRuns(ctx, a, ipc.RunsListParams{Job: first(args)}, most)
		if err != nil {
			return nil, asIs
		}
		ids := make([]cobra.Completion, len(runs))
		for i, r := range runs {
			about := r.Job + " " + runResult(r)
			if !r.StartedAt.IsZero() {
				about += ", began " + ago(r.StartedAt, a.now())
			}
			ids[i] = cobra.CompletionWithDesc(r.ID, about)
		}
		return ids, asIs
	}
}
