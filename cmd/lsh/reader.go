package main

import (
	"context"
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// following is ctx for a command that goes on until it is interrupted: until
// Ctrl-C or SIGTERM, or until nobody reads any more what it prints. A pipe tells
// that by SIGPIPE, but only whoever writes, and it may be long until there is
// something to write.
func (a *app) following(ctx context.Context) context.Context {
	ctx = a.interruptible(ctx)
	out, is := a.stdout.(*os.File)
	if !is || !isPipe(out) {
		return ctx
	}
	stop, end, err := os.Pipe()
	if err != nil {
		return ctx // the next write will tell
	}
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if readerLeft(out, stop) {
			cancel(interruption(syscall.SIGPIPE))
		}
	}()
	a.waiters = append(a.waiters, &waiter{ctx, func() {
		end.Close()
		<-done
		stop.Close()
		cancel(nil)
	}})
	return ctx
}

func isPipe(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

// readerLeft waits until nobody can read what is written to out, and is false
// when stop is closed before.
func readerLeft(out, stop *os.File) bool {
	fds := []unix.PollFd{{Fd: int32(out.Fd())}, {Fd: int32(stop.Fd()), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil || fds[1].Revents != 0:
			return false
		default:
			return fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0
		}
	}
}
