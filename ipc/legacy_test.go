package ipc

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// commands are those of the first protocol that tests serve: same gives its
// args back, none nothing, and refuse refuses.
func commands(s *Server) {
	s.Command("same", func(_ context.Context, args json.RawMessage) (any, error) { return args, nil })
	s.Command("none", func(context.Context, json.RawMessage) (any, error) { return nil, nil })
	s.Command("refuse", func(context.Context, json.RawMessage) (any, error) {
		return nil, Errorf(CodeRefused, "Job a is running").WithHint("stop it first")
	})
	s.Command("panic", func(context.Context, json.RawMessage) (any, error) { panic("secret") })
}

// What is sent on one connection, and every line that comes back.
var exchanges = []struct {
	name, sent string
	answers    []string
}{
	{
		"an object without a newline",
		`{"command":"same","args":{"jobId":"a"},"id":"1"}`,
		[]string{`{"success":true,"data":{"jobId":"a"},"id":"1"}`},
	},
	{
		"an object with a newline",
		`{"command":"same","args":{"jobId":"a"},"id":"1"}` + "\r\n\n",
		[]string{`{"success":true,"data":{"jobId":"a"},"id":"1"}`},
	},
	{
		"two objects in one write",
		`{"command":"same","args":{"n":1},"id":"1"}{"command":"same","args":{"n":2},"id":"2"}`,
		[]string{`{"success":true,"data":{"n":1},"id":"1"}`, `{"success":true,"data":{"n":2},"id":"2"}`},
	},
	{
		"an object over several lines, its command last",
		"{\n  \"id\": \"1\",\n  \"args\": {\n    \"a\": [1,\n 2]\n  },\n  \"command\": \"same\"\n}",
		[]string{`{"success":true,"data":{"a":[1,2]},"id":"1"}`},
	},
	{
		"texts that hold braces, quotes, backslashes and names",
		`{"args":{"a":"}{\"}\\","command":"x","method":"y"},"command":"same","id":"}\""}`,
		[]string{`{"success":true,"data":{"a":"}{\"}\\","command":"x","method":"y"},"id":"}\""}`},
	},
	{
		"no id and no args",
		`{"command":"same"}{"command":"same","args":null}`,
		[]string{`{"success":true,"data":{}}`, `{"success":true,"data":{}}`},
	},
	{
		"an id comes back as it was written",
		`{"command":"none","id":1.50}{"command":"none","id":null}{"command":"none","id":{"a": 1}}`,
		[]string{`{"success":true,"id":1.50}`, `{"success":true,"id":null}`, `{"success":true,"id":{"a":1}}`},
	},
	{
		"members that nobody knows",
		`{"version":2,"command":"same","args":{"a":1},"token":"t","id":"1"}`,
		[]string{`{"success":true,"data":{"a":1},"id":"1"}`},
	},
	{
		"commands that there are not",
		`{"command":"Same","id":"1"}{"command":"jobs.list","id":"2"}{"command":"","id":"3"}{"command":5,"id":"4"}{"command":null,"id":"5"}`,
		[]string{
			`{"success":false,"error":"Unknown command: Same","id":"1"}`, `{"success":false,"error":"Unknown command: jobs.list","id":"2"}`,
			`{"success":false,"error":"Unknown command: \"\"","id":"3"}`, `{"success":false,"error":"Unknown command: 5","id":"4"}`,
			`{"success":false,"error":"Unknown command: null","id":"5"}`,
		},
	},
	{
		"args that are none",
		`{"command":"same","args":[],"id":"1"}{"command":"same","args":"a","id":"2"}`,
		[]string{`{"success":false,"error":"args of same is not an object","id":"1"}`, `{"success":false,"error":"args of same is not an object","id":"2"}`},
	},
	{
		"a refusal and its hint",
		`{"command":"refuse","id":"1"}`,
		[]string{`{"success":false,"error":"Job a is running (stop it first)","id":"1"}`},
	},
	{
		"a mistake of the daemon",
		`{"command":"panic","id":"1"}{"command":"none","id":"2"}`,
		[]string{`{"success":false,"error":"internal error (see lsh daemon logs)","id":"1"}`, `{"success":true,"id":"2"}`},
	},
	{
		"objects that are broken",
		`{"command":"same",}{"command":"same" "id":"1"}{"command":"none","id":"2"}`,
		[]string{
			`{"success":false,"error":"the request is not JSON: invalid character '}' looking for beginning of object key string"}`,
			`{"success":false,"error":"the request is not JSON: invalid character '\"' after object key:value pair"}`,
			`{"success":true,"id":"2"}`,
		},
	},
	{
		"a line that ends in a text",
		"{\"command\":\"sa\nme\"}\n" + `{"command":"none","id":"2"}`,
		[]string{
			`{"success":false,"error":"the request is incomplete (send one whole JSON object)"}`,
			`{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}`,
			`{"success":true,"id":"2"}`,
		},
	},
	{
		"a text that is no text",
		`{"command":"same","args":{"a":"` + "\xff" + `"},"id":"1"}{"command":"none","id":"2"}`,
		[]string{`{"success":false,"error":"the request is not in UTF-8"}`, `{"success":true,"id":"2"}`},
	},
	{
		"an id that is too long",
		`{"command":"none","id":"` + strings.Repeat("x", longestID) + `"}`,
		[]string{`{"success":false,"error":"Invalid Request (an id has at most 1024 bytes)"}`},
	},
	{
		"noise before it",
		"hello\n" + `{"command":"none","id":"1"}`,
		[]string{`{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}`, `{"success":true,"id":"1"}`},
	},
	{
		"both protocols on one connection, and nothing between them",
		`{"command":"none","id":"1"}` + request1("sum", "[1,2]") + `{"command":"none","id":"2"}` + request1("sum", "[3,4]"),
		[]string{
			`{"success":true,"id":"1"}`, `{"jsonrpc":"2.0","result":3,"id":1}`,
			`{"success":true,"id":"2"}`, `{"jsonrpc":"2.0","result":7,"id":1}`,
		},
	},
	{
		"a method is not of the first protocol",
		`{"command":"none","jsonrpc":"2.0","method":"sum","params":[1,2],"id":1}` + "\n",
		[]string{`{"jsonrpc":"2.0","result":3,"id":1}`},
	},
	{
		"there are no batches of commands",
		`[{"command":"none","id":"1"}]` + "\n",
		[]string{`[{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":"1"}]`},
	},
}

