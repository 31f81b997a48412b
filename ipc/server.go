package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

type handler func(ctx context.Context, params json.RawMessage) (any, error)

// endpoint is a method with its handler.
type endpoint struct {
	handle handler
	weight atomic.Int64 // bytes that an answer is expected to have
}

// answered learns from an answer of so many bytes. Large ones are forgotten
// slowly: by what is remembered it is bounded how many are made at once.
func (e *endpoint) answered(size int) {
	old := e.weight.Load()
	e.weight.Store(max(int64(size), old-old/8))
}

// Server answers the methods that have a handler, on any number of listeners.
type Server struct {
	log      *slog.Logger
	limits   Limits
	handlers map[string]*endpoint
	commands map[string]*endpoint // of the first protocol
	unread   budget               // by clients
	making   budget               // what the requests in progress are expected to weigh with their answers
	encoders chan struct{}        // holds one for each answer that is being encoded

	mu       sync.Mutex
	conns    int
	refusals int // connections being told that there are too many
}

// NewServer is a server that answers rpc.discover and nothing else yet.
func NewServer(log *slog.Logger, l Limits) *Server {
	s := &Server{
		log: log, limits: l.withDefaults(), handlers: map[string]*endpoint{}, commands: map[string]*endpoint{}, unread: budget{most: unreadTotal}, making: budget{most: makingTotal},
		encoders: make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
	described := sync.OnceValue(openRPC)
	Discover.Handle(s, func(context.Context, Empty) (OpenRPC, error) { return described(), nil })
	return s
}

func (s *Server) register(method string, h handler) { register(s.handlers, method, h) }

func register(handlers map[string]*endpoint, name string, h handler) {
	if handlers[name] != nil {
		panic("ipc: " + name + " has two handlers")
	}
	e := &endpoint{handle: h}
	e.weight.Store(firstWeight)
	handlers[name] = e
}

// endpoint is the handler that r asks for; nil when there is none.
func (s *Server) endpoint(r request) *endpoint {
	if r.command {
		return s.commands[r.method]
	}
	return s.handlers[r.method]
}

// Missing lists the methods of the table that have no handler.
func (s *Server) Missing() []string {
	var names []string
	for _, d := range Methods() {
		if s.handlers[d.Name] == nil {
			names = append(names, d.Name)
		}
	}
	return names
}

// Serve answers the clients of ln until ctx ends or ln is closed, and returns
// when they have all gone: nil after the end of ctx, else [net.ErrClosed].
// When ctx ends, requests in progress have a second; a handler that ignores
// its context holds up the return. ln is closed.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	defer ln.Close()
	var clients sync.WaitGroup
	defer clients.Wait()
	unhook := context.AfterFunc(ctx, func() { ln.Close() })
	defer unhook()
	failures := 0
	for {
		nc, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) && ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("serve %s: %w", ln.Addr(), net.ErrClosed)
		}
		if err != nil { // as no file descriptor is free
			if failures == 0 {
				s.log.Error("cannot accept connections", "err", err)
			}
			failures++
			select {
			case <-ctx.Done():
			case <-time.After(min(time.Duration(failures)*10*time.Millisecond, time.Second)):
			}
			continue
		}
		failures = 0
		s.admit(ctx, nc, &clients)
	}
}

// admit serves a client, or turns it away. It never blocks.
func (s *Server) admit(ctx context.Context, nc net.Conn, clients *sync.WaitGroup) {
	who, err := peerOf(nc)
	if err != nil || !mayConnect(who.uid, os.Geteuid()) {
		nc.Close()
		if err != nil {
			s.log.Warn("turned a client away whose user cannot be told", "err", err)
		} else {
			s.log.Warn("turned a foreign client away", "uid", who.uid, "pid", who.pid)
		}
		return
	}
	if s.count(&s.conns, s.limits.Conns) {
		clients.Go(func() {
			defer s.uncount(&s.conns)
			newLink(s, nc, who).run(ctx)
		})
		return
	}
	if !s.count(&s.refusals, s.limits.Conns) {
		nc.Close()
		return
	}
	clients.Go(func() {
		defer s.uncount(&s.refusals)
		defer nc.Close()
		busy := Errorf(CodeBusy, "too many connections").WithHint("try again; at most %d are served at a time", s.limits.Conns)
		sayFarewell(ctx, nc, append(encodeError(nil, busy), '\n'))
	})
}

// sayFarewell writes a last line and lets the client go on sending for a
// moment: closing at once could make its write fail before it reads the line.
func sayFarewell(ctx context.Context, nc net.Conn, line []byte) {
	nc.SetDeadline(time.Now().Add(farewell))
	unhook := context.AfterFunc(ctx, func() { nc.Close() })
	defer unhook()
	if _, err := nc.Write(line); err != nil {
		return
	}
	if half, ok := nc.(*net.UnixConn); ok {
		half.CloseWrite()
	}
	io.Copy(io.Discard, nc) // ends with the client or the deadline
}

func (s *Server) count(n *int, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *n >= most {
		return false
	}
	*n++
	return true
}

// Connections is how many clients are connected.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

func (s *Server) uncount(n *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*n--
}

// call runs the handler of a request and makes an error answer of whatever
// goes wrong in it, also a panic.
func (s *Server) call(ctx context.Context, r request) (result any, bad *Error) {
	e := s.endpoint(r)
	switch {
	case r.bad != nil:
		return nil, r.bad
	case e == nil && r.command:
		return nil, unknownCommand(r.method)
	case e == nil:
		return nil, methodNotFound(r.method, s.known())
	}
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("handler panicked", "method", r.method, "err", fmt.Sprint(p), "stack", string(debug.Stack()))
			result, bad = nil, Errorf(CodeInternal, "internal error").WithHint("see lsh daemon logs")
		}
	}()
	result, err := e.handle(ctx, r.params)
	if err == nil {
		return result, nil
	}
	return nil, s.asError(ctx, r.method, err)
}

// weigh is what a request holds while it is in progress: itself, and an
// answer like those before.
func (s *Server) weigh(r request) int {
	own := len(r.id) + len(r.method) + len(r.params)
	if e := s.endpoint(r); e != nil {
		own += int(e.weight.Load())
	}
	return own
}

func (s *Server) asError(ctx context.Context, method string, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if ctx.Err() != nil { // the connection's end is the cause, whatever the handler made of it
		return Errorf(CodeStopping, "the daemon is stopping")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Errorf(CodeBusy, "%s: %v", method, err).WithHint("try again")
	}
	s.log.Error("request was not answered", "method", method, "err", cutShort(err.Error(), mostSaid))
	return Errorf(CodeInternal, "%s: %v", method, err)
}

func (s *Server) known() []string {
	names := make([]string, 0, len(s.handlers))
	for name := range s.handlers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
