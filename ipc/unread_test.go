package ipc

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Sixty clients that ask for all they can and read nothing cost what the
// budget says, not sixty times what one may cost; one that reads is served.
func TestManyClientsThatNeverRead(t *testing.T) {
	const each = 16
	one := `{"jsonrpc":"2.0","id":1,"method":"large"}`
	asked := []string{strings.Repeat(one+"\n", each), "[" + strings.Repeat(one+",", each-1) + one + "]\n"}
	large := strings.Repeat("x", 128<<10)
	var made atomic.Int64
	server := start(t, Limits{}, arithmetic, func(s *Server) {
		Method[Empty, string]{"large", ""}.Handle(s, func(context.Context, Empty) (string, error) {
			made.Add(1)
			return large, nil
		})
	})
	before := heap()
	for i := range 60 {
		mute := server.wire(t)
		go mute.Write([]byte(asked[i%2]))
	}
	c := server.dial(t)
	peak := 0
	for range 40 {
		if _, err := echo.Call(t.Context(), c, text{strings.Repeat("y", 16<<10)}); err != nil {
			t.Fatal(err)
		}
		peak = max(peak, heap()-before)
		time.Sleep(25 * time.Millisecond)
	}
	if peak > 100<<20 || made.Load() < 60 {
		t.Errorf("the heap has grown by %d MiB for %d answers", peak>>20, made.Load())
	}
	server.stop()
	if left := server.unread.used.Load(); left != 0 {
		t.Errorf("%d bytes are still counted when all have gone", left)
	}
}

// While a batch is in progress or not read, another one is not carried out.
func TestOneBatchAtATime(t *testing.T) {
	gate := make(chan struct{})
	var sums atomic.Int64
	server := start(t, Limits{}, func(s *Server) {
		Method[Empty, int]{"gate", ""}.Handle(s, func(context.Context, Empty) (int, error) { <-gate; return 9, nil })
		Method[Empty, int]{"count", ""}.Handle(s, func(context.Context, Empty) (int, error) { return int(sums.Add(1)), nil })
	})
	w := server.wire(t)
	w.send(`[{"jsonrpc":"2.0","id":1,"method":"gate"}]` + "\n")
	began := time.Now()
	for range 20 {
		w.send(`[{"jsonrpc":"2.0","id":2,"method":"count"},{"jsonrpc":"2.0","method":"count"},{"jsonrpc":"2.0","id":"c","method":"count"}]` + "\n")
	}
	w.send(`[{"jsonrpc":"2.0","method":"count"}]` + "\n") // not answered
	busy := `{"code":-31009,"message":"another batch is in progress","data":{"code":"busy","hint":"one at a time: read its answer first"}}`
	for range 20 {
		sameJSON(t, w.line(), `[{"jsonrpc":"2.0","id":2,"error":`+busy+`},{"jsonrpc":"2.0","id":"c","error":`+busy+`}]`)
	}
	if took := time.Since(began); took > patient/2 {
		t.Errorf("took %v", took)
	}
	close(gate)
	sameJSON(t, w.line(), `[{"jsonrpc":"2.0","id":1,"result":9}]`)
	w.send(`[{"jsonrpc":"2.0","id":3,"method":"count"}]` + "\n")
	sameJSON(t, w.line(), `[{"jsonrpc":"2.0","id":3,"result":1}]`)
}

// What is over the limit of a batch is said to requests; a notification is
// not answered even then.
func TestNotificationsOfALargeBatch(t *testing.T) {
	server := start(t, Limits{InFlight: 1}, func(s *Server) { // one after the other
		Method[Empty, string]{"large", ""}.Handle(s, func(context.Context, Empty) (string, error) { return strings.Repeat("x", batchAnswers-100), nil })
	})
	w := server.wire(t)
	request, note := `{"jsonrpc":"2.0","id":1,"method":"large"}`, `{"jsonrpc":"2.0","method":"large"}`
	w.send("[" + strings.Repeat(request+",", 3) + strings.Repeat(note+",", 4) + note + "]\n")
	var answers []answer
	if err := json.Unmarshal([]byte(w.line()), &answers); err != nil || len(answers) != 3 {
		t.Errorf("%d answers, %v", len(answers), err)
	}
	for _, a := range answers {
		if string(a.ID) != "1" {
			t.Errorf("answered with the id %s", a.ID)
		}
	}
}