// Each exchange is the same however its bytes come: at once, one by one, and
// with the client's sending side closed behind them.
func TestTheFirstProtocol(t *testing.T) {
	server := start(t, Limits{}, arithmetic, commands)
	for _, x := range exchanges {
		t.Run(x.name, func(t *testing.T) {
			atOnce, oneByOne, closed := server.wire(t), server.wire(t), server.wire(t)
			atOnce.send(x.sent)
			atOnce.answers(x.answers)
			for i := range len(x.sent) {
				oneByOne.send(x.sent[i : i+1])
			}
			oneByOne.answers(x.answers)
			closed.send(x.sent)
			if err := closed.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			closed.answers(x.answers)
			closed.closed()
		})
	}
}

// answers fails unless these come, in any order: requests of JSON-RPC run
// beside the commands.
func (w *wire) answers(want []string) {
	w.t.Helper()
	left := map[string]int{}
	for _, line := range want {
		left[canonical(w.t, line)]++
	}
	for range want {
		line := canonical(w.t, w.line())
		if left[line]--; left[line] < 0 {
			w.t.Errorf("answered %s\nwant %s", line, strings.Join(want, "\n     "))
		}
	}
}

// Half an object is answered as such, whether the client closes its side or
// says no more.
func TestHalfAnObject(t *testing.T) {
	const half, incomplete = `{"command":"same","args":{"a":"b`, `{"success":false,"error":"the request is incomplete (send one whole JSON object)"}`
	server := start(t, Limits{Partial: 50 * time.Millisecond}, arithmetic, commands)
	for name, end := range map[string]func(*wire){
		"close":   func(w *wire) { w.CloseWrite() },
		"silence": func(*wire) {},
	} {
		t.Run(name, func(t *testing.T) {
			w := server.wire(t)
			w.send(`{"command":"none","id":"1"}` + half)
			end(w)
			w.answers([]string{`{"success":true,"id":"1"}`, incomplete})
			w.CloseWrite()
			w.closed()
		})
	}
	gone := server.wire(t)
	gone.send(half)
	gone.Close()
	other := server.wire(t)
	other.send(`{"command":"none","id":"2"}`)
	other.answers([]string{`{"success":true,"id":"2"}`})
}

