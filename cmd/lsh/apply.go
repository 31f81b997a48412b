package main

import (
	"context"
	"fmt"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func applyCommand(a *app) *cobra.Command {
	var p ipc.ApplyParams
	var timeout duration
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Apply the jobs file, and wait until the jobs stand as it says",
		Long: `Applies the jobs file, also a change that is held, prints the plan that was
carried out, and waits until the jobs stand as the file says. What -f names
counts until the jobs file is saved the next time.

Exits with 5 when the plan of --plan has gone stale, with 6 when not all was
carried out in time.`,
		Example: `  lsh apply
  lsh apply --plan p-9c1e04     apply exactly the plan that lsh plan showed
  lsh apply --dry-run`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if p.File, err = a.namedFile(p.File); err != nil {
				return err
			}
			if cmd.Flags().Changed("timeout") {
				p.Timeout = ipc.InSeconds(time.Duration(timeout))
			}
			return a.apply(cmd.Context(), p)
		},
	}
	fileFlag(cmd, &p.File)
	flags := cmd.Flags()
	flags.StringVar(&p.Plan, "plan", "", "apply only if the plan is still the one with this `ID`")
	flags.BoolVar(&p.DryRun, "dry-run", false, "print the plan and change nothing")
	flags.BoolVar(&p.ResetOverrides, "reset-overrides", false, "end every pause and skip")
	flags.BoolVar(&p.StopRemoved, "stop-removed", false, "stop the runs of removed jobs; they finish otherwise")
	flags.Var(&timeout, "timeout", "wait this long for the jobs to stand as the file says (default 30s)")
	return cmd
}

func (a *app) apply(ctx context.Context, p ipc.ApplyParams) error {
	result, err := ask(ctx, a, ipc.ConfigApply, p)
	if err != nil {
		return err
	}
	return a.printApplied(result, p.DryRun)
}

// printApplied prints the plan and what came of it.
func (a *app) printApplied(r ipc.ApplyResult, dry bool) error {
	if a.json() {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		if r.Applied {
			r.Plan.AcceptedAt = time.Time{} // by now that of the new generation
		}
		a.planPrinter().plan(r.Plan)
		a.printf("%s\n", appliedText(r, dry))
	}
	if !dry && !r.Converged {
		return notConverged(r.Generation)
	}
	return nil
}

func notConverged(generation int) error {
	return &failure{
		exit: exitNotConverged, code: "not_converged",
		message: fmt.Sprintf("generation %d is accepted, but not all of it has been carried out yet", generation),
		hint:    "lsh status",
	}
}

func appliedText(r ipc.ApplyResult, dry bool) string {
	if dry {
		return "dry run: nothing was changed"
	}
	text := fmt.Sprintf("nothing to apply: generation %d stands", r.Generation)
	if r.Applied {
		text = fmt.Sprintf("applied: generation %d", r.Generation)
	}
	if r.OverridesEnded > 0 {
		text += "; " + countOf(r.OverridesEnded, "override") + " ended"
	}
	for _, run := range r.Stopped {
		text += fmt.Sprintf("; stopped %s, pid %d", run.Job, run.Pid)
	}
	return text
}
