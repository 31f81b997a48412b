package daemon

import (
	"context"
	"fmt"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

// eventsAtMost bounds a page of events, each with its run.
const eventsAtMost = 1000

// listEvents gives a page of the events that are kept.
func (d *Daemon) listEvents(_ context.Context, p ipc.EventsListParams) (ipc.EventsPage, error) {
	if err := notNegative("after", p.After); err != nil {
		return ipc.EventsPage{}, err
	}
	if err := notNegative("limit", p.Limit); err != nil {
		return ipc.EventsPage{}, err
	}
	if p.Job != "" {
		if err := d.everKnown(p.Job); err != nil {
			return ipc.EventsPage{}, err
		}
	}
	limit := pageOf(p.Limit, eventsAPage, eventsAtMost)
	rows, err := d.journal.Events(p.After, p.Job, limit)
	if err != nil {
		return ipc.EventsPage{}, fmt.Errorf("read events: %w", err)
	}
	page := ipc.EventsPage{Events: make([]ipc.Event, 0, len(rows))}
	for _, row := range rows {
		page.Events = append(page.Events, d.wireEvent(row))
	}
	if len(rows) == limit {
		page.After = rows[len(rows)-1].Seq
	}
	return page, nil
}

// wireEvent is an event of the journal; its run is told as it is now.
func (d *Daemon) wireEvent(row journal.Event) ipc.Event {
	e := ipc.Event{
		Seq: row.Seq, Time: row.Time, Kind: row.Kind, Job: row.Job, Slot: row.Slot, Count: row.Count, Message: row.Message,
	}
	if row.Run != "" {
		if r, ok, err := d.journal.Run(row.Run); err == nil && ok {
			e.Run = wireRun(r)
		}
	}
	return e
}
