package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// ErrLost means that the connection to the daemon ended before the answer.
var ErrLost = errors.New("the daemon closed the connection")

// Client asks a daemon, from any number of goroutines. Until the first call
// it has no goroutine; then one, which reads.
type Client struct {
	nc   net.Conn
	done chan struct{} // closed when everything that came has been handed over

	writing sync.Mutex

	mu      sync.Mutex
	reading bool
	lastID  int64
	waiting map[int64]chan answer
	err     error // the connection's end
	notes   notes
}

// answer is one line from the daemon: an answer, or a notification. What it
// holds is decoded by whoever needs it: to know the types of all that an
// error can carry takes longer than the daemon takes to answer.
type answer struct {
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`

	err error
}

// refusal is the error that was answered, nil when there is none.
func (a answer) refusal() error {
	if len(a.Error) == 0 || string(a.Error) == "null" {
		return nil
	}
	e := new(Error)
	if err := json.Unmarshal(a.Error, e); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return e
}

const (
	longestAnswer = 64 << 20 // bytes
	clientWrite   = 10 * time.Second
)

func newClient(nc net.Conn) *Client {
	c := &Client{nc: nc, done: make(chan struct{}), waiting: map[int64]chan answer{}}
	c.notes.changed.L = &c.mu
	return c
}

// Call asks for a method by name with JSON parameters, an object or an array
// or none, and gives back the result's JSON. [Method.Call] is the typed way.
// An error answer is an *Error. When the connection ends first the error is
// [ErrLost], or the *Error with which the daemon ended it.
func (c *Client) Call(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	return c.call(ctx, method, params, func() {})
}

// call does meanwhile between the question and the answer.
func (c *Client) call(ctx context.Context, method string, params json.RawMessage, meanwhile func()) (json.RawMessage, error) {
	id, reply, err := c.expect()
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", method, err)
	}
	line, err := encodeRequest(strconv.AppendInt(nil, id, 10), method, params)
	if err != nil {
		c.forget(id)
		return nil, fmt.Errorf("ask %s: %w", method, err)
	}
	// A write that fails is no answer yet: the daemon may have said why it
	// closed the connection, and the reader is about to see it.
	c.write(ctx, append(line, '\n'))
	meanwhile()
	select {
	case a := <-reply:
		if a.err != nil {
			return nil, fmt.Errorf("ask %s: %w", method, a.err)
		}
		if err := a.refusal(); err != nil {
			return nil, err
		}
		return a.Result, nil
	case <-ctx.Done():
		c.forget(id)
		return nil, fmt.Errorf("ask %s: %w", method, context.Cause(ctx))
	}
}

// Close ends the connection. Calls in progress fail with [ErrLost], and
// notifications that have not been handled are dropped.
func (c *Client) Close() error {
	c.mu.Lock()
	idle := !c.reading
	c.reading = true
	c.notes.stopped = true
	c.mu.Unlock()
	err := c.nc.Close()
	c.end(ErrLost)
	if idle {
		close(c.done)
	}
	return err
}

// Socket is the path of the daemon's socket.
func (c *Client) Socket() string { return c.nc.RemoteAddr().String() }

// Done is closed when the connection has ended and the last notification has
// been handled. It does so only once a call has been made, or with Close.
func (c *Client) Done() <-chan struct{} { return c.done }

// expect makes room for an answer and sees that somebody reads it.
func (c *Client) expect() (int64, chan answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, nil, c.err
	}
	c.lastID++
	reply := make(chan answer, 1)
	c.waiting[c.lastID] = reply
	c.notes.changed.Broadcast() // the reader does not wait for room while an answer is awaited
	if !c.reading {
		c.reading = true
		go c.read()
	}
	return c.lastID, reply, nil
}

func (c *Client) forget(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

// write sends one line. What was sent in part would spoil every line after
// it, so the connection does not outlive a write that fails.
func (c *Client) write(ctx context.Context, line []byte) {
	c.writing.Lock()
	defer c.writing.Unlock()
	until := time.Now().Add(clientWrite)
	if d, ok := ctx.Deadline(); ok && d.Before(until) {
		until = d
	}
	c.nc.SetWriteDeadline(until)
	if _, err := c.nc.Write(line); err != nil {
		c.nc.SetReadDeadline(time.Now().Add(farewell)) // the last word is already here, if there is one
	}
}

// read hands out what comes, until the connection ends.
func (c *Client) read() {
	defer close(c.done)
	err := c.readAll()
	c.nc.Close()
	c.end(err)
	c.notes.workers.Wait()
}

func (c *Client) readAll() error {
	in := lines{max: longestAnswer}
	for {
		if line, ok := in.take(); ok {
			if err := c.receive(line); err != nil {
				return err
			}
			continue
		}
		if in.full() {
			return fmt.Errorf("read answer: it is longer than %d bytes", longestAnswer)
		}
		if err := in.fill(c.nc); err != nil {
			return ErrLost
		}
	}
}

func (c *Client) receive(line []byte) error {
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if a.Method != "" {
		c.notes.add(c, note{a.Method, a.Params})
		return nil
	}
	id, err := strconv.ParseInt(string(a.ID), 10, 64)
	if err != nil {
		// An error that belongs to no request is the last word of a daemon
		// that is about to close.
		if err := a.refusal(); err != nil {
			return err
		}
		return ErrLost
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if reply, ok := c.waiting[id]; ok {
		delete(c.waiting, id)
		reply <- a
	}
	return nil
}

// end fails the calls in progress and those to come.
func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	for id, reply := range c.waiting {
		delete(c.waiting, id)
		reply <- answer{err: c.err}
	}
	c.notes.changed.Broadcast()
}
