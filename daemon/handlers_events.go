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
	s, cancel := d.events.subscribe(p.Job) // before the past is read: nothing falls in between
	r := ipc.EventsResult{Subscription: newID()}
	if !d.box.do(func(l *loop) { r.Last = l.seq }) {
		cancel()
		return ipc.EventsResult{}, stopping()
	}
	told := r.Last
	if p.After > 0 && p.After < r.Last {
		told = p.After
		s.behind.Store(true)
	}
	conn := ipc.ConnFrom(ctx)
	conn.Go(func(ctx context.Context) {
		defer cancel()
		d.pushEvents(ctx, s, told, func(e ipc.Event) error {
			return conn.NotifyWait(ctx, ipc.NotifyEvent, ipc.EventNotification{Subscription: r.Subscription, Event: e})
		})
	})
	return r, nil
}

// pushEvents pushes every event after the one with the number told, until ctx or
// the connection ends. What a subscription is behind with comes from the journal.
func (d *Daemon) pushEvents(ctx context.Context, s *subscription, told int64, push func(ipc.Event) error) {
	for {
		if s.behind.Swap(false) {
			var err error
			if told, err = d.pastEvents(told, s.job, push); err != nil {
				d.log.Warn("tell of past events", "err", err) // those to come can still be told
			}
		}
		select {
		case e := <-s.events:
			switch {
			case s.behind.Load():
				// What is missing may come before it, and is in the journal with it.
			case e.Seq <= told:
			case push(e) != nil:
				return
			default:
				told = e.Seq
			}
		case <-ctx.Done():
			return
		}
	}
}

// pastEvents pushes the events after a number and gives the last one's. Their
// runs are told as they are now.
func (d *Daemon) pastEvents(last int64, job string, push func(ipc.Event) error) (int64, error) {
	for {
		rows, err := d.journal.Events(last, job, eventsAPage)
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
