package main

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// awayAtMost is how long a daemon may be away while something is followed: a
// restart takes a moment, and a crash is followed by another worker.
const awayAtMost = 30 * time.Second

// persist has f done on a connection, and again on another one when the daemon
// went away in the middle and its keeper is there to bring it back: f goes on
// from where it stood.
func (a *app) persist(ctx context.Context, f func(*feed) error) error {
	feed, err := a.subscribe(ctx)
	if err != nil {
		return err
	}
	keeper := keeperOf(ctx, feed)
	for {
		err := f(feed)
		feed.close()
		if err == nil || !wentAway(err) || ctx.Err() != nil || keeper == 0 {
			return err
		}
		if feed, err = a.redial(ctx, keeper, err); err != nil {
			return err
		}
	}
}

// keeperOf is the pid of the daemon's keeper, 0 without one.
func keeperOf(ctx context.Context, f *feed) int {
	s, err := ipc.DaemonStatus.Call(ctx, f.client, ipc.StatusParams{Limit: 1})
	if err != nil || s.Daemon.Keeper.State != ipc.KeeperPresent {
		return 0
	}
	return s.Daemon.Keeper.Pid
}

// wentAway tells whether an error is that of a daemon that is being restarted.
func wentAway(err error) bool {
	if f, is := errors.AsType[*failure](err); is {
		return f.code == "lost"
	}
	if e, is := errors.AsType[*ipc.Error](err); is {
		return e.Code == ipc.CodeStopping
	}
	return errors.Is(err, ipc.ErrLost)
}

// redial connects to the next worker. The error is the first one when there is
// none for too long.
func (a *app) redial(ctx context.Context, keeper int, why error) (*feed, error) {
	done := a.waiting("the daemon has gone away; waiting for it")
	defer done()
	for deadline := time.Now().Add(awayAtMost); time.Now().Before(deadline); {
		select {
		case <-ctx.Done():
			return nil, endOf(ctx)
		case <-time.After(50 * time.Millisecond):
		}
		if feed, err := a.subscribe(ctx); err == nil {
			return feed, nil
		}
		if errors.Is(syscall.Kill(keeper, 0), syscall.ESRCH) {
			return nil, why // the daemon was stopped
		}
	}
	return nil, why
}
