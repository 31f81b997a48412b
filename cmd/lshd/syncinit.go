package main

import (
	"io"
	"os"

	"github.com/lsh-project/lsh/daemon"
)

// syncInit answers lsh sync init, which knows of no database. It needs no settings: those that are wrong do not keep a database from
// being set up.
func syncInit(from io.Reader, to io.Writer, signals <-chan os.Signal) error {
	ctx, cancel := untilSignal(signals)
	defer cancel()
	return write(to, daemon.SyncInit(ctx, from))
}
