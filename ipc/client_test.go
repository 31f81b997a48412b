package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCallsFromManyGoroutines(t *testing.T) {
	server := start(t, Limits{}, arithmetic)
	c := server.dial(t)
	var calls sync.WaitGroup
	for i := range 50 {
		calls.Go(func() {
			for j := range 20 {
				want := text{fmt.Sprint(i, j)}
				if got, err := echo.Call(t.Context(), c, want); err != nil || got != want {
					t.Errorf("got %v, %v", got, err)
				}
			}
		})
	}
	calls.Wait()
}

func TestNoDaemon(t *testing.T) {
	dir := shortDir(t)
	absent, stale := filepath.Join(dir, "absent"), filepath.Join(dir, "stale")
	ln, err := Listen(stale)
	if err != nil {
		t.Fatal(err)
	}
	ln.UnixListener.Close() // as after a kill: the file stays
	_, err = Dial(t.Context(), []string{absent, stale})
	e, ok := errors.AsType[*NotRunningError](err)
	if !ok || !slices.Equal(e.Paths, []string{absent, stale}) {
		t.Fatalf("got %v", err)
	}
	if e.Error() != "the daemon is not running (tried "+absent+", "+stale+")" || e.Hint() != "start it: lsh daemon start" {
		t.Errorf("%s; %s", e, e.Hint())
	}
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(e.Err.Error(), "connection refused") {
		t.Errorf("reasons: %v", e.Err)
	}
}

func TestDialTakesTheFirstThatAnswers(t *testing.T) {
	server := start(t, Limits{}, arithmetic)
	c, err := Dial(t.Context(), []string{server.path + ".absent", server.path})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := echo.Call(t.Context(), c, text{}); err != nil {
		t.Error(err)
	}
}

// Until it has asked something a client runs no goroutine.
func TestDialStartsNothing(t *testing.T) {
	server := start(t, Limits{})
	w := server.wire(t)
	w.send(request1("x", "{}"))
	w.line()
	before := runtime.NumGoroutine()
	c, err := Dial(t.Context(), []string{filepath.Join(filepath.Dir(server.path), "s")})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, // the server's
		func() string { return "Dial has started goroutines" })
}

func TestLostConnection(t *testing.T) {
	server := start(t, Limits{}, arithmetic)
	c := server.dial(t)
	failed := make(chan error)
	go func() {
		_, err := block.Call(t.Context(), c, Empty{})
		failed <- err
	}()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("changed my mind"))
	if _, err := block.Call(ctx, c, Empty{}); err == nil || err.Error() != "ask block: changed my mind" {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := echo.Call(t.Context(), c, text{}); err != nil {
		t.Errorf("after a cancelled call: %v", err)
	}
	c.Close()
	if err := <-failed; !errors.Is(err, ErrLost) {
		t.Errorf("in progress: %v", err)
	}
	if _, err := echo.Call(t.Context(), c, text{}); !errors.Is(err, ErrLost) {
		t.Errorf("after: %v", err)
	}
	<-c.Done()
	unused := server.dial(t)
	unused.Close()
	<-unused.Done()
	unused.Close()
}

func ticker(s *Server) {
	Method[five, Empty]{"tick", ""}.Handle(s, func(ctx context.Context, p five) (Empty, error) {
		c := ConnFrom(ctx)
		c.Go(func(ctx context.Context) {
			body := strings.Repeat("x", p.B)
			for i := range p.A {
				if err := c.NotifyWait(ctx, fmt.Sprint(i), body); err != nil {
					return
				}
			}
		})
		return Empty{}, nil
	})
}

// All of them, in order; the handler may ask, and Done comes after the last.
func TestNotifications(t *testing.T) {
	server := start(t, Limits{}, arithmetic, ticker)
	c := server.dial(t)
	var got []string
	all := make(chan struct{})
	c.Notifications(func(method string, params json.RawMessage) {
		if _, err := echo.Call(t.Context(), c, text{method}); err != nil {
			t.Errorf("ask while handling %s: %v", method, err)
		}
		got = append(got, method)
		if len(got) == 500 {
			close(all)
		}
	})
	if _, err := c.Call(t.Context(), "tick", json.RawMessage(`[500,10]`)); err != nil {
		t.Fatal(err)
	}
	<-all
	server.stop()
	<-c.Done()
	for i, method := range got {
		if method != fmt.Sprint(i) {
			t.Fatalf("notification %d is %s", i, method)
		}
	}
}

// Far more comes than is held, the handler is slow, and it asks: nobody waits
// for ever, and the server feels it rather than the client's memory.
func TestSlowHandler(t *testing.T) {
	server := start(t, Limits{}, arithmetic, ticker)
	c := server.dial(t)
	const each, count = 256 << 10, 80 // 20 MiB
	first, last := make(chan struct{}), make(chan struct{})
	seen := 0
	c.Notifications(func(string, json.RawMessage) {
		if seen == 0 {
			<-first
		}
		if _, err := echo.Call(t.Context(), c, text{}); err != nil {
			t.Error(err)
		}
		if seen++; seen == count {
			close(last)
		}
	})
	if _, err := c.Call(t.Context(), "tick", json.RawMessage(fmt.Sprintf(`[%d,%d]`, count, each))); err != nil {
		t.Fatal(err)
	}
	held := func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.notes.size
	}
	eventually(t, func() bool { return held() > maxNotes }, func() string { return "the client does not read ahead" })
	time.Sleep(300 * time.Millisecond) // room for far more to come, if it were let in
	if held := held(); held > maxNotes+each+2 {
		t.Errorf("%d MiB are held", held>>20)
	}
	if _, err := echo.Call(t.Context(), c, text{}); err != nil { // while the handler stands still
		t.Error(err)
	}
	close(first)
	select {
	case <-last:
	case <-time.After(patient):
		t.Fatal("not everything was handled")
	}
}

func TestCloseWhileTheHandlerIsBehind(t *testing.T) {
	server := start(t, Limits{}, ticker)
	c := server.dial(t)
	c.Notifications(func(string, json.RawMessage) { c.Close() })
	if _, err := c.Call(t.Context(), "tick", json.RawMessage(`[200,262144]`)); err != nil && !errors.Is(err, ErrLost) {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-time.After(patient):
		t.Fatal("the client has not ended")
	}
}

func BenchmarkDialAndCall(b *testing.B) {
	server := start(b, Limits{}, arithmetic)
	for b.Loop() {
		c, err := Dial(b.Context(), []string{server.path})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := echo.Call(b.Context(), c, text{"x"}); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

// BenchmarkBare is the least it can cost: dial, write, read.
func BenchmarkBare(b *testing.B) {
	server := start(b, Limits{}, arithmetic)
	for b.Loop() {
		w := server.wire(b)
		w.send(request1("echo", `["x"]`))
		w.line()
		w.Close()
	}
}
