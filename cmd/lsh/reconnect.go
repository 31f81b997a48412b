package main

import (
	"context"
	"errors"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

const (
	// awayAtMost is how long a daemon may be away while a run is waited for: a
	// restart takes a moment, and a crash is followed by another worker.
	awayAtMost = 30 * time.Second
	// awayUnnoticed is how long it may be away before that is told: a restart
	// is no news.
	awayUnnoticed = 400 * time.Millisecond
	// redialAtMost is how long it may be back before that is seen.
	redialAtMost = 250 * time.Millisecond
)

// persist has f done on a connection, and again on another one when the daemon
// went away in the middle and its keeper is there to bring it back: f goes on
// from where it stood.
func (a *app) persist(ctx context.Context, f func(*feed) error) error {
	feed, err := a.subscribe(ctx)
	if err != nil {
		return err
	}
	keeper, err := a.keeperOf(ctx, feed)
	if err != nil {
		feed.close()
		return err
	}
	tell := func() { a.aside("the daemon is gone; waiting for it") }
	return a.reconnecting(ctx, feed, f, outage{tell, func(away time.Duration) bool {
		return keeper == 0 || away > awayAtMost || processGone(keeper)
	}})
}

// follow has f done on a connection, and again on another one as often as the
// daemon goes away and comes back, however long that takes and whoever has
// started it. f goes on from where it stood.
func (a *app) follow(ctx context.Context, f func(*feed) error) error {
	return a.followTelling(ctx, func() { a.aside("the daemon is gone; waiting for it") }, f)
}

// followTelling is follow for those who tell in their own way that the daemon is gone.
func (a *app) followTelling(ctx context.Context, gone func(), f func(*feed) error) error {
	feed, err := a.subscribe(ctx)
	if err != nil {
		return err
	}
	if _, err := a.keeperOf(ctx, feed); err != nil { // what is followed may be silent for as long as it likes
		feed.close()
		return err
	}
	return a.reconnecting(ctx, feed, f, outage{gone, func(time.Duration) bool { return false }})
}

// outage is what to do while the daemon is away.
type outage struct {
	tell     func()
	hopeless func(away time.Duration) bool
}

// reconnecting does f on feed, and on other connections until it is done or
// there is no hope for another.
func (a *app) reconnecting(ctx context.Context, feed *feed, f func(*feed) error, o outage) error {
	socket := feed.client.Socket()
	for again := false; ; again = true {
		err := f(feed)
		feed.close()
		if err == nil || ctx.Err() != nil || !wentAway(err) && !(again && isBusy(err)) {
			return err
		}
		if feed, err = a.redial(ctx, socket, o, err); err != nil {
			return err
		}
	}
}

// keeperOf is the pid of the daemon's keeper, 0 without one. The error is that of nobody who answers.
func (a *app) keeperOf(ctx context.Context, f *feed) (int, error) {
	asking, done := a.awaiting(ctx, f.client, "asking the daemon")
	defer done()
	s, err := ipc.DaemonStatus.Call(asking, f.client, ipc.StatusParams{Limit: 1})
	if silent, is := errors.AsType[*failure](err); is {
		return 0, silent
	}
	if err != nil || s.Daemon.Keeper.State != ipc.KeeperPresent {
		return 0, nil
	}
	return s.Daemon.Keeper.Pid, nil
}

// wentAway tells whether an error is that of a daemon that ends.
func wentAway(err error) bool {
	if f, is := errors.AsType[*failure](err); is {
		return f.code == "lost"
	}
	if e, is := errors.AsType[*ipc.Error](err); is {
		return e.Code == ipc.CodeStopping
	}
	return errors.Is(err, ipc.ErrLost)
}

// isBusy tells whether a daemon has too much to do, as when all who follow it
// come back at once.
func isBusy(err error) bool {
	e, is := errors.AsType[*ipc.Error](err)
	return is && e.Code == ipc.CodeBusy
}

// redial connects to the daemon when it is there again: where it was, or where
// one of this user may be. The error is the first one when that is hopeless.
func (a *app) redial(ctx context.Context, socket string, o outage, why error) (*feed, error) {
	paths := []string{socket}
	if usual, err := a.sockets(); err == nil {
		paths = append(paths, usual...)
	}
	began, told := time.Now(), false
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, redialAtMost) {
		select {
		case <-ctx.Done():
			return nil, endOf(ctx)
		case <-time.After(wait):
		}
		if client, err := ipc.Dial(ctx, paths); err == nil {
			return newFeed(client), nil
		}
		away := time.Since(began)
		if o.hopeless(away) {
			return nil, why
		}
		if !told && away > awayUnnoticed {
			told = true
			o.tell()
		}
	}
}
