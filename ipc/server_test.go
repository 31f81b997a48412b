package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSixtyFourClientsAtOnce(t *testing.T) {
	// Everybody has to be there before anybody is answered.
	var all sync.WaitGroup
	all.Add(64)
	meet := Method[text, text]{"meet", ""}
	server := start(t, Limits{}, func(s *Server) {
		meet.Handle(s, func(_ context.Context, p text) (text, error) {
			all.Done()
			all.Wait()
			return p, nil
		})
	})
	var clients sync.WaitGroup
	for i := range 64 {
		c := server.dial(t)
		clients.Go(func() {
			want := text{strconv.Itoa(i)}
			if got, err := meet.Call(t.Context(), c, want); err != nil || got != want {
				t.Errorf("client %d: %v, %v", i, got, err)
			}
		})
	}
	clients.Wait()
}

func TestOneClientTooMany(t *testing.T) {
	server := start(t, Limits{}, arithmetic)
	var clients []*Client
	for range 64 {
		c := server.dial(t)
		if _, err := echo.Call(t.Context(), c, text{}); err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
	}
	w := server.wire(t)
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":null,"error":{"code":-31009,"message":"too many connections",
		"data":{"code":"busy","hint":"try again; at most 64 are served at a time"}}}`)
	w.closed()

	_, err := echo.Call(t.Context(), server.dial(t), text{})
	if e, ok := errors.AsType[*Error](err); !ok || e.Data.Code != "busy" {
		t.Errorf("client 65: %v", err)
	}

	clients[0].Close()
	eventually(t, func() bool {
		_, err := echo.Call(t.Context(), server.dial(t), text{})
		return err == nil
	}, func() string { return "no place after one has left" })
}

// The slow one is asked first and answered last.
func TestRequestsOverlap(t *testing.T) {
	server := start(t, Limits{}, arithmetic)
	w := server.wire(t)
	w.send(request1("block", "{}"))
	for i := range 500 {
		w.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"n%d","method":"sum","params":[%d]}`+"\n", i, i))
	}
	seen := map[string]bool{}
	for range 500 {
		seen[w.line()] = true
	}
	for i := range 500 {
		if line := fmt.Sprintf(`{"jsonrpc":"2.0","result":%d,"id":"n%d"}`, i, i); !seen[line] {
			t.Errorf("no %s", line)
		}
	}
	server.stop()
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"error":{"code":-31008,"message":"the daemon is stopping","data":{"code":"stopping"}}}`)
}

// A batch is answered when its last request is, and holds up nobody.
func TestBatchHoldsUpNobody(t *testing.T) {
	gate := make(chan struct{})
	server := start(t, Limits{}, arithmetic, func(s *Server) {
		Method[Empty, int]{"gate", ""}.Handle(s, func(context.Context, Empty) (int, error) { <-gate; return 9, nil })
	})
	w := server.wire(t)
	w.send(`[{"jsonrpc":"2.0","id":1,"method":"gate"},{"jsonrpc":"2.0","id":2,"method":"sum"}]` + "\n")
	w.send(request1("sum", "[5]"))
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"result":5}`)
	close(gate)
	sameJSON(t, w.line(), `[{"jsonrpc":"2.0","id":1,"result":9},{"jsonrpc":"2.0","id":2,"result":0}]`)
}

