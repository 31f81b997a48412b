package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

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
		"data":{"code":"invalid_request","hint":"at most 4194304 bytes a request"}}}`)
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
	if len(line) > 5<<20 {
		t.Errorf("answered with %d bytes", len(line))
	}
	var answers []answer
	if err := json.Unmarshal([]byte(line), &answers); err != nil || len(answers) != 40 {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	refused := 0
	for _, a := range answers {
		if e, is := errors.AsType[*Error](a.refusal()); is && e.Code == CodeBusy && string(a.ID) == "1" {
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
	server := start(t, Limits{Idle: 500 * time.Millisecond}, arithmetic)
	w := server.wire(t)
	w.send(request1("sum", "[1]"))
	w.line()
	w.closed()
}
