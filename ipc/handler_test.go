package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
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

// What a client sends comes back in errors, but not at any length.
func TestErrorsRepeatLittle(t *testing.T) {
	type name string
	server := start(t, Limits{}, arithmetic, func(s *Server) {
		find := func(err func(text) error) func(context.Context, text) (int, error) {
			return func(_ context.Context, p text) (int, error) { return 0, err(p) }
		}
		Method[text, int]{"unknown", ""}.Handle(s, find(func(p text) error {
			return Errorf(CodeUnknownJob, "no such job: %s", name(p.Text)).WithHint("lsh show %s", p.Text)
		}))
		Method[text, int]{"plain", ""}.Handle(s, find(func(p text) error { return errors.New(p.Text) }))
	})
	c := server.dial(t)
	for _, letter := range []string{"x", "é"} {
		long := strings.Repeat(letter, 64<<10)
		for method, params := range map[string]any{
			"unknown": text{long},
			"plain":   text{long},
			"sum":     map[string]int{long: 1},
			long:      nil,
		} {
			raw, err := json.Marshal(params)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Call(t.Context(), method, raw)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatal(err)
			}
			for _, said := range []string{e.Message, e.Hint()} {
				if n := utf8.RuneCountInString(said); n > 1001 || !utf8.ValidString(said) || method != "plain" && n > 250 {
					t.Errorf("%.10s: %d characters", method, n)
				}
			}
		}
	}
	if n := len(server.log.String()); n > 10000 {
		t.Errorf("%d bytes were logged", n)
	}
	const exact = 200
	for _, n := range []int{exact, exact + 1} {
		whole := strings.Repeat("é", n)
		if got := Errorf(CodeUnknownJob, "%s", whole).Message; (got == whole) != (n == exact) {
			t.Errorf("of %d characters: %s", n, got)
		}
	}
}
