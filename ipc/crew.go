package ipc

import (
	"sync"
	"time"
)

// crew counts the goroutines of a connection. Unlike a sync.WaitGroup it can
// be left by everybody and joined again until it is closed.
type crew struct {
	mu     sync.Mutex
	n      int
	closed bool
	gone   chan struct{} // made by close
	quiet  time.Time     // when the last one left
}

// join counts one more; false when the crew is closed and everybody has left.
func (c *crew) join() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed && c.n == 0 {
		return false
	}
	c.n++
	return true
}

func (c *crew) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n--
	if c.n > 0 {
		return
	}
	c.quiet = time.Now()
	if c.closed {
		close(c.gone)
	}
}

// close lets nobody join an empty crew any more. The channel closes when
// everybody has left; those who are there may still bring others.
func (c *crew) close() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed, c.gone = true, make(chan struct{})
	if c.n == 0 {
		close(c.gone)
	}
	return c.gone
}

// quietSince is when the last one left, and false while somebody is there.
func (c *crew) quietSince() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quiet, c.n == 0
}