// Requests in progress are bounded by what they weigh, not only by number.
func TestLargeRequestsInFlight(t *testing.T) {
	gate := make(chan struct{})
	server := start(t, Limits{Request: 1 << 20}, arithmetic, func(s *Server) {
		Method[text, int]{"gate", ""}.Handle(s, func(context.Context, text) (int, error) { <-gate; return 9, nil })
	})
	w := server.wire(t)
	large := request1("gate", `["`+strings.Repeat("x", 900<<10)+`"]`)
	w.send(large)
	w.send(large)
	if line := w.line(); !strings.Contains(line, `"message":"too many requests in progress"`) {
		t.Errorf("the second: %s", line)
	}
	w.send(request1("sum", "[1,2]"))
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"result":3}`)
	close(gate)
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"result":9}`)
	w.send(large)
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"result":9}`)
}

// How many answers are made at once is bounded by what the same method's have
// weighed, for one client and for all; everybody has one at any weight.
func TestLargeAnswersInProgress(t *testing.T) {
	gate := make(chan struct{})
	var inProgress, refused atomic.Int64
	server := start(t, Limits{}, func(s *Server) {
		Method[text, string]{"large", ""}.Handle(s, func(_ context.Context, p text) (string, error) {
			if p.Text == "gated" {
				inProgress.Add(1)
				<-gate
				return "", nil
			}
			return strings.Repeat("x", 1<<20), nil
		})
	})
	teacher := server.wire(t)
	teacher.send(request1("large", "{}"))
	teacher.line()
	const clients, each = 20, 6
	for range clients {
		w := server.wire(t)
		w.send(strings.Repeat(request1("large", `["gated"]`), each))
		go func() {
			for {
				line, err := w.r.ReadString('\n')
				if err != nil {
					return
				}
				if strings.Contains(line, `"message":"too many requests in progress"`) {
					refused.Add(1)
				}
			}
		}()
	}
	eventually(t, func() bool { return inProgress.Load()+refused.Load() == clients*each },
		func() string { return "neither in progress nor refused" })
	if n := inProgress.Load(); n < clients || n > clients+15 {
		t.Errorf("%d are in progress", n)
	}
	close(gate)
	server.stop()
	if left := server.making.used.Load(); left != 0 {
		t.Errorf("%d bytes are still counted when all have gone", left)
	}
}

// An answer that is refused for want of room is one nobody can subscribe by.
func TestLargeAnswerThatIsNotRead(t *testing.T) {
	began := make(chan struct{}, 100)
	var all sync.WaitGroup
	all.Add(10)
	large := strings.Repeat("x", 900<<10)
	server := start(t, Limits{Queue: 1 << 20}, func(s *Server) {
		Method[Empty, string]{"large", ""}.Handle(s, func(ctx context.Context, _ Empty) (string, error) {
			ConnFrom(ctx).Go(func(context.Context) { began <- struct{}{} })
			all.Done()
			all.Wait()
			return large, nil
		})
	})
	w := server.wire(t)
	for range 10 {
		w.send(request1("large", "{}"))
	}
	const refusal = `{"jsonrpc":"2.0","error":{"code":-31009,"message":"too many answers wait to be read",` +
		`"data":{"code":"busy","hint":"read them, then ask again"}},"id":1}`
	eventually(t, func() bool { return server.unread.used.Load() > int64(len(large)+9*len(refusal)) },
		func() string { return "ten answers do not wait" })
	whole, refused := 0, 0
	for range 10 {
		if line := w.line(); line == refusal {
			refused++
		} else {
			whole++
		}
	}
	server.stop()
	if whole != 1 || refused != 9 || len(began) != 1 {
		t.Errorf("%d answers, %d refused, %d subscriptions", whole, refused, len(began))
	}
}

func TestLongIDs(t *testing.T) {
	server := start(t, Limits{}, arithmetic)
	w := server.wire(t)
	fits := `"` + strings.Repeat("x", longestID-2) + `"`
	w.send(`{"jsonrpc":"2.0","method":"sum","id":` + fits + "}\n")
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","result":0,"id":`+fits+`}`)
	w.send(`{"jsonrpc":"2.0","method":"sum","id":"x` + fits[1:] + "}\n")
	if line := w.line(); len(line) > 300 || !strings.Contains(line, `"id":null`) || !strings.Contains(line, "Invalid Request") {
		t.Errorf("got %s", line)
	}
}
