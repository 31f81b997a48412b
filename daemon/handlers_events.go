package daemon

import (
	"context"
	"fmt"

	"github.com/lsh-project/lsh/ipc"
)

// eventsAPage is how many past events are read at a time.
const eventsAPage = 500

// subscribe pushes events until the connection ends: those after a known one
// first, as far as they are kept, then all from now on.
func (d *Daemon) subscribe(ctx context.Context, p ipc.EventsParams) (ipc.EventsResult, error) {
	if err := notNegative("after", p.After); err != nil {
		return ipc.EventsResult{}, err
	}
	if p.Job != "" {
		if err := d.everKnown(p.Job); err != nil {
			return ipc.EventsResult{}, err
		}
	}
	id := newID()
	events, cancel := d.events.subscribe(p.Job) // before the past is read: nothing falls in between
	conn := ipc.ConnFrom(ctx)
	conn.Go(func(ctx context.Context) {
		defer cancel()
		push := func(e ipc.Event) error {
			return conn.NotifyWait(ctx, ipc.NotifyEvent, ipc.EventNotification{Subscription: id, Event: e})
		}
		told, err := d.pastEvents(p, push)
		if err != nil {
			d.log.Warn("read events", "err", err)
		}
		for {
			select {
			case e := <-events:
				if e.Seq <= told {
					continue
				}
				if push(e) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
	return ipc.EventsResult{Subscription: id}, nil
}

// pastEvents pushes the events since p.After and gives the last one's number.
// Their runs are told as they are now. A number that has not been given yet is one of a journal that is gone: then all of
// them are told.
func (d *Daemon) pastEvents(p ipc.EventsParams, push func(ipc.Event) error) (last int64, err error) {
	if p.After == 0 {
		return 0, nil
	}
	last = p.After
	d.box.do(func(l *loop) {
		if last > l.seq {
			last = 0
		}
	})
	for {
		rows, err := d.journal.Events(last, p.Job, eventsAPage)
		if err != nil {
			return last, fmt.Errorf("read events: %w", err)
		}
		for _, row := range rows {
			if err := push(d.wireEvent(row)); err != nil {
				return last, err
			}
			last = row.Seq
		}
		if len(rows) < eventsAPage {
			return last, nil
		}
	}
}
