package main

import (
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func rollbackCommand(a *app) *cobra.Command {
	var p ipc.RollbackParams
	var timeout duration
	cmd := &cobra.Command{
		Use:   "rollback N",
		Short: "Go back to a former generation",
		Long: `Applies generation N again, as a new one. The jobs file is left as it is, and is
held from then on: lsh plan shows what it would change, lsh apply goes back to
it, and so does the next change of it.

Exits with 6 when not all was carried out in time.`,
		Example: `  lsh generations
  lsh rollback 41 --dry-run
  lsh rollback 41`,
		Args:              atMostOne,
		ValidArgsFunction: completeGeneration(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("lsh rollback needs the number of a generation", "lsh generations lists them")
			}
			var err error
			if p.Number, err = generationNumber(args[0]); err != nil {
				return err
			}
			if cmd.Flags().Changed("timeout") {
				p.Timeout = ipc.InSeconds(time.Duration(timeout))
			}
			result, err := ask(cmd.Context(), a, ipc.ConfigRollback, p)
			if err != nil {
				return err
			}
			if err := a.printApplied(result, p.DryRun); err != nil {
				return err
			}
			if !a.json() && !p.DryRun {
				a.printf("the jobs file is held now; lsh apply goes back to it\n")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&p.DryRun, "dry-run", false, "print the plan and change nothing")
	cmd.Flags().Var(&timeout, "timeout", "wait this long for the jobs to stand as it says (default 30s)")
	return cmd
}
