package ipc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"unicode/utf8"
)

// The first protocol of this system shares the socket with JSON-RPC: an object
// that has a member "command" and none of the name "method". It ends with its
// last brace, not with a line.
//
//	→ {"command":"startJob","args":{"jobId":"backup"},"id":"1"}
//	← {"success":true,"data":{"id":"backup"},"id":"1"}
//	← {"success":false,"error":"Job backup is already running","id":"1"}

// Command makes h answer a command of the first protocol. Its args are a JSON
// object, and its result is the answer's data; nil is an answer without any.
// What is said of [Method.Handle] about registering, errors and the context
// holds here too. An error's text is its [Error.Line].
//
// The commands of a connection are carried out one after another, as they came;
// one that takes long lets the next begin by [Conn.Next].
func (s *Server) Command(name string, h func(ctx context.Context, args json.RawMessage) (any, error)) {
	register(s.commands, name, h)
}

// Next lets the next command of the connection begin while the current one
// goes on. For a request of JSON-RPC it does nothing.
func (c *Conn) Next() {
	if c.next != nil {
		c.next()
	}
}

// goInTurn serves a command once those before it let it.
func (l *link) goInTurn(r request, weight int) {
	before, turn := l.turn, make(chan struct{})
	l.turn = turn
	next := sync.OnceFunc(func() { close(turn) })
	go func() {
		defer l.work.leave()
		defer next()
		if before != nil {
			<-before // also when the connection ends: it has been asked for
		}
		l.serve(r, &Conn{link: l, held: true, next: next}, weight, nil, 0)
	}()
}

func isCommand(members map[string]json.RawMessage) bool {
	return members["command"] != nil && members["method"] == nil
}

// command reads the members of a request of the first protocol. Members that
// it does not know are let pass, and its id may be anything.
func command(members map[string]json.RawMessage) request {
	r := request{id: members["id"], params: members["args"], command: true}
	if len(r.id) > longestID {
		return request{command: true, bad: invalidRequest().WithHint("an id has at most %d bytes", longestID)}
	}
	if err := json.Unmarshal(members["command"], &r.method); err != nil || r.method == "" {
		r.bad = unknownCommand(string(members["command"]))
		return r
	}
	switch {
	case r.params == nil || string(r.params) == "null":
		r.params = json.RawMessage("{}")
	case r.params[0] != '{':
		r.bad = Errorf(CodeInvalidParams, "args of %s is not an object", r.method)
	}
	return r
}

func unknownCommand(name string) *Error {
	return Errorf(CodeMethodNotFound, "Unknown command: %s", name)
}

func incomplete() *Error {
	return Errorf(CodeParse, "the request is incomplete").WithHint("send one whole JSON object")
}

// brokenCommand says what is wrong with a request that is none.
func brokenCommand(text []byte) *Error {
	var members map[string]json.RawMessage
	err := json.Unmarshal(text, &members)
	switch syntax, is := err.(*json.SyntaxError); {
	case !utf8.Valid(text):
		return Errorf(CodeParse, "the request is not in UTF-8")
	case is && syntax.Offset >= int64(len(text)) && !bytes.HasSuffix(text, []byte("}")):
		return incomplete()
	default:
		return Errorf(CodeParse, "the request is not JSON: %v", err)
	}
}

// encodeReply is the answer to a command.
func encodeReply(id json.RawMessage, result any, bad *Error) ([]byte, error) {
	if bad != nil {
		return encodeFailure(id, bad), nil
	}
	line := []byte(`{"success":true`)
	if result != nil {
		body, err := encode(result)
		if err != nil {
			return nil, fmt.Errorf("encode answer: %w", err)
		}
		line = append(append(line, `,"data":`...), body...)
	}
	return withID(line, id), nil
}

// encodeFailure is the answer to a command that was not carried out.
func encodeFailure(id json.RawMessage, bad *Error) []byte {
	body, _ := encode(bad.Line()) // a string cannot fail
	return withID(append([]byte(`{"success":false,"error":`), body...), id)
}

// withID ends an answer. A request without an id has an answer without one.
func withID(line []byte, id json.RawMessage) []byte {
	if id != nil {
		line = append(append(line, `,"id":`...), id...)
	}
	return append(line, '}')
}
