package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// progressAfter is how long something may take before lsh says what it is
// waiting for.
const progressAfter = time.Second

// waiting says on a terminal what lsh waits for, once that has taken over a
// second, until the function it returns is called. Elsewhere it says nothing.
func (a *app) waiting(what string) (done func()) {
	f, ok := a.stderr.(*os.File)
	width := terminalWidth(a.stderr)
	if !ok || width == 0 || a.json() {
		return func() {}
	}
	stop := make(chan struct{})
	var shown sync.WaitGroup
	shown.Go(func() { showWaiting(f, width, what, stop) })
	return sync.OnceFunc(func() {
		close(stop)
		shown.Wait()
	})
}

func showWaiting(f *os.File, width int, what string, stop <-chan struct{}) {
	began := time.Now()
	tick := time.NewTicker(progressAfter)
	defer tick.Stop()
	drawn := false
	for {
		select {
		case <-stop:
			if drawn {
				fmt.Fprint(f, "\r\x1b[K")
			}
			return
		case <-tick.C:
			drawn = true
			line := fmt.Sprintf("%s … %s", oneLine(what), span(time.Since(began)))
			fmt.Fprint(f, "\r\x1b[K"+cut(line, width-1))
		}
	}
}
