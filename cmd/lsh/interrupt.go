package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interruption is the cause of a context that a signal has ended.
type interruption syscall.Signal

func (i interruption) Error() string { return syscall.Signal(i).String() }

// exitCode is 128 + the number of the signal, as shells have it.
func (i interruption) exitCode() exitCode { return exitCode(128 + int(i)) }

// waiter is a context that ends with Ctrl-C, and what gives the signals back.
type waiter struct {
	ctx  context.Context
	stop func()
}

// interruptible is ctx until Ctrl-C or SIGTERM. Only commands that wait for
// something call it: the others just die, which is what is wanted of them.
func (a *app) interruptible(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case s := <-signals:
			if s, ok := s.(syscall.Signal); ok {
				cancel(interruption(s))
			}
		case <-ctx.Done():
		}
	})
	a.waiters = append(a.waiters, &waiter{ctx, func() {
		signal.Stop(signals)
		cancel(nil)
		watch.Wait()
	}})
	return ctx
}

// interrupted is the exit code of lsh when a signal has ended what it waits
// for.
func (a *app) interrupted() (exitCode, bool) {
	for _, w := range a.waiters {
		if code, ok := interruptedBy(w.ctx); ok {
			return code, true
		}
	}
	return 0, false
}

func interruptedBy(ctx context.Context) (exitCode, bool) {
	by, ok := errors.AsType[interruption](context.Cause(ctx))
	return by.exitCode(), ok
}

// endOf is the error of a command whose ctx has ended: the exit code of the
// signal that ended it.
func endOf(ctx context.Context) error {
	if code, ok := interruptedBy(ctx); ok {
		return code
	}
	return context.Cause(ctx)
}
