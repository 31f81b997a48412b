package main

import (
	"context"
	"errors"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func fleetCommand(a *app) *cobra.Command {
	var jobs bool
	cmd := &cobra.Command{
		Use:   "fleet",
		Short: "Show all your machines",
		Long: `Shows all your machines as the database has them: which are online, what they
run, and what needs a look. A slot that should have come and of which nothing
is known is told too, also when the machine that owes it is dead. Then jobs
that machines declare differently.

It needs a database (lsh sync init) and no daemon. It exits with 0 in any
case; programs read the alerts.`,
		Example: `  lsh fleet
  lsh fleet --jobs
  lsh fleet -o json | jq '.alerts[]? | select(.kind == "host_gone") | .host'`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := ask(cmd.Context(), a, ipc.SyncFleet, ipc.FleetParams{})
			if e, is := errors.AsType[*ipc.NotRunningError](err); is && e.Absent() && a.socket == "" {
				f, err = a.fleetOffline(cmd.Context())
			}
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(f)
			}
			return a.printFleet(f, jobs)
		},
	}
	cmd.Flags().BoolVar(&jobs, "jobs", false, "list every job of every machine too")
	return cmd
}

// fleetOffline has lshd ask the database.
func (a *app) fleetOffline(ctx context.Context) (ipc.Fleet, error) {
	done := a.waiting("asking the database")
	defer done()
	answer, err := askLshd[struct {
		Fleet *ipc.Fleet `json:"fleet"`
		Error *ipc.Error `json:"error"`
	}](ctx, []string{"fleet"}, nil)
	switch {
	case err != nil:
		return ipc.Fleet{}, err
	case answer.Error != nil:
		return ipc.Fleet{}, answer.Error
	case answer.Fleet == nil:
		return ipc.Fleet{}, errors.New("read answer of lshd fleet: it holds no fleet")
	}
	return *answer.Fleet, nil
}
