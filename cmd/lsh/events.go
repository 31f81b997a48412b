package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// eventsFlags are what lsh events is asked.
type eventsFlags struct {
	job    string
	after  int64
	given  bool // --after was
	follow bool
}

func eventsCommand(a *app) *cobra.Command {
	var f eventsFlags
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Show what has happened, or what happens, live",
		Long: `Shows the events that are kept, one line an event. With -f it shows what happens
from now on, until it is interrupted or the daemon stops; a restart is waited for,
and nothing is left out. With -o json each line is one event.

--after begins behind an event, by its seq; 0 is before the first that is kept.
With -f what has happened since then comes first.`,
		Example: `  lsh events --job backup
  lsh events -f
  lsh events -f --after 0 -o json`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.after < 0 {
				return usage(fmt.Sprintf("--after is negative: %d", f.after), "lsh events --after 0")
			}
			f.given = cmd.Flags().Changed("after")
			return a.events(a.interruptible(cmd.Context()), f)
		},
	}
	cmd.Flags().BoolVarP(&f.follow, "follow", "f", false, "show what happens from now on, until interrupted")
	cmd.Flags().StringVar(&f.job, "job", "", "only events of this `JOB`")
	cmd.Flags().Int64Var(&f.after, "after", 0, "begin behind the event with this `SEQ`")
	// The name of a job is not worth an error here.
	_ = cmd.RegisterFlagCompletionFunc("job", completeJob(a))
	return cmd
}

func (a *app) events(ctx context.Context, f eventsFlags) error {
	if !f.follow {
		client, err := a.dial(ctx)
		if err != nil {
			return err
		}
		defer client.Close()
		_, err = a.printKept(ctx, client, f)
		return err
	}
	p := ipc.EventsParams{Job: f.job, After: f.after}
	past := f.given && f.after == 0 // which a subscription takes for from now on
	return a.persist(ctx, func(feed *feed) error {
		if past {
			last, err := a.printKept(ctx, feed.client, f)
			if err != nil {
				return err
			}
			p.After, past = last, false
		}
		sub, err := ipc.EventsSubscribe.Call(ctx, feed.client, p)
		if err != nil {
			return err
		}
		return feed.each(ctx, func(method string, params json.RawMessage) (bool, error) {
			var n ipc.EventNotification
			if method != ipc.NotifyEvent || json.Unmarshal(params, &n) != nil || n.Subscription != sub.Subscription {
				return false, nil
			}
			p.After = n.Event.Seq
			return false, a.printEvent(n.Event)
		})
	})
}

// printKept prints the events that are kept, and gives the last one's seq.
func (a *app) printKept(ctx context.Context, client *ipc.Client, f eventsFlags) (last int64, err error) {
	last = f.after
	for p := (ipc.EventsListParams{Job: f.job, After: f.after}); ; {
		page, err := ipc.EventsList.Call(ctx, client, p)
		if err != nil {
			return last, err
		}
		for _, e := range page.Events {
			if err := a.printEvent(e); err != nil {
				return last, err
			}
			last = e.Seq
		}
		if p.After = page.After; p.After == 0 {
			return last, nil
		}
	}
}

func (a *app) printEvent(e ipc.Event) error {
	if a.json() {
		return a.printJSONLine(e)
	}
	s := a.style()
	head := moment(e.Time.In(a.now().Location()), a.now())
	text := fmt.Sprintf("%s  %-16s %s", head, e.Kind, oneLine(e.Message))
	if e.Job != "" {
		text = fmt.Sprintf("%s  %-16s %s: %s", head, e.Kind, e.Job, oneLine(e.Message))
	}
	text = fit(text, a.width())
	a.printf("%s%s\n", s.dim(text[:len(head)]), text[len(head):])
	return a.out.Flush()
}
