package ipc

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// The examples of the JSON-RPC 2.0 specification, section 7. "" is no answer;
// what an example leaves out ("...") is not compared.
func TestSpecificationExamples(t *testing.T) {
	ignore := func(s *Server) {
		for _, name := range []string{"update", "notify_hello", "notify_sum"} {
			Method[five, Empty]{name, ""}.Handle(s, func(context.Context, five) (Empty, error) { return Empty{}, nil })
		}
	}
	server := start(t, Limits{}, arithmetic, ignore)
	for _, example := range []struct{ name, send, want string }{
		{
			"positional parameters",
			`{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}`,
			`{"jsonrpc": "2.0", "result": 19, "id": 1}`,
		},
		{
			"positional parameters, the other way round",
			`{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}`,
			`{"jsonrpc": "2.0", "result": -19, "id": 2}`,
		},
		{
			"named parameters",
			`{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}`,
			`{"jsonrpc": "2.0", "result": 19, "id": 3}`,
		},
		{
			"named parameters, the other way round",
			`{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}`,
			`{"jsonrpc": "2.0", "result": 19, "id": 4}`,
		},
		{"a notification", `{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}`, ``},
		{"a notification of a method that is not there", `{"jsonrpc": "2.0", "method": "foobar"}`, ``},
		{
			"a method that is not there",
			`{"jsonrpc": "2.0", "method": "foobar", "id": "1"}`,
			`{"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"}`,
		},
		{
			"invalid JSON",
			`{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]`,
			`{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}`,
		},
		{
			"an invalid request",
			`{"jsonrpc": "2.0", "method": 1, "params": "bar"}`,
			`{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}`,
		},
		{
			"a batch of invalid JSON",
			`[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"]`,
			`{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}`,
		},
		{
			"an empty array", `[]`,
			`{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}`,
		},
		{
			"an invalid batch that is not empty", `[1]`,
			`[{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}]`,
		},
		{
			"an invalid batch", `[1,2,3]`,
			`[{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
			  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
			  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}]`,
		},
		{
			"a batch",
			`[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
			  {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
			  {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
			  {"foo": "boo"},
			  {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
			  {"jsonrpc": "2.0", "method": "get_data", "id": "9"}]`,
			`[{"jsonrpc": "2.0", "result": 7, "id": "1"},
			  {"jsonrpc": "2.0", "result": 19, "id": "2"},
			  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
			  {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
			  {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}]`,
		},
		{
			"a batch of notifications",
			`[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
			  {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]`,
			``,
		},
	} {
		t.Run(example.name, func(t *testing.T) {
			w := server.wire(t)
			w.send(strings.ReplaceAll(example.send, "\n", " ") + "\n")
			w.CloseWrite() // the end shows that nothing else was answered
			if example.want != "" {
				sameJSON(t, w.line(), example.want)
			}
			w.closed()
		})
	}
}

// An id comes back as it was written.
func TestIDs(t *testing.T) {
	server := start(t, Limits{}, arithmetic)
	for _, id := range []string{
		`1`, `0`, `-7`, `1.5`, `1.0`, `1e3`, `123456789012345678901234567890`,
		`"a"`, `""`, `"<&>"`, `"\u00e9"`, `"é"`, `"\u2028"`, `null`,
	} {
		w := server.wire(t)
		w.send(`{"jsonrpc":"2.0","method":"sum","params":[1],"id":` + id + "}\n")
		if got, want := w.line(), `{"jsonrpc":"2.0","result":1,"id":`+id+`}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, id := range []string{`true`, `{}`, `[1]`} {
		w := server.wire(t)
		w.send(`{"jsonrpc":"2.0","method":"sum","id":` + id + "}\n")
		sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request",
			"data":{"code":"invalid_request","hint":"id is a string, a number or null, of at most 1024 bytes"}}}`)
	}
}

