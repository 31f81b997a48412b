package pgtest

import (
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Way is a direction through a Proxy.
type Way int

// The directions. Both are hung by naming both.
const (
	Up   Way = iota // to the server
	Down            // to the client
)

// Proxy is a network that can be slow or broken, before a server.
type Proxy struct {
	to     string
	from   net.Addr
	delay  atomic.Int64 // nanoseconds
	gates  [2]gate      // by Way
	passed [2]atomic.Int64

	mu       sync.Mutex
	listener net.Listener // nil while clients are refused
	open     map[*passage]bool
	made     int
	ended    bool
	running  sync.WaitGroup
}

// NewProxy puts a proxy before an address, until the test is over.
func NewProxy(t testing.TB, to string) *Proxy {
	t.Helper()
	l, err := listenAnywhere()
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{to: to, from: l.Addr(), open: map[*passage]bool{}}
	p.admit(l)
	t.Cleanup(p.end)
	return p
}

func (p *Proxy) end() {
	p.Refuse()
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.Cut()
	p.running.Wait()
}

// Address is where clients connect to.
func (p *Proxy) Address() string { return p.from.String() }

// URL is a URL of a database that leads through the proxy instead. It keeps the name localhost, which a certificate may be for.
func (p *Proxy) URL(plain string) string {
	u, err := url.Parse(plain)
	if err != nil {
		panic(err) // it comes from a Database
	}
	_, port, _ := net.SplitHostPort(p.Address())
	u.Host = net.JoinHostPort(u.Hostname(), port)
	return u.String()
}

// Delay has all that is sent from now on arrive later by d in each direction, however much is on its way. A connection is
// made without delay.
func (p *Proxy) Delay(d time.Duration) { p.delay.Store(int64(d)) }

// Hang holds back all that is sent in the given directions, as a network does that loses every packet: nobody is told.
func (p *Proxy) Hang(ways ...Way) {
	for _, w := range ways {
		p.gates[w].close()
	}
}

// Flow ends Hang: what was held back arrives.
func (p *Proxy) Flow() {
	for w := range p.gates {
		p.gates[w].open()
	}
}

// Cut resets all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.reset()
	}
}

// Refuse refuses new connections. Those that are there stay.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
}

// Admit ends Refuse.
func (p *Proxy) Admit(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	admitted := p.listener != nil
	p.mu.Unlock()
	if admitted {
		return
	}
	l, err := net.Listen("tcp", p.Address())
	if err != nil {
		t.Fatal(err)
	}
	p.admit(l)
}

// Connections is how many clients have been let through so far.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made
}

// Open is how many connections there are.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open)
}

// Bytes is how many have been passed on in a direction.
func (p *Proxy) Bytes(w Way) int64 { return p.passed[w].Load() }

func (p *Proxy) admit(l net.Listener) {
	p.mu.Lock()
	p.listener = l
	p.mu.Unlock()
	p.running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.carry(client.(*net.TCPConn)) })
		}
	})
}

// carry is the life of one connection. A server that is not there shows as a reset.
func (p *Proxy) carry(client *net.TCPConn) {
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		client.SetLinger(0)
		client.Close()
		return
	}
	c := &passage{client: client, server: server.(*net.TCPConn), over: make(chan struct{})}
	if !p.enter(c) {
		c.reset()
		return
	}
	defer p.leave(c)
	defer c.close()
	var ways sync.WaitGroup
	for w, ends := range [][2]*net.TCPConn{Up: {c.client, c.server}, Down: {c.server, c.client}} {
		parcels := make(chan parcel, underway)
		ways.Go(func() { p.read(c, ends[0], parcels) })
		ways.Go(func() { p.write(c, Way(w), ends[1], parcels) })
	}
	ways.Wait()
}

func (p *Proxy) enter(c *passage) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	p.open[c] = true
	p.made++
	return true
}

func (p *Proxy) leave(c *passage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}
