package pgtest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// underway is how many parcels may be on their way: a sender that is faster has to wait, as before a full buffer.
const underway = 4096

// passage is a connection through a proxy: two, in truth.
type passage struct {
	client, server *net.TCPConn
	over           chan struct{} // closed by a reset
	once           sync.Once
}

// reset closes both ends at once. What is underway is lost.
func (c *passage) reset() {
	c.once.Do(func() {
		close(c.over)
		for _, end := range []*net.TCPConn{c.client, c.server} {
			end.SetLinger(0)
			end.Close()
		}
	})
}

// close ends a passage to which both sides have said goodbye: what is in the kernel's buffers still arrives.
func (c *passage) close() {
	c.once.Do(func() {
		c.client.Close()
		c.server.Close()
	})
}

// parcel is what was read at once, or how the reading ended, and when it arrives.
type parcel struct {
	bytes []byte
	err   error
	due   time.Time
}

// read makes parcels of all that an end sends. It does not wait for what is underway, so that a delay costs no throughput.
func (p *Proxy) read(c *passage, from *net.TCPConn, parcels chan<- parcel) {
	defer close(parcels)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		next := parcel{bytes: bytes.Clone(buffer[:n]), err: err, due: time.Now().Add(time.Duration(p.delay.Load()))}
		select {
		case parcels <- next:
		case <-c.over:
			return
		}
		if err != nil {
			return
		}
	}
}

// write delivers parcels when they are due.
func (p *Proxy) write(c *passage, w Way, to *net.TCPConn, parcels <-chan parcel) {
	for next := range parcels {
		wait := time.NewTimer(time.Until(next.due))
		select {
		case <-wait.C:
		case <-c.over:
			return
		}
		if !p.gates[w].pass(c.over) {
			return
		}
		p.passed[w].Add(int64(len(next.bytes))) // before, so that whoever has them finds them counted
		_, err := to.Write(next.bytes)
		switch {
		case err != nil || next.err != nil && !errors.Is(next.err, io.EOF):
			c.reset()
			return
		case next.err != nil:
			to.CloseWrite()
		}
	}
}

// gate lets everything pass, or nothing. The zero value is open.
type gate struct {
	mu   sync.Mutex
	shut chan struct{} // nil while it is open; closed when it opens
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == nil {
		g.shut = make(chan struct{})
	}
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut != nil {
		close(g.shut)
		g.shut = nil
	}
}

// pass waits until the gate is open, and is false when the passage is over before.
func (g *gate) pass(over <-chan struct{}) bool {
	g.mu.Lock()
	shut := g.shut
	g.mu.Unlock()
	if shut == nil {
		return true
	}
	select {
	case <-shut:
		return true
	case <-over:
		return false
	}
}
