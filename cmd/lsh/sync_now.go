package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// syncNowWithin is how long the daemon waits when nothing is said.
const syncNowWithin = 60 * time.Second

func syncNowCommand(a *app) *cobra.Command {
	var timeout duration
	cmd := &cobra.Command{
		Use:   "now",
		Short: "Send what waits, and wait until it has arrived",
		Long: `Sends all that waits, without the pause that the daemon makes between tries,
and waits until the database has taken it. Exits with 1 when it has not.`,
		Example: `  lsh sync now
  lsh sync now --timeout 5m`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			within := syncNowWithin
			if cmd.Flags().Changed("timeout") {
				within = time.Duration(timeout)
			}
			result, err := ask(cmd.Context(), a, ipc.SyncNow, ipc.SyncNowParams{Timeout: ipc.InSeconds(within)})
			if err != nil {
				return err
			}
			return a.printSyncNow(result, within)
		},
	}
	cmd.Flags().Var(&timeout, "timeout", "wait this long for the database (default 60s)")
	return cmd
}

// printSyncNow prints how the replica stands then. The error says why not all of it has arrived.
func (a *app) printSyncNow(r ipc.SyncNowResult, within time.Duration) error {
	if a.json() {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		a.printSync(r.Sync)
	}
	switch e := r.Sync.Error; {
	case r.Done:
		return nil
	case r.Sync.State == ipc.SyncOff:
		return fail("off", "sync is off: no database is set", "lsh sync init")
	case e != nil:
		return fail(cmp.Or(e.Code, "failed"), e.Message, e.Hint)
	}
	return fail("timeout", fmt.Sprintf("not all has arrived within %s: %s", span(within), waits(r.Sync.Backlog)), "lsh sync status")
}
