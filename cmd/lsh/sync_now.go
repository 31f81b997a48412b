package main

import (
	"cmp"
	"context"
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
			result, err := a.syncNow(cmd.Context(), within)
			if err != nil {
				return err
			}
			return a.printSyncNow(result, within)
		},
	}
	cmd.Flags().Var(&timeout, "timeout", "wait this long for the database (default 60s)")
	return cmd
}

// syncNow waits for the database, over a restart of the daemon too.
func (a *app) syncNow(ctx context.Context, within time.Duration) (result ipc.SyncNowResult, err error) {
	defer a.waiting("waiting for the database")()
	until := time.Now().Add(within)
	err = a.persist(ctx, func(f *feed) (err error) {
		left := max(0, time.Until(until))
		result, err = ipc.SyncNow.Call(ctx, f.client, ipc.SyncNowParams{Timeout: ipc.InSeconds(left)})
		return err
	})
	return result, err
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