// Whatever is wrong with one line, the next one is answered.
func TestWrongLines(t *testing.T) {
	server := start(t, Limits{Batch: 3}, arithmetic)
	w := server.wire(t)
	for _, c := range []struct {
		send string
		code int
		hint string
	}{
		{"{", CodeParse, ""},
		{"nonsense", CodeParse, ""},
		{"\"\xff\"", CodeParse, ""},
		{`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"` + "\xc3\x28" + `"}}`, CodeParse, ""},
		{strings.Repeat("[", 20000) + strings.Repeat("]", 20000), CodeParse, ""},
		{"12", CodeInvalidRequest, ""},
		{"null", CodeInvalidRequest, ""},
		{`"sum"`, CodeInvalidRequest, ""},
		{`{}`, CodeInvalidRequest, ""},
		{`{"id":1,"method":"sum"}`, CodeInvalidRequest, `add "jsonrpc": "2.0"`},
		{`{"jsonrpc":2.0,"id":1,"method":"sum"}`, CodeInvalidRequest, `add "jsonrpc": "2.0"`},
		{`{"JSONRPC":"2.0","id":1,"Method":"sum"}`, CodeInvalidRequest, ""},
		{`{"jsonrpc":"2.0","id":1,"method":null}`, CodeInvalidRequest, ""},
		{`{"jsonrpc":"2.0","id":1,"method":"sum","params":3}`, CodeInvalidRequest, "params is an object or an array"},
		{`{"jsonrpc":"2.0","id":1,"result":3}`, CodeInvalidRequest, ""},
		{`[1,2,3,4]`, CodeInvalidRequest, "at most 3 requests a batch"},
		{`{"jsonrpc":"2.0","id":1,"method":"sun"}`, CodeMethodNotFound, "did you mean sum?"},
		{`{"jsonrpc":"2.0","id":1,"method":"rpc.disover"}`, CodeMethodNotFound, "did you mean rpc.discover?"},
		{`{"jsonrpc":"2.0","id":1,"method":"sum","params":{"A":1}}`, CodeInvalidParams, `did you mean "a"?`},
		{`{"jsonrpc":"2.0","id":1,"method":"subtract","params":{"minuend":1,"subtrahent":1}}`, CodeInvalidParams, `did you mean "subtrahend"?`},
		{`{"jsonrpc":"2.0","id":1,"method":"sum","params":{"zzzzz":1}}`, CodeInvalidParams, "it takes: a, b, c, d, e"},
		{`{"jsonrpc":"2.0","id":1,"method":"block","params":{"x":1}}`, CodeInvalidParams, "it takes none"},
	} {
		w.send("\n \r\n" + c.send + "\n") // blank lines are nothing
		var got struct{ Error *Error }
		line := w.line()
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Error == nil {
			t.Fatalf("%.80s: answered %s", c.send, line)
		}
		if got.Error.Code != c.code || got.Error.Data.Hint != c.hint {
			t.Errorf("%.80s: answered %s", c.send, line)
		}
	}
	w.send(request1("sum", "[2,3]"))
	sameJSON(t, w.line(), `{"jsonrpc":"2.0","id":1,"result":5}`)
}

func TestParams(t *testing.T) {
	server := start(t, Limits{}, arithmetic, func(s *Server) {
		Method[NextParams, NextParams]{"next", ""}.Handle(s, func(_ context.Context, p NextParams) (NextParams, error) { return p, nil })
		Method[StopDaemonParams, StopDaemonParams]{"stop", ""}.Handle(s, func(_ context.Context, p StopDaemonParams) (StopDaemonParams, error) { return p, nil })
		Method[SelectParams, SelectParams]{"select", ""}.Handle(s, func(_ context.Context, p SelectParams) (SelectParams, error) { return p, nil })
	})
	for _, c := range []struct{ method, params, want string }{
		{"sum", `null`, `0`},
		{"sum", `[]`, `0`},
		{"sum", `{}`, `0`},
		{"sum", `[1,null,3]`, `4`},
		{"subtract", `{"minuend":1}`, `Invalid params: subtract needs the parameter "subtrahend"`},
		{"subtract", `[1]`, `Invalid params: subtract needs the parameter "subtrahend"`},
		{"subtract", `[1,null]`, `Invalid params: subtract needs the parameter "subtrahend"`},
		{"subtract", `[1,2,3]`, `Invalid params: subtract takes at most 2 parameters, not 3`},
		{"subtract", `[1,"2"]`, `Invalid params: parameter "subtrahend" of subtract wants a whole number`},
		{"subtract", `[1,2.5]`, `Invalid params: parameter "subtrahend" of subtract wants a whole number`},
		{"subtract", `[1,1e400]`, `Invalid params: parameter "subtrahend" of subtract wants a whole number`},
		{"next", `["a","2026-01-31T09:00:00+01:00",3]`, `{"job":"a","from":"2026-01-31T09:00:00+01:00","limit":3}`},
		{"next", `["a","now"]`, `Invalid params: parameter "from" of next wants a time like 2026-01-31T09:00:00+01:00`},
		{"stop", `[1.5]`, `{"timeout":1.5}`},
		{"stop", `["1s"]`, `Invalid params: parameter "timeout" of stop wants a number`},
		{"select", `{"jobs":["a","b"],"all":true}`, `{"jobs":["a","b"],"all":true}`},
		{"select", `{"jobs":"a"}`, `Invalid params: parameter "jobs" of select wants a list, each a string`},
		{"select", `{"all":1}`, `Invalid params: parameter "all" of select wants true or false`},
	} {
		result, err := server.dial(t).Call(t.Context(), c.method, json.RawMessage(c.params))
		if err != nil {
			if err.Error() != c.want {
				t.Errorf("%s %s: %v, want %s", c.method, c.params, err, c.want)
			}
			continue
		}
		if canonical(t, string(result)) != canonical(t, c.want) {
			t.Errorf("%s %s: %s, want %s", c.method, c.params, result, c.want)
		}
	}
}
