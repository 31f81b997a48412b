package main

import (
	"context"
	"io"
	"os"
	"syscall"

	"github.com/lsh-project/lsh/config/settings"
	"github.com/lsh-project/lsh/daemon"
)

// fleet answers lsh fleet while no daemon is running.
func fleet(w io.Writer, s settings.Settings, signals <-chan os.Signal) error {
	ctx, cancel := untilSignal(signals)
	defer cancel()
	return write(w, daemon.FleetOffline(ctx, s.Paths, s.Database))
}

// untilSignal is the context of a command that talks to a database: it ends when the person has enough.
func untilSignal(signals <-chan os.Signal) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for s := range signals {
			if s == syscall.SIGINT || s == syscall.SIGTERM {
				cancel()
			}
		}
	}()
	return ctx, cancel
}