func TestTooManyInFlight(t *testing.T) {
	server := start(t, Limits{InFlight: 2}, arithmetic)
	w := server.wire(t)
	for range 2 {
		w.send(`{"jsonrpc":"2.0","id":"slow","method":"block"}` + "\n")
	}
	began := time.Now()
	for range 100 { // they do not each wait their second
		w.send(request1("sum", "[1]"))
	}
	w.send(`{"jsonrpc":"2.0","method":"sum","params":[1]}` + "\n") // not answered
	for range 100 {
		sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"error":{"code":-31009,"message":"too many requests in progress",
			"data":{"code":"busy","hint":"at most 2 a connection"}}}`)
	}
	if took := time.Since(began); took > patient/2 {
		t.Errorf("took %v", took)
	}
}

func TestTooLarge(t *testing.T) {
	server := start(t, Limits{}, arithmetic)
	fits := server.wire(t)
	frame := len(request1("echo", `{"text":""}`)) - 1
	fits.send(request1("echo", `{"text":"`+strings.Repeat("x", 4<<20-frame)+`"}`))
	if got := len(fits.line()); got < 4<<20-frame {
		t.Errorf("4 MiB were answered with %d bytes", got)
	}

	over := server.wire(t)
	over.send(request1("echo", `{"text":"`+strings.Repeat("x", 4<<20-frame+1)+`"}`))
	sameJSON(t, over.line(), `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"request is too large",
		"data":{"code":"invalid_request","hint":"at most 4194304 bytes a line"}}}`)
	over.closed()

	_, err := echo.Call(t.Context(), server.dial(t), text{strings.Repeat("x", 5<<20)})
	if err == nil || !strings.Contains(err.Error(), "request is too large") {
		t.Errorf("a client learns: %v", err)
	}
	if _, err := echo.Call(t.Context(), server.dial(t), text{}); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// A thousand requests of 40 bytes must not be answered with a gigabyte at once.
func TestBatchWithLargeAnswers(t *testing.T) {
	large := strings.Repeat("x", 1<<20)
	server := start(t, Limits{}, func(s *Server) {
		Method[Empty, string]{"large", ""}.Handle(s, func(context.Context, Empty) (string, error) { return large, nil })
	})
	w := server.wire(t)
	one := `{"jsonrpc":"2.0","id":1,"method":"large"}`
	w.send("[" + strings.Repeat(one+",", 39) + one + "]\n")
	line := w.line()
	if len(line) > 17<<20 {
		t.Errorf("answered with %d bytes", len(line))
	}
	var answers []answer
	if err := json.Unmarshal([]byte(line), &answers); err != nil || len(answers) != 40 {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	refused := 0
	for _, a := range answers {
		if a.Error != nil && a.Error.Code == CodeBusy && string(a.ID) == "1" {
			refused++
		}
	}
	if refused < 20 || refused == 40 {
		t.Errorf("%d of 40 were refused", refused)
	}
}

func TestSlowSenderIsClosed(t *testing.T) {
	server := start(t, Limits{Partial: 50 * time.Millisecond}, arithmetic)
	w := server.wire(t)
	w.send(request1("sum", "[1]"))
	w.line()
	w.send(`{"jsonrpc":`)
	w.closed()
}

func TestIdleClientIsClosed(t *testing.T) {
	server := start(t, Limits{Idle: 50 * time.Millisecond}, arithmetic)
	w := server.wire(t)
	w.send(request1("sum", "[1]"))
	w.line()
	w.closed()
}

// Who waits for an answer, or has subscribed, is not idle.
func TestWaitingIsNotIdle(t *testing.T) {
	gate := make(chan struct{})
	server := start(t, Limits{Idle: 20 * time.Millisecond}, func(s *Server) {
		Method[Empty, int]{"gate", ""}.Handle(s, func(context.Context, Empty) (int, error) { <-gate; return 9, nil })
		Method[Empty, int]{"subscribe", ""}.Handle(s, func(ctx context.Context, _ Empty) (int, error) {
			c := ConnFrom(ctx)
			c.Go(func(ctx context.Context) {
				<-gate
				c.Notify("opened", 1)
			})
			return 1, nil
		})
	})
	waits, subscribed := server.wire(t), server.wire(t)
	waits.send(request1("gate", "{}"))
	subscribed.send(request1("subscribe", "{}"))
	subscribed.line()
	idle := server.wire(t)
	idle.closed() // its time is over, and so is theirs
	close(gate)
	sameJSON(t, waits.line(), `{"jsonrpc":"2.0","id":1,"result":9}`)
	sameJSON(t, subscribed.line(), `{"jsonrpc":"2.0","method":"opened","params":1}`)
	waits.closed()
	subscribed.closed()
}

// A request without its newline, from a client that has closed its sending
// side, is answered all the same; also when that takes time.
func TestHalfClosedClient(t *testing.T) {
	gate := make(chan struct{})
	server := start(t, Limits{}, func(s *Server) {
		Method[Empty, int]{"gate", ""}.Handle(s, func(context.Context, Empty) (int, error) { <-gate; return 9, nil })
	})
	w := server.wire(t)
	w.send(strings.TrimSpace(request1("gate", "{}")))
	w.CloseWrite()
	time.AfterFunc(2*peek, func() { close(gate) })
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"result":9}`)
	w.closed()

	torn := server.wire(t)
	torn.send(`{"jsonrpc":"2.0","id":1,"met`)
	torn.CloseWrite()
	sameJSON(t, torn.line(), `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`)
	torn.closed()
}

// The request of a client that has gone ends, and its place is free again.
func TestGoneClientEndsItsRequests(t *testing.T) {
	entered, left := make(chan struct{}), make(chan struct{})
	server := start(t, Limits{}, func(s *Server) {
		Method[Empty, int]{"wait", ""}.Handle(s, func(ctx context.Context, _ Empty) (int, error) {
			close(entered)
			<-ctx.Done()
			close(left)
			return 0, ctx.Err()
		})
	})
	w := server.wire(t)
	w.send(request1("wait", "{}"))
	<-entered
	w.Close()
	select {
	case <-left:
	case <-time.After(patient):
		t.Fatal("the handler still runs")
	}
	if log := server.log.String(); log != "" {
		t.Errorf("logged: %s", log)
	}
}

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

