package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

const (
	// watchPause is the least time between two questions to the daemon, and
	// watchShare how many times as long as an answer takes it is at least: who
	// watches costs the daemon little, however many its jobs are.
	watchPause = 50 * time.Millisecond
	watchShare = 20
	// watchHead is how often the daemon itself is asked about: not all that
	// happens to it is an event.
	watchHead = 5 * time.Second
	// watchApart is up to how many jobs that have changed are asked for by name.
	watchApart = 100
)

// statusWatch is the status as it was last heard, over any number of connections.
type statusWatch struct {
	jobs []string // only these; all when empty
	// show is given each status that differs from the one before.
	show func(ipc.Status) error

	status ipc.Status
	shown  ipc.Status // steady
	any    bool       // has been shown
}

// watchStatus shows the status whenever it changes, until it is interrupted: in
// place on a terminal, elsewhere one after another.
func (a *app) watchStatus(ctx context.Context, jobs []string) error {
	w := &statusWatch{jobs: jobs, show: a.printStatusBlock}
	if a.json() {
		w.show = func(s ipc.Status) error { return a.printJSONLine(s) }
	}
	if a.json() || !a.canRedraw() {
		return a.follow(ctx, func(f *feed) error { return w.on(ctx, f) })
	}
	ctx, stop := context.WithCancelCause(ctx)
	p := newStatusPainter(a)
	w.show = func(s ipc.Status) error {
		p.set(s, false)
		return nil
	}
	var painting sync.WaitGroup
	painting.Go(func() { stop(p.run(ctx)) })
	err := a.followTelling(ctx, p.setGone, func(f *feed) error { return w.on(ctx, f) })
	stop(nil)
	painting.Wait()
	return cmp.Or(err, p.err)
}

// printStatusBlock prints a status among others.
func (a *app) printStatusBlock(s ipc.Status) error {
	a.printf("%s\n", a.style().dim(moment(a.now(), a.now())))
	a.printDaemon(s.Daemon)
	a.printf("\n")
	if err := a.printStatusJobs(s.Jobs); err != nil {
		return err
	}
	a.printf("\n")
	return a.out.Flush()
}

// on watches on one connection.
func (w *statusWatch) on(ctx context.Context, f *feed) error {
	sub, err := ipc.EventsSubscribe.Call(ctx, f.client, ipc.EventsParams{})
	if err != nil {
		return err
	}
	changed := &changedJobs{only: w.jobs, all: true}
	due := time.NewTimer(0)
	defer due.Stop()
	head := time.NewTicker(watchHead)
	defer head.Stop()
	waits := true // for due
	for {
		select {
		case n := <-f.pushed:
			var e ipc.EventNotification
			if n.method != ipc.NotifyEvent || json.Unmarshal(n.params, &e) != nil || e.Subscription != sub.Subscription {
				continue
			}
			if changed.add(e.Event) && !waits {
				due.Reset(watchPause)
				waits = true
			}
			continue
		case <-head.C:
			err = w.ask(ctx, f.client, &changedJobs{})
		case <-due.C:
			began := time.Now()
			err = w.ask(ctx, f.client, changed)
			changed, waits = &changedJobs{only: w.jobs}, false
			if pause := watchShare * time.Since(began); pause > watchPause {
				due.Reset(pause)
				waits = true
			}
		case <-ctx.Done():
			return endOf(ctx)
		case <-f.client.Done():
			return lostDaemon()
		}
		if err != nil {
			return err
		}
	}
}

// changedJobs are the jobs that something has happened to.
type changedJobs struct {
	only  []string // whatever happens to others does not matter; all do when empty
	names []string
	all   bool // which they are is not known
}

// add takes an event in, and tells whether it matters.
func (c *changedJobs) add(e ipc.Event) bool {
	switch {
	case e.Job == "" || strings.HasPrefix(e.Kind, "job."): // jobs may have come or gone
		c.all = true
	case len(c.only) > 0 && !slices.Contains(c.only, e.Job):
		return false
	case !slices.Contains(c.names, e.Job):
		c.names = append(c.names, e.Job)
		c.all = c.all || len(c.names) > watchApart
	}
	return true
}

// ask renews the status, and shows it when it is another one.
func (w *statusWatch) ask(ctx context.Context, client *ipc.Client, c *changedJobs) error {
	if err := w.renew(ctx, client, c); err != nil {
		return err
	}
	now := steady(w.status)
	if w.any && reflect.DeepEqual(now, w.shown) {
		return nil
	}
	w.shown, w.any = now, true
	return w.show(w.status)
}

// renew asks for the daemon, and for the jobs that have changed.
func (w *statusWatch) renew(ctx context.Context, client *ipc.Client, c *changedJobs) error {
	p := ipc.StatusParams{Limit: 1}
	if len(c.names) > 0 {
		p = ipc.StatusParams{Jobs: c.names}
	}
	if !c.all {
		s, err := ipc.DaemonStatus.Call(ctx, client, p)
		if e, is := errors.AsType[*ipc.Error](err); !is || e.Code != ipc.CodeUnknownJob {
			w.status.Daemon = s.Daemon
			if len(c.names) > 0 {
				w.status.Jobs = withJobs(w.status.Jobs, s.Jobs)
			}
			return err
		}
	}
	s, err := statusOf(ctx, client, w.jobs) // one of them has gone
	if err == nil {
		w.status = s
	}
	return err
}

// withJobs is a list of jobs with some of them as they are now. The list itself,
// which may be shown, stays as it is.
func withJobs(jobs, now []ipc.Job) []ipc.Job {
	jobs = slices.Clone(jobs)
	for _, j := range now {
		i := slices.IndexFunc(jobs, func(other ipc.Job) bool { return other.Name == j.Name })
		if i < 0 {
			jobs = append(jobs, j)
			continue
		}
		jobs[i] = j
	}
	return jobs
}

// steady is a status without what moves while nothing happens.
func steady(s ipc.Status) ipc.Status {
	s.Daemon.Journal.Bytes = 0
	if sync := s.Daemon.Sync; sync != nil {
		still := *sync
		still.Backlog, still.Acked, still.LastAckAt, still.NextTryAt, still.ClockOffset = 0, 0, time.Time{}, time.Time{}, nil
		s.Daemon.Sync = &still
	}
	return s
}
