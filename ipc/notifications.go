package ipc

import (
	"encoding/json"
	"sync"
)

type note struct {
	method string
	params json.RawMessage
}

// notes are the notifications that came and have not been handled. The
// handler may ask the daemon itself: it runs apart from the reader, and the
// reader waits for it only while no answer is awaited. So neither can wait
// for the other, and the daemon feels a handler that is slow.
type notes struct {
	handle  func(method string, params json.RawMessage)
	queue   []note
	size    int  // bytes of params
	stopped bool // handle no more
	changed sync.Cond
	workers sync.WaitGroup
}

const maxNotes = 8 << 20 // bytes held for a slow handler

// Notifications hands every notification from now on to handle, one after
// another in the order they came. Set it before subscribing: what comes
// without a handler is dropped. handle may use the client.
func (c *Client) Notifications(handle func(method string, params json.RawMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes.handle = handle
}

// add is called by the reader.
func (n *notes) add(c *Client, one note) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n.handle == nil || n.stopped {
		return
	}
	for n.size > maxNotes && len(c.waiting) == 0 && c.err == nil {
		n.changed.Wait()
	}
	n.queue = append(n.queue, one)
	n.size += len(one.params)
	if len(n.queue) == 1 {
		n.workers.Go(func() { n.work(c) })
	}
}

// work handles what is queued, and ends when nothing is. The note at hand
// stays at the head of the queue, so that nobody else is started.
func (n *notes) work(c *Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(n.queue) > 0 && !n.stopped {
		one, handle := n.queue[0], n.handle
		c.mu.Unlock()
		handle(one.method, one.params)
		c.mu.Lock()
		n.queue = n.queue[1:]
		n.size -= len(one.params)
		n.changed.Broadcast()
	}
	n.queue = nil
}
