package main

import (
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func exportCommand(a *app) *cobra.Command {
	var p ipc.ExportParams
	var hide bool
	cmd := &cobra.Command{
		Use:   "export [JOB…]",
		Short: "Print the jobs in effect as one jobs file",
		Long: `Prints the jobs in effect, those of the file and ad-hoc ones, as one jobs file:
what a job has of defaults and includes is written in it, ${VAR} and ~ stay,
comments are lost. lsh plan -f of it says that nothing changes.

Values of env and stdin are in it, as they are in the jobs file, unless
--hide-values puts dots in their place.`,
		Example: `  lsh export > jobs.yaml
  lsh export --ad-hoc
  lsh export backup --hide-values`,
		ValidArgsFunction: completeJobs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.Jobs, p.ShowValues = args, !hide
			x, err := ask(cmd.Context(), a, ipc.ConfigExport, p)
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(x)
			}
			_, err = a.out.WriteString(x.Text)
			return err
		},
	}
	cmd.Flags().BoolVar(&p.AdHoc, "ad-hoc", false, "only ad-hoc jobs, to adopt them into the file")
	cmd.Flags().BoolVar(&hide, "hide-values", false, "put dots in the place of values of env and stdin")
	return cmd
}
