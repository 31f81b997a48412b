package main

import (
	"encoding/json"
	"fmt"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func eventsCommand(a *app) *cobra.Command {
	var job string
	var after int64
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Show what happens, as it happens",
		Long: `Shows what happens from now on, one line an event, until it is interrupted or the
daemon stops; a restart is waited for, and nothing is left out. With -o json each
line is one event. --after brings what has happened since an event, by its seq.`,
		Example: `  lsh events -f
  lsh events -f --job backup -o json`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := a.interruptible(cmd.Context())
			p := ipc.EventsParams{Job: job, After: after}
			return a.persist(ctx, func(f *feed) error {
				sub, err := ipc.EventsSubscribe.Call(ctx, f.client, p)
				if err != nil {
					return err
				}
				return f.each(ctx, func(method string, params json.RawMessage) (bool, error) {
					var n ipc.EventNotification
					if method != ipc.NotifyEvent || json.Unmarshal(params, &n) != nil || n.Subscription != sub.Subscription {
						return false, nil
					}
					p.After = n.Event.Seq
					return false, a.printEvent(n.Event)
				})
			})
		},
	}
	// Events always follow: the flag is what fingers type.
	cmd.Flags().BoolP("follow", "f", true, "go on until interrupted")
	cmd.Flags().StringVar(&job, "job", "", "only events of this `JOB`")
	cmd.Flags().Int64Var(&after, "after", 0, "those since the event with this `SEQ` first")
	// The name of a job is not worth an error here.
	_ = cmd.RegisterFlagCompletionFunc("job", completeJob(a))
	return cmd
}

func (a *app) printEvent(e ipc.Event) error {
	if a.json() {
		return a.printJSONLine(e)
	}
	s := a.style()
	head := e.Time.In(a.now().Location()).Format("15:04:05")
	text := fmt.Sprintf("%s  %-16s %s", head, e.Kind, oneLine(e.Message))
	if e.Job != "" {
		text = fmt.Sprintf("%s  %-16s %s: %s", head, e.Kind, e.Job, oneLine(e.Message))
	}
	text = fit(text, a.width())
	a.printf("%s%s\n", s.dim(text[:len(head)]), text[len(head):])
	return a.out.Flush()
}
