package ipc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// patient is the deadline of everything that is waited for: far beyond what a
// loaded machine needs, and never waited out by a test that passes.
const patient = 20 * time.Second

// shortDir is a directory whose path leaves room for a socket's name.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ipc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// logged is a log that tests may read while it is written.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// running is a server on a real socket. Its end is checked: Serve returns,
// and no goroutine of this package is left.
type running struct {
	*Server
	path string
	log  *logged
	stop func()
}

func start(t testing.TB, limits Limits, handlers ...func(*Server)) *running {
	t.Helper()
	r := &running{path: filepath.Join(shortDir(t), "s"), log: &logged{}}
	r.Server = NewServer(slog.New(slog.NewTextHandler(r.log, nil)), limits)
	for _, register := range handlers {
		register(r.Server)
	}
	ln, err := Listen(r.path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(ctx, ln) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(patient):
			t.Error("Serve did not return")
		}
	})
	t.Cleanup(func() {
		r.stop()
		noGoroutines(t)
	})
	return r
}

// noGoroutines waits until only tests run code of this package.
func noGoroutines(t testing.TB) {
	t.Helper()
	var left []string
	eventually(t, func() bool {
		all := make([]byte, 1<<20)
		all = all[:runtime.Stack(all, true)]
		left = nil
		for stack := range strings.SplitSeq(string(all), "\n\n") {
			if strings.Contains(stack, "lsh/ipc.") && !strings.Contains(stack, "testing.tRunner") && !strings.Contains(stack, "testing.(") {
				left = append(left, stack)
			}
		}
		return len(left) == 0
	}, func() string { return "goroutines are left:\n" + strings.Join(left, "\n\n") })
}

func eventually(t testing.TB, ok func() bool, what func() string) {
	t.Helper()
	for end := time.Now().Add(patient); ; time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
		if time.Now().After(end) {
			t.Fatal(what())
		}
	}
}

// wire is a client that speaks bytes.
type wire struct {
	*net.UnixConn
	t testing.TB
	r *bufio.Reader
}

func (r *running) wire(t testing.TB) *wire {
	t.Helper()
	nc, err := net.Dial("unix", r.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(patient))
	return &wire{nc.(*net.UnixConn), t, bufio.NewReader(nc)}
}

func (w *wire) send(text string) {
	w.t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		w.t.Fatalf("send: %v", err)
	}
}

func (w *wire) line() string {
	w.t.Helper()
	line, err := w.r.ReadString('\n')
	if err != nil {
		w.t.Fatalf("read: %v after %q", err, line)
	}
	return strings.TrimSuffix(line, "\n")
}

// closed fails unless the server has closed the connection and said nothing
// more.
func (w *wire) closed() {
	w.t.Helper()
	rest, err := io.ReadAll(w.r)
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		w.t.Fatal("the connection is still open")
	}
	if len(rest) > 0 {
		w.t.Fatalf("the server said more: %q", rest)
	}
}

func (r *running) dial(t testing.TB) *Client {
	t.Helper()
	c, err := Dial(t.Context(), []string{r.path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func sameJSON(t testing.TB, got, want string) {
	t.Helper()
	if a, b := canonical(t, got), canonical(t, want); a != b {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}

// canonical is JSON with sorted members; numbers stay as they are written.
func canonical(t testing.TB, text string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// The methods that tests serve.
type (
	pair struct {
		Minuend    int `json:"minuend"`
		Subtrahend int `json:"subtrahend"`
	}
	five struct {
		A int `json:"a,omitempty"`
		B int `json:"b,omitempty"`
		C int `json:"c,omitempty"`
		D int `json:"d,omitempty"`
		E int `json:"e,omitempty"`
	}
	text struct {
		Text string `json:"text,omitempty"`
	}
)

var (
	subtract = Method[pair, int]{"subtract", ""}
	sum      = Method[five, int]{"sum", ""}
	echo     = Method[text, text]{"echo", ""}
	block    = Method[Empty, Empty]{"block", ""}
	getData  = Method[Empty, []any]{"get_data", ""}
)

func arithmetic(s *Server) {
	subtract.Handle(s, func(_ context.Context, p pair) (int, error) { return p.Minuend - p.Subtrahend, nil })
	sum.Handle(s, func(_ context.Context, p five) (int, error) { return p.A + p.B + p.C + p.D + p.E, nil })
	getData.Handle(s, func(context.Context, Empty) ([]any, error) { return []any{"hello", 5}, nil })
	echo.Handle(s, func(_ context.Context, p text) (text, error) { return p, nil })
	block.Handle(s, func(ctx context.Context, _ Empty) (Empty, error) {
		<-ctx.Done()
		return Empty{}, ctx.Err()
	})
}

func request1(method, params string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":` + params + "}\n"
}
