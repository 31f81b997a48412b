package ipc

import (
	"context"
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
			"data":{"code":"busy","hint":"at most 2 a connection, and 4194304 bytes"}}}`)
	}
	if took := time.Since(began); took > patient/2 {
		t.Errorf("took %v", took)
	}
}

// Who waits for an answer, or has subscribed, is not idle.
func TestWaitingIsNotIdle(t *testing.T) {
	gate := make(chan struct{})
	server := start(t, Limits{Idle: 500 * time.Millisecond}, func(s *Server) {
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

// Requests in progress when the server stops are still answered.
func TestStopAnswersWhatIsInProgress(t *testing.T) {
	entered := make(chan struct{})
	server := start(t, Limits{}, func(s *Server) {
		Method[Empty, int]{"last", ""}.Handle(s, func(context.Context, Empty) (int, error) {
			close(entered)
			time.Sleep(drain / 20)
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
