package ipc

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

type connKey struct{}

// Conn is the connection that a request came on.
type Conn struct {
	link *link
	next func() // lets the next request of the first protocol begin; nil: r is not of it

	mu    sync.Mutex
	held  bool // the request has not been answered
	after []func(context.Context)
}

// ConnFrom is the connection of the request whose handler runs with ctx, and
// nil for any other context.
func ConnFrom(ctx context.Context) *Conn {
	c, _ := ctx.Value(connKey{}).(*Conn)
	return c
}

// Notify queues a notification. It never waits: a client that does not read
// costs [ErrFull], and after the write timeout its connection, then
// [ErrClosed].
func (c *Conn) Notify(method string, params any) error {
	line, err := encodeNotification(method, params)
	if err != nil {
		return err
	}
	return c.link.queue(func(o *outbox) (bool, error) { return o.offer(line) })
}

// NotifyWait is Notify for those who can wait: it returns once there is room
// for the message, or with the end of ctx or of the connection.
func (c *Conn) NotifyWait(ctx context.Context, method string, params any) error {
	line, err := encodeNotification(method, params)
	if err != nil {
		return err
	}
	if err := c.link.out.wait(ctx, len(line)); err != nil {
		return err
	}
	return c.link.queue(func(o *outbox) (bool, error) { return o.put(line, 0) })
}

func encodeNotification(method string, params any) ([]byte, error) {
	body, err := encode(params)
	if err != nil {
		return nil, fmt.Errorf("notify client: %w", err)
	}
	return encodeRequest(nil, method, body)
}

// Go runs f once the answer of the current request has been queued; not at
// all when that is an error. The context ends with the connection or the
// server, and f has to end with it. While f runs the connection is not idle:
// a subscription is an f.
func (c *Conn) Go(f func(context.Context)) {
	c.mu.Lock()
	held := c.held
	if held {
		c.after = append(c.after, f)
	}
	c.mu.Unlock()
	if !held {
		c.link.goAll([]func(context.Context){f})
	}
}

// release is what was handed to Go so far; from now on Go starts at once.
func (c *Conn) release() []func(context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = false
	return c.after
}

func (l *link) goAll(list []func(context.Context)) {
	for _, f := range list {
		if !l.work.join() {
			return
		}
		go func() {
			defer l.work.leave()
			defer func() {
				if p := recover(); p != nil {
					l.srv.log.Error("subscription panicked", "err", fmt.Sprint(p), "stack", string(debug.Stack()))
				}
			}()
			f(l.pushes)
		}()
	}
}
