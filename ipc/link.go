package ipc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// link is one connection of a client, from its admission to its end.
type link struct {
	srv  *Server
	nc   net.Conn
	who  credentials
	name func() string // the client's command
	out  *outbox
	work crew // everything that runs for this client but its reader

	inFlight *places // requests that are not answered
	batches  *places // at most one waits for all its answers to be made and sent

	turn chan struct{} // closed when the request of the first protocol that came last lets the next begin; nil: none has come

	requests    context.Context // of handlers
	cutRequests context.CancelCauseFunc
	pushes      context.Context // of what runs beyond an answer
	cutPushes   context.CancelFunc
}

// errEnded is the cause of the contexts' end.
var errEnded = errors.New("the connection has ended")

func newLink(s *Server, nc net.Conn, who credentials) *link {
	l := &link{
		srv:  s,
		nc:   nc,
		who:  who,
		name: sync.OnceValue(func() string { return commandOf(who.pid) }),
		out:  &outbox{nc: nc, timeout: s.limits.Write, maxLen: s.limits.Messages, maxSize: s.limits.Queue, total: &s.unread},

		inFlight: newPlaces(s.limits.InFlight, s.limits.Request, &s.making),
		batches:  newPlaces(1, 0, new(budget)),
	}
	l.work.quiet = time.Now()
	l.requests, l.cutRequests = context.WithCancelCause(context.Background())
	l.pushes, l.cutPushes = context.WithCancel(l.requests)
	return l
}

// ending is why a connection is read no further.
type ending int

const (
	endSent  ending = iota // the client sends no more; it may still read
	endStop                // the server stops
	endLarge               // a request is over the limit
	endHalf                // a request of the first protocol has come in part, and no more of it
	endGone                // the client has gone, or has been idle or slow for too long
)

func (l *link) run(ctx context.Context) {
	unhook := context.AfterFunc(ctx, func() { l.nc.SetReadDeadline(time.Unix(1, 0)) })
	defer unhook()
	in := stream{lines: lines{max: l.srv.limits.Request}}
	why := l.read(ctx, &in)
	l.finish(ctx, why, in.command())
}

// read takes requests until there is a reason to stop.
func (l *link) read(ctx context.Context, in *stream) ending {
	progress := time.Now()
	for {
		if p, ok := in.take(); ok {
			l.receive(ctx, p)
			continue
		}
		if in.full() {
			return endLarge
		}
		l.nc.SetReadDeadline(l.deadline(in, progress))
		if ctx.Err() != nil { // checked after the deadline is set: the one of run's hook then holds
			return endStop
		}
		err := in.fill(l.nc)
		switch {
		case err == nil:
			progress = time.Now()
		case errors.Is(err, io.EOF):
			l.receiveRest(ctx, in)
			return endSent
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return endGone
		case ctx.Err() != nil || time.Now().Before(l.deadline(in, progress)):
		case in.open():
			in.splitLines()
		case in.command():
			return endHalf
		default:
			return endGone
		}
	}
}

// receiveRest receives what came before the end of what is sent.
func (l *link) receiveRest(ctx context.Context, in *stream) {
	if in.open() {
		in.splitLines()
	}
	for {
		p, ok := in.take()
		if !ok {
			break
		}
		l.receive(ctx, p)
	}
	l.receive(ctx, in.rest())
}

// deadline is until when the client has to send something.
func (l *link) deadline(in *stream, progress time.Time) time.Time {
	if in.open() {
		return progress.Add(lineGrace)
	}
	if in.partial() {
		return progress.Add(l.srv.limits.Partial)
	}
	since, quiet := l.work.quietSince()
	if !quiet {
		since = time.Now()
	}
	if progress.After(since) {
		since = progress
	}
	return since.Add(l.srv.limits.Idle)
}

// finish ends the connection: politely where somebody still listens.
func (l *link) finish(ctx context.Context, why ending, command bool) {
	done := l.work.close()
	if why == endSent {
		why = l.whileWanted(ctx, done)
	}
	if why == endLarge {
		tooLarge := &Error{Code: CodeInvalidRequest, Message: "request is too large"}
		l.reject(ctx, request{command: command}, tooLarge.WithHint("at most %d bytes a request", l.srv.limits.Request))
	}
	if why == endHalf {
		l.reject(ctx, request{command: true}, incomplete())
	}
	l.cutPushes()
	if why != endGone {
		await(done, drain)
		l.cutRequests(errEnded)
		await(done, cut)
	}
	l.cutRequests(errEnded)
	l.out.close(errEnded)
	l.nc.Close()
	<-done
}

// whileWanted lets work go on for a client that has closed only its sending
// side, as `echo … | nc -N` does, until it is done or the client has gone.
func (l *link) whileWanted(ctx context.Context, done <-chan struct{}) ending {
	tick := time.NewTicker(peek)
	defer tick.Stop()
	for !hungUp(l.nc) {
		select {
		case <-done:
			return endSent
		case <-ctx.Done():
			return endStop
		case <-tick.C:
		}
	}
	return endGone
}

// reject says a last word after the answers that are still to come.
func (l *link) reject(ctx context.Context, r request, bad *Error) {
	quiet, cancel := context.WithTimeout(ctx, drain)
	defer cancel()
	if l.out.wait(quiet, 0) != nil {
		return
	}
	if mustWrite, err := l.out.put(r.encodeError(bad), 0); err == nil && mustWrite {
		l.out.write()
	}
	l.nc.SetReadDeadline(time.Now().Add(farewell))
	io.Copy(io.Discard, untilNewline{l.nc})
}

// untilNewline reads to the end of the line, and no further.
type untilNewline struct{ r io.Reader }

func (u untilNewline) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err == nil && bytes.IndexByte(p[:n], '\n') >= 0 {
		err = io.EOF
	}
	return n, err
}

func await(done <-chan struct{}, most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