// What handlers make of errors, panics and results that are no JSON.
func TestHandlerErrors(t *testing.T) {
	outcome := map[string]func() (any, error){
		"known": func() (any, error) {
			return nil, fmt.Errorf("look: %w", Errorf(CodeUnknownJob, "no job a").WithHint("lsh list"))
		},
		"plain":   func() (any, error) { return nil, errors.New("disk is full") },
		"panic":   func() (any, error) { panic("secret") },
		"nojson":  func() (any, error) { return func() {}, nil },
		"timeout": func() (any, error) { return nil, context.DeadlineExceeded },
	}
	server := start(t, Limits{}, func(s *Server) {
		for name, f := range outcome {
			Method[Empty, any]{name, ""}.Handle(s, func(context.Context, Empty) (any, error) { return f() })
		}
	})
	c := server.dial(t)
	for _, want := range []struct {
		method  string
		err     Error
		isInLog bool
	}{
		{"known", Error{CodeUnknownJob, "no job a", ErrorData{Code: "unknown_job", Hint: "lsh list"}}, false},
		{"plain", Error{CodeInternal, "plain: disk is full", ErrorData{Code: "internal"}}, true},
		{"panic", Error{CodeInternal, "internal error", ErrorData{Code: "internal", Hint: "see lsh daemon logs"}}, true},
		{"nojson", Error{CodeInternal, "encode answer: json: unsupported type: func()", ErrorData{Code: "internal"}}, true},
		{"timeout", Error{CodeBusy, "timeout: context deadline exceeded", ErrorData{Code: "busy", Hint: "try again"}}, false},
	} {
		before := server.log.String()
		_, err := c.Call(t.Context(), want.method, nil)
		got, ok := errors.AsType[*Error](err)
		if !ok {
			t.Errorf("%s: %v", want.method, err)
			continue
		}
		if fmt.Sprint(*got) != fmt.Sprint(want.err) {
			t.Errorf("%s: %+v, want %+v", want.method, *got, want.err)
		}
		if (server.log.String() != before) != want.isInLog {
			t.Errorf("%s: logged %q", want.method, strings.TrimPrefix(server.log.String(), before))
		}
	}
}

// Requests in progress when the server stops are still answered.
func TestStopAnswersWhatIsInProgress(t *testing.T) {
	entered := make(chan struct{})
	server := start(t, Limits{}, func(s *Server) {
		Method[Empty, int]{"last", ""}.Handle(s, func(context.Context, Empty) (int, error) {
			close(entered)
			time.Sleep(drain / 5)
			return 9, nil
		})
	})
	idle, w := server.wire(t), server.wire(t)
	w.send(request1("last", "{}"))
	<-entered
	server.stop()
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"result":9}`)
	w.closed()
	idle.closed()
	if _, err := os.Lstat(server.path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestTwoListeners(t *testing.T) {
	server := start(t, Limits{Conns: 1}, arithmetic)
	second, err := Listen(server.path + "2")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- server.Serve(ctx, second) }()
	c := server.dial(t)
	if _, err := echo.Call(t.Context(), c, text{}); err != nil {
		t.Fatal(err)
	}
	other, err := Dial(t.Context(), []string{second.Path()})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := echo.Call(t.Context(), other, text{}); err == nil {
		t.Error("the limit is not one for both")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := echo.Call(t.Context(), c, text{}); err != nil {
		t.Errorf("the other listener's client: %v", err)
	}
}

func TestPeer(t *testing.T) {
	server := start(t, Limits{}, func(s *Server) {
		Method[Empty, Peer]{"who", ""}.Handle(s, func(ctx context.Context, _ Empty) (Peer, error) { return PeerFrom(ctx), nil })
	})
	got, err := Method[Empty, Peer]{"who", ""}.Call(t.Context(), server.dial(t), Empty{})
	if err != nil {
		t.Fatal(err)
	}
	if got.UID != os.Geteuid() || got.Pid != os.Getpid() {
		t.Errorf("got %+v", got)
	}
	if runtime.GOOS == "linux" && !strings.HasPrefix(got.Command, os.Args[0]+" -test.") {
		t.Errorf("command %q", got.Command)
	}
	if len([]rune(got.Command)) > 200 {
		t.Errorf("the command has %d characters", len([]rune(got.Command)))
	}
	for _, c := range []struct {
		uid, self int
		want      bool
	}{{1000, 1000, true}, {0, 1000, true}, {1001, 1000, false}, {1000, 0, false}, {0, 0, true}, {-1, 1000, false}} {
		if got := mayConnect(c.uid, c.self); got != c.want {
			t.Errorf("uid %d to %d: %v", c.uid, c.self, got)
		}
	}
}
