package ipc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

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
