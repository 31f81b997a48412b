package main

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// completeRun completes the id of a run, of the job that was typed if there is
// one, the newest first.
func completeRun(a *app) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		runs := func(ctx context.Context, a *app, typed string) []cobra.Completion {
			return runIDs(ctx, a, first(args), typed)
		}
		return a.offer(cmd, runs, typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// runIDs are ids as people see them; whole ones when something else was begun.
func runIDs(ctx context.Context, a *app, job, typed string) []cobra.Completion {
	runs, err := fetchRuns(ctx, a, ipc.RunsListParams{Job: job}, completeMost)
	if err != nil {
		return nil
	}
	var short, whole []cobra.Completion
	for _, r := range runs {
		about := r.Job + " " + runResult(r)
		if !r.StartedAt.IsZero() {
			about += ", began " + ago(r.StartedAt, a.now())
		}
		short = append(short, described(shortRun(r.ID), about))
		whole = append(whole, described(r.ID, about))
	}
	if typed != "" && !slices.ContainsFunc(short, func(id string) bool { return strings.HasPrefix(id, typed) }) {
		return whole
	}
	return short
}

// completeGeneration completes the number of a generation, the newest first.
func completeGeneration(a *app) cobra.CompletionFunc {
	return a.completeOne(generationNumbers, cobra.ShellCompDirectiveKeepOrder)
}

func generationNumbers(ctx context.Context, a *app, _ string) []cobra.Completion {
	page, err := fetchGenerations(ctx, a, completeMost)
	if err != nil {
		return nil
	}
	var numbers []cobra.Completion
	for _, g := range page.Generations {
		about := g.AcceptedAt.In(a.now().Location()).Format("2006-01-02 15:04") + " " + g.Reason + ": " + summaryText(g.Summary)
		if g.Number == page.Current {
			about += " (in force)"
		}
		numbers = append(numbers, described(strconv.Itoa(g.Number), about))
	}
	return numbers
}

// completeOverride completes the ids of overrides.
func completeOverride(a *app) cobra.CompletionFunc { return a.completeEach(overrideIDs) }

func overrideIDs(ctx context.Context, a *app, _ string) []cobra.Completion {
	result, err := ask(ctx, a, ipc.OverridesList, ipc.OverridesParams{})
	if err != nil {
		return nil
	}
	var ids []cobra.Completion
	for _, o := range result.Overrides {
		ids = append(ids, described(shortRun(o.ID), o.Job+" "+overrideText(o, a.now())))
	}
	return ids
}
