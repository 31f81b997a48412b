package ipc

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A client that asks for gigabytes and reads nothing costs a few megabytes,
// and others do not notice.
func TestClientThatNeverReads(t *testing.T) {
	large := strings.Repeat("x", 1<<20)
	server := start(t, Limits{}, arithmetic, func(s *Server) {
		Method[Empty, string]{"large", ""}.Handle(s, func(context.Context, Empty) (string, error) { return large, nil })
	})
	before := heap()
	mute := server.wire(t)
	go func() {
		for range 2000 {
			if _, err := mute.Write([]byte(request1("large", "{}"))); err != nil {
				return
			}
		}
	}()
	c := server.dial(t)
	for range 50 {
		if _, err := echo.Call(t.Context(), c, text{"still here"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond)
	}
	if grown := heap() - before; grown > 32<<20 {
		t.Errorf("the heap has grown by %d MiB", grown>>20)
	}
	server.stop() // does not wait for it either
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// Notifications to such a client are refused once its queue is full, and its
// connection ends by the write timeout.
func TestSubscriberThatNeverReads(t *testing.T) {
	outcome := make(chan error, 2)
	server := start(t, Limits{Write: time.Second, Queue: 256 << 10}, func(s *Server) {
		Method[Empty, int]{"subscribe", ""}.Handle(s, func(ctx context.Context, _ Empty) (int, error) {
			c := ConnFrom(ctx)
			c.Go(func(ctx context.Context) {
				chunk := strings.Repeat("x", 16<<10)
				var err error
				for sent := 0; err == nil && sent < 64<<20; sent += len(chunk) {
					err = c.Notify("chunk", chunk)
				}
				outcome <- err
				for err = nil; err == nil; {
					err = c.NotifyWait(ctx, "chunk", chunk)
				}
				outcome <- c.Notify("chunk", chunk)
			})
			return 1, nil
		})
	})
	w := server.wire(t)
	w.send(request1("subscribe", "{}"))
	if err := <-outcome; err != ErrFull {
		t.Errorf("a full queue: %v", err)
	}
	if err := <-outcome; err != ErrClosed {
		t.Errorf("after the timeout: %v", err)
	}
}

// The answer comes before anything the subscription pushes, in its order;
// a handler that errs has subscribed to nothing.
func TestGoRunsAfterTheAnswer(t *testing.T) {
	server := start(t, Limits{}, func(s *Server) {
		Method[text, int]{"subscribe", ""}.Handle(s, func(ctx context.Context, p text) (int, error) {
			c := ConnFrom(ctx)
			c.Go(func(context.Context) {
				for i := range 1000 {
					if c.NotifyWait(ctx, p.Text, i) != nil {
						return
					}
				}
			})
			if p.Text == "" {
				return 0, Errorf(CodeUnknownJob, "no job")
			}
			return 7, nil
		})
	})
	w := server.wire(t)
	w.send(request1("subscribe", "{}"))
	if line := w.line(); !strings.Contains(line, "unknown_job") {
		t.Errorf("got %s", line)
	}
	w.send(request1("subscribe", `["tick"]`))
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"result":7}`)
	for i := range 1000 {
		if got, want := w.line(), fmt.Sprintf(`{"jsonrpc":"2.0","method":"tick","params":%d}`, i); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	w.send(`[` + strings.TrimSpace(request1("subscribe", `["a"]`)) + "]\n")
	sameJSON(t, w.line(), `[{"jsonrpc":"2.0","id":1,"result":7}]`)
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","method":"a","params":0}`)
}
