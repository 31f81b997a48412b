package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

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
		Long: `Shows the events that are kept, one line an event. With -f it shows what
happens from now on, until it is interrupted. A daemon that is restarted, or
stopped and started again, is waited for, and nothing is left out or told
twice. With -o json each line is one event.

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
			return a.events(a.following(cmd.Context()), f)
		},
	}
	cmd.Flags().BoolVarP(&f.follow, "follow", "f", false, "show what happens from now on, until interrupted")
	cmd.Flags().StringVar(&f.job, "job", "", "only events of this `JOB`")
	cmd.Flags().Int64Var(&f.after, "after", 0, "begin behind the event with this `SEQ`")
	return cmd
}

func (a *app) events(ctx context.Context, f eventsFlags) error {
	if !f.follow {
		client, err := a.dial(ctx)
		if err != nil {
			return err
		}
		defer client.Close()
		ctx, done := a.awaiting(ctx, client, "asking the daemon")
		defer done()
		return a.printKept(ctx, client, f)
	}
	follower := eventFollower{
		app: a, job: f.job, after: f.after, told: a.now(),
		past: f.given && f.after == 0, // which a subscription takes for from now on
	}
	return a.follow(ctx, func(feed *feed) error { return follower.on(ctx, feed) })
}

// printKept prints the events that are kept.
func (a *app) printKept(ctx context.Context, client *ipc.Client, f eventsFlags) error {
	return eachKept(ctx, client, f.job, f.after, a.printEvent)
}

// eachKept gives the events after a number that are kept to handle.
func eachKept(ctx context.Context, client *ipc.Client, job string, after int64, handle func(ipc.Event) error) error {
	for p := (ipc.EventsListParams{Job: job, After: after}); ; {
		page, err := ipc.EventsList.Call(ctx, client, p)
		if err != nil {
			return err
		}
		for _, e := range page.Events {
			if err := handle(e); err != nil {
				return err
			}
		}
		if p.After = page.After; p.After == 0 {
			return nil
		}
	}
}

// eventFollower prints events as they come, over any number of connections.
type eventFollower struct {
	app   *app
	job   string
	after int64     // seq of the last event that is known
	told  time.Time // when that happened
	past  bool      // what is kept comes first
}

// on prints what comes on one connection.
func (f *eventFollower) on(ctx context.Context, feed *feed) error {
	sub, err := ipc.EventsSubscribe.Call(ctx, feed.client, ipc.EventsParams{Job: f.job, After: f.after})
	if err != nil {
		return err
	}
	switch {
	case f.past:
		err = eachKept(ctx, feed.client, f.job, 0, f.print)
	case sub.Last < f.after:
		err = f.anew(ctx, feed.client, sub.Last)
	}
	if err != nil {
		return err
	}
	if f.after == 0 {
		f.after = sub.Last
		f.past = sub.Last == 0 // on another connection all that there then is will be new
	}
	return feed.each(ctx, func(method string, params json.RawMessage) (bool, error) {
		var n ipc.EventNotification
		if method != ipc.NotifyEvent || json.Unmarshal(params, &n) != nil || n.Subscription != sub.Subscription || n.Event.Seq <= f.after {
			return false, nil
		}
		return false, f.print(n.Event)
	})
}

// anew goes on in a journal that was begun anew, or has lost its end: the numbers
// say nothing about what is known any more, but the times do.
func (f *eventFollower) anew(ctx context.Context, client *ipc.Client, last int64) error {
	told := f.told
	f.after = last
	return eachKept(ctx, client, f.job, 0, func(e ipc.Event) error {
		if !e.Time.After(told) {
			return nil
		}
		return f.print(e)
	})
}

func (f *eventFollower) print(e ipc.Event) error {
	f.after, f.told, f.past = e.Seq, e.Time, false
	return f.app.printEvent(e)
}

func (a *app) printEvent(e ipc.Event) error {
	if a.json() {
		return a.printJSONLine(e)
	}
	s := a.style()
	// The longest kind has 17 letters.
	head := moment(e.Time.In(a.now().Location()), a.now())
	text := fmt.Sprintf("%s  %-17s %s", head, e.Kind, oneLine(e.Message))
	if e.Job != "" {
		text = fmt.Sprintf("%s  %-17s %s: %s", head, e.Kind, e.Job, oneLine(e.Message))
	}
	text = fit(text, a.width())
	a.printf("%s%s\n", s.dim(text[:len(head)]), text[len(head):])
	return a.out.Flush()
}
