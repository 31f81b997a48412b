package ipc

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The messages are put together by hand: an id is given back as it came,
// and HTML's letters in texts stay as they are.

// encode is v as JSON on one line, without a newline.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// encodeAnswer is the answer to the request with this id; nil stands for one
// whose id could not be told.
func encodeAnswer(id json.RawMessage, result any, bad *Error) ([]byte, error) {
	member, value := "result", result
	if bad != nil {
		member, value = "error", any(bad)
	}
	body, err := encode(value)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	if id == nil {
		id = json.RawMessage("null")
	}
	line := make([]byte, 0, len(body)+len(id)+40)
	line = append(line, `{"jsonrpc":"2.0","`...)
	line = append(line, member...)
	line = append(line, `":`...)
	line = append(line, body...)
	line = append(line, `,"id":`...)
	line = append(line, id...)
	return append(line, '}'), nil
}

// encodeError is encodeAnswer of an error, which cannot fail.
func encodeError(id json.RawMessage, bad *Error) []byte {
	line, err := encodeAnswer(id, nil, bad)
	if err != nil {
		line, _ = encodeAnswer(id, nil, Errorf(bad.Code, "%s", bad.Message))
	}
	return line
}

// encodeAnswer is the answer to r, in its protocol.
func (r request) encodeAnswer(result any, bad *Error) ([]byte, error) {
	if r.command {
		return encodeReply(r.id, result, bad)
	}
	return encodeAnswer(r.id, result, bad)
}

// encodeError is r.encodeAnswer of an error, which cannot fail.
func (r request) encodeError(bad *Error) []byte {
	if r.command {
		return encodeFailure(r.id, bad)
	}
	return encodeError(r.id, bad)
}

// encodeRequest is a request, or with a nil id a notification.
func encodeRequest(id []byte, method string, params json.RawMessage) ([]byte, error) {
	name, err := encode(method)
	if err != nil {
		return nil, err
	}
	line := make([]byte, 0, len(params)+len(name)+len(id)+50)
	line = append(line, `{"jsonrpc":"2.0",`...)
	if id != nil {
		line = append(line, `"id":`...)
		line = append(line, id...)
		line = append(line, ',')
	}
	line = append(line, `"method":`...)
	line = append(line, name...)
	if len(params) > 0 {
		line = append(line, `,"params":`...)
		line = append(line, params...)
	}
	return append(line, '}'), nil
}