// An object that comes slowly, but comes, is waited for.
func TestAnObjectThatComesSlowly(t *testing.T) {
	server := start(t, Limits{Partial: 2 * time.Second}, commands)
	w := server.wire(t)
	for _, part := range []string{"{\n", `"comm`, `and":"same"`, ",\n", `"args":{"a":`, "1}", "}"} {
		w.send(part)
		time.Sleep(10 * time.Millisecond)
	}
	w.answers([]string{`{"success":true,"data":{"a":1}}`})
}

// What begins like an object of the first protocol and is none is answered
// line by line, once it has had the time to go on.
func TestALineThatMightGoOn(t *testing.T) {
	const parseError = `{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}`
	server := start(t, Limits{}, arithmetic, commands)
	w := server.wire(t)
	w.send("{\n")
	w.answers([]string{parseError})
	w.send("{\n" + request1("sum", "[1,2]"))
	w.answers([]string{parseError, `{"jsonrpc":"2.0","result":3,"id":1}`})
	w.send(`{"command":"none","id":"1"}`)
	w.answers([]string{`{"success":true,"id":"1"}`})
}

// An object that is too large is refused before it has come whole, in the
// words of its own protocol.
func TestAnObjectThatIsTooLarge(t *testing.T) {
	const most = 10_000
	server := start(t, Limits{Request: most}, commands)
	object := func(size int) string {
		frame := `{"command":"same","args":{"a":""},"id":"1"}`
		return strings.Replace(frame, `""`, `"`+strings.Repeat("x", size-len(frame))+`"`, 1)
	}
	w := server.wire(t)
	w.send(object(most))
	if got := w.line(); !strings.HasPrefix(got, `{"success":true`) {
		t.Errorf("answered %s", got)
	}
	w.send(object(most + 2)[:most+1])
	w.answers([]string{`{"success":false,"error":"request is too large (at most 10000 bytes a request)"}`})
	w.CloseWrite()
	w.closed()
}

// The commands of a connection are carried out in turn; one that takes long
// lets the next begin, and none is answered before it, not even a wrong one. Those of another connection do not wait for them, nor
// do requests of JSON-RPC.
func TestCommandsAreCarriedOutInTurn(t *testing.T) {
	begun, goOn, leave := make(chan struct{}), make(chan struct{}), make(chan struct{})
	server := start(t, Limits{}, arithmetic, commands, func(s *Server) {
		s.Command("slow", func(ctx context.Context, _ json.RawMessage) (any, error) {
			begun <- struct{}{}
			<-goOn
			ConnFrom(ctx).Next()
			<-leave
			return "slow", nil
		})
	})
	w := server.wire(t)
	w.send(`{"command":"slow","id":"1"}{"command":"none","id":"2"}{"command":5,"id":"3"}` + request1("sum", "[1,2]"))
	<-begun
	other := server.wire(t)
	other.send(`{"command":"none","id":"4"}`)
	sameJSON(t, other.line(), `{"success":true,"id":"4"}`)
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","result":3,"id":1}`)
	close(goOn)
	sameJSON(t, w.line(), `{"success":true,"id":"2"}`)
	sameJSON(t, w.line(), `{"success":false,"error":"Unknown command: 5","id":"3"}`)
	close(leave)
	sameJSON(t, w.line(), `{"success":true,"data":"slow","id":"1"}`)
}

// A command is carried out in its turn also where the client has not waited
// for it.
func TestCommandsOfAClientThatHasClosedItsSide(t *testing.T) {
	server := start(t, Limits{}, commands, func(s *Server) {
		s.Command("slow", func(context.Context, json.RawMessage) (any, error) {
			time.Sleep(2 * peek)
			return nil, nil
		})
	})
	w := server.wire(t)
	w.send(`{"command":"slow","id":"1"}{"command":"same","args":{"a":1},"id":"2"}`)
	w.CloseWrite()
	sameJSON(t, w.line(), `{"success":true,"id":"1"}`)
	sameJSON(t, w.line(), `{"success":true,"data":{"a":1},"id":"2"}`)
	w.closed()
}

func TestACommandHasOneHandler(t *testing.T) {
	defer func() {
		if got := recover(); got != "ipc: same has two handlers" {
			t.Errorf("got %v", got)
		}
	}()
	s := NewServer(nil, Limits{})
	commands(s)
	commands(s)
}
