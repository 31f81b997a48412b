package pgtest

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// echo answers each client with what it sends, until the client says goodbye.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func dial(t *testing.T, p *Proxy) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", p.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// receive reads n bytes, and gives up after a while.
func receive(c net.Conn, n int, within time.Duration) (string, error) {
	c.SetReadDeadline(time.Now().Add(within))
	buffer := make([]byte, n)
	n, err := io.ReadFull(c, buffer)
	return string(buffer[:n]), err
}

func roundTrip(t *testing.T, c net.Conn) {
	t.Helper()
	send(t, c, "ping")
	if got, err := receive(c, 4, 10*time.Second); got != "ping" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestProxyDelaysEachWay(t *testing.T) {
	p := NewProxy(t, echo(t))
	c := dial(t, p)
	roundTrip(t, c)
	p.Delay(60 * time.Millisecond)
	begin := time.Now()
	roundTrip(t, c)
	if took := time.Since(begin); took < 120*time.Millisecond || took > 2*time.Second {
		t.Errorf("there and back in %s", took)
	}
}

// What is sent meanwhile does not wait for what is underway.
func TestProxyDelayIsNoBottleneck(t *testing.T) {
	p := NewProxy(t, echo(t))
	p.Delay(100 * time.Millisecond)
	c := dial(t, p)
	const size = 16 << 20
	begin := time.Now()
	go func() {
		c.Write(make([]byte, size))
		c.CloseWrite()
	}()
	n, err := io.Copy(io.Discard, c)
	if n != size || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	// One parcel of 32 KB in each delay would be 51 s.
	if took := time.Since(begin); took < 200*time.Millisecond || took > 10*time.Second {
		t.Errorf("16 MB in %s", took)
	}
	if p.Bytes(Up) != size || p.Bytes(Down) != size {
		t.Errorf("counted %d bytes up and %d down", p.Bytes(Up), p.Bytes(Down))
	}
}

func TestProxyRefuses(t *testing.T) {
	p := NewProxy(t, echo(t))
	before := dial(t, p)
	roundTrip(t, before)
	p.Refuse()
	if _, err := net.Dial("tcp", p.Address()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("connect: %v", err)
	}
	roundTrip(t, before)
	p.Admit(t)
	roundTrip(t, dial(t, p))
	if n := p.Connections(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestProxyCuts(t *testing.T) {
	p := NewProxy(t, echo(t))
	clients := []net.Conn{dial(t, p), dial(t, p)}
	for _, c := range clients {
		roundTrip(t, c)
	}
	if p.Open() != 2 {
		t.Errorf("%d are open", p.Open())
	}
	p.Hang(Up) // what hangs is cut too
	p.Cut()
	for _, c := range clients {
		if _, err := receive(c, 1, 10*time.Second); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read: %v", err)
		}
	}
	for begin := time.Now(); p.Open() > 0; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("%d are open", p.Open())
		}
	}
	p.Flow()
	roundTrip(t, dial(t, p))
}

func TestProxyHangs(t *testing.T) {
	for name, hung := range map[string][]Way{"up": {Up}, "down": {Down}, "both": {Up, Down}} {
		t.Run(name, func(t *testing.T) {
			p := NewProxy(t, echo(t))
			c := dial(t, p)
			roundTrip(t, c)
			arrived := p.Bytes(Up)
			p.Hang(hung...)
			send(t, c, "lost?")
			if got, err := receive(c, 1, 100*time.Millisecond); got != "" || err == nil {
				t.Errorf("%q came through", got)
			}
			if wentUp := p.Bytes(Up) > arrived; wentUp != (name == "down") {
				t.Errorf("the server has it: %v", wentUp)
			}
			p.Flow()
			if got, err := receive(c, 5, 10*time.Second); got != "lost?" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestProxyHandsOnAReset(t *testing.T) {
	l, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := dial(t, NewProxy(t, l.Addr().String()))
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	server.(*net.TCPConn).SetLinger(0)
	server.Close()
	if _, err := receive(c, 1, 10*time.Second); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read: %v", err)
	}
}

func TestProxyBeforeNobody(t *testing.T) {
	p := NewProxy(t, loopback+":1")
	c, err := net.Dial("tcp", p.Address())
	if err == nil { // the reset may be as quick
		defer c.Close()
		_, err = receive(c, 1, 10*time.Second)
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("connect and read: %v", err)
	}
	if p.Connections() != 0 {
		t.Error("a client has been let through")
	}
}
