package ipc

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// What can become of a notification.
var (
	// ErrFull means that the client does not read as fast as it is written to.
	// The message was not queued; nothing of it will be sent.
	ErrFull = errors.New("notify client: it does not read")
	// ErrClosed means that the connection has ended.
	ErrClosed = errors.New("notify client: the connection has ended")
)

// outbox is what is still to be written to one connection. Nobody owns a
// goroutine for it while it is empty: whoever queues the first message also
// writes, until it is empty again.
type outbox struct {
	nc      net.Conn
	timeout time.Duration // of a write that makes no progress
	maxLen  int
	maxSize int
	total   *budget // of all connections

	mu      sync.Mutex
	queue   [][]byte
	size    int  // bytes queued or being written
	owed    int  // bytes of answers that are made and not queued yet
	writing bool // somebody runs write
	err     error
	space   chan struct{} // closed when there may be room again; nil when nobody waits
}

// writeChunk bounds what one deadline covers, so that a slow reader of a long
// answer has the timeout for each piece of it.
const writeChunk = 128 << 10

// reserve counts n bytes of an answer that is about to wait for room. It
// refuses a large one where too much waits already, here or in all.
func (o *outbox) reserve(n int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return true // put drops it
	}
	held := o.size + o.owed
	switch {
	case n <= smallAnswer || held+n <= fairShare:
		o.total.add(n)
	case held > 0 && held+n > o.maxSize || !o.total.take(n):
		return false
	}
	o.owed += n
	return true
}

// put queues a line that has been waited for, and of which so many bytes are
// reserved. When mustWrite is true, the caller has to run write.
func (o *outbox) put(line []byte, reserved int) (mustWrite bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return false, ErrClosed
	}
	o.owed -= reserved
	o.total.add(-reserved)
	return o.enqueue(line), nil
}

// offer is put of a line that nobody has waited with.
func (o *outbox) offer(line []byte) (mustWrite bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return false, ErrClosed
	}
	if !o.hasRoom(len(line)) {
		return false, ErrFull
	}
	return o.enqueue(line), nil
}

func (o *outbox) enqueue(line []byte) (mustWrite bool) {
	o.queue = append(o.queue, append(line, '\n'))
	o.size += len(line) + 1
	o.total.add(len(line) + 1)
	mustWrite = !o.writing
	o.writing = true
	return mustWrite
}

func (o *outbox) hasRoom(size int) bool {
	return o.size == 0 || o.size+size <= o.maxSize && len(o.queue) < o.maxLen
}

// wait returns once there is room, or with the end of the connection or ctx.
func (o *outbox) wait(ctx context.Context, size int) error {
	for {
		o.mu.Lock()
		if o.err != nil {
			o.mu.Unlock()
			return ErrClosed
		}
		if o.hasRoom(size) {
			o.mu.Unlock()
			return nil
		}
		if o.space == nil {
			o.space = make(chan struct{})
		}
		space := o.space
		o.mu.Unlock()
		select {
		case <-space:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// write sends what is queued until nothing is. A client that takes nothing
// for the timeout loses the connection.
func (o *outbox) write() {
	for {
		piece, ok := o.next()
		if !ok {
			return
		}
		err := o.send(piece)
		if err != nil {
			o.close(err)
			o.nc.Close()
			return
		}
		o.sent(len(piece))
	}
}

// next takes as many queued lines as fit a chunk, at least one.
func (o *outbox) next() ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil || len(o.queue) == 0 {
		o.queue, o.writing = nil, false
		return nil, false
	}
	piece, n := o.queue[0], 1
	for n < len(o.queue) && len(piece)+len(o.queue[n]) <= writeChunk {
		piece = append(piece, o.queue[n]...)
		n++
	}
	clear(o.queue[:n])
	o.queue = o.queue[n:]
	return piece, true
}

func (o *outbox) send(piece []byte) error {
	for len(piece) > 0 {
		if err := o.nc.SetWriteDeadline(time.Now().Add(o.timeout)); err != nil {
			return err
		}
		n, err := o.nc.Write(piece[:min(len(piece), writeChunk)])
		if err != nil {
			return err
		}
		piece = piece[n:]
	}
	return nil
}

func (o *outbox) sent(size int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return // close has settled it
	}
	o.size -= size
	o.total.add(-size)
	o.wake()
}

// close refuses everything from now on.
func (o *outbox) close(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = err
	}
	o.total.add(-o.size - o.owed)
	o.queue, o.size, o.owed = nil, 0, 0
	o.wake()
}

func (o *outbox) wake() {
	if o.space != nil {
		close(o.space)
		o.space = nil
	}
}
