package ipc

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// request is one object of the wire. A nil id makes it a notification, but
// for one of the first protocol, which is always answered.
type request struct {
	id      json.RawMessage
	method  string
	params  json.RawMessage
	bad     *Error // it is no request: this is its answer
	command bool   // it is of the first protocol
}

// silent tells whether the request has no answer.
func (r request) silent() bool { return r.id == nil && !r.command }

// parse reads what is not blank: one request, or a batch of them. The
// error is for the line as a whole and is answered with id null.
func parse(line []byte, maxBatch int) (list []request, batch bool, bad *Error) {
	if !utf8.Valid(line) || !json.Valid(line) {
		return nil, false, parseError()
	}
	if bytes.TrimSpace(line)[0] != '[' {
		return []request{classify(line, true)}, false, nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(line, &items); err != nil {
		return nil, false, parseError()
	}
	if len(items) == 0 {
		return nil, false, invalidRequest()
	}
	if len(items) > maxBatch {
		bad := &Error{Code: CodeInvalidRequest, Message: "batch is too long"}
		return nil, false, bad.WithHint("at most %d requests a batch", maxBatch)
	}
	list = make([]request, len(items))
	for i, item := range items {
		list[i] = classify(item, false)
	}
	return list, true, nil
}

// classify tells what one JSON value is. Every protocol that shares the
// stream is told apart here, by the members of its objects. The first one has
// no batches.
func classify(value json.RawMessage, alone bool) request {
	var members map[string]json.RawMessage // its keys are exact, unlike those of a struct
	if err := json.Unmarshal(value, &members); err != nil || members == nil {
		return request{bad: invalidRequest()}
	}
	if alone && isCommand(members) {
		return command(members)
	}
	return jsonrpc(members)
}

// jsonrpc reads the members of a request object (JSON-RPC 2.0, section 4).
// params null counts as absent: many clients send it.
func jsonrpc(members map[string]json.RawMessage) request {
	r := request{id: members["id"], params: members["params"]}
	if r.id != nil && !isID(r.id) {
		return request{bad: invalidRequest().WithHint("id is a string, a number or null, of at most %d bytes", longestID)}
	}
	var method *string
	if err := json.Unmarshal(members["method"], &method); err != nil || method == nil {
		return request{id: r.id, bad: invalidRequest()}
	}
	r.method = *method
	var version string
	if err := json.Unmarshal(members["jsonrpc"], &version); err != nil || version != "2.0" {
		return request{id: r.id, bad: invalidRequest().WithHint(`add "jsonrpc": "2.0"`)}
	}
	switch {
	case r.params == nil || string(r.params) == "null":
		r.params = nil
	case r.params[0] != '{' && r.params[0] != '[':
		return request{id: r.id, bad: invalidRequest().WithHint("params is an object or an array")}
	}
	return r
}

// isID reports whether a JSON value may be an id: a string, a number or null.
func isID(value json.RawMessage) bool {
	c := value[0]
	return len(value) <= longestID && (c == '"' || c == '-' || c == 'n' || '0' <= c && c <= '9')
}

// The messages are those of the specification, so that its examples hold.
func parseError() *Error     { return &Error{Code: CodeParse, Message: "Parse error"} }
func invalidRequest() *Error { return &Error{Code: CodeInvalidRequest, Message: "Invalid Request"} }

func methodNotFound(method string, known []string) *Error {
	e := &Error{Code: CodeMethodNotFound, Message: "Method not found"}
	if near := nearest(method, known); near != "" {
		return e.WithHint("did you mean %s?", near)
	}
	return e
}
