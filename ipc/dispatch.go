package ipc

import (
	"bytes"
	"context"
	"encoding/json"
	"time"
)

// receive starts what a line asks for.
func (l *link) receive(ctx context.Context, line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	list, batch, bad := parse(line, l.srv.limits.Batch)
	if bad != nil {
		l.send(ctx, encodeError(nil, bad))
		return
	}
	var to *replies
	if batch {
		to = newReplies(l, len(list))
	}
	for i, r := range list {
		l.start(ctx, r, to, i)
	}
}

// start runs one request on a goroutine of its own. It waits for a place
// among the requests in flight, but not for long: the connection has to be
// read for its end to be seen.
func (l *link) start(ctx context.Context, r request, to *replies, place int) {
	if r.bad != nil {
		l.reply(ctx, r.id, encodeError(r.id, r.bad), to, place)
		return
	}
	if !l.takeSlot(ctx) {
		busy := Errorf(CodeBusy, "too many requests in progress").WithHint("at most %d a connection", l.srv.limits.InFlight)
		var line []byte
		if r.id != nil {
			line = encodeError(r.id, busy)
		}
		l.reply(ctx, r.id, line, to, place)
		return
	}
	if !l.work.join() {
		return
	}
	go func() {
		defer l.work.leave()
		l.serve(r, to, place)
	}()
}

// takeSlot is called by the reader alone. Once it has waited in vain it does
// not wait again before there was a place: a thousand requests more would
// make it a thousand times as long.
func (l *link) takeSlot(ctx context.Context) (ok bool) {
	defer func() { l.crowded = !ok }()
	select {
	case l.slots <- struct{}{}:
		return true
	default:
	}
	if l.crowded {
		return false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case l.slots <- struct{}{}:
		return true
	case <-timer.C:
		return false
	case <-ctx.Done():
		return false
	}
}

// serve answers one request.
func (l *link) serve(r request, to *replies, place int) {
	c := &Conn{link: l, held: true}
	result, bad := l.srv.call(context.WithValue(l.requests, connKey{}, c), r)
	after := c.release()
	if bad != nil {
		after = nil
	}
	switch {
	case to != nil:
		var line []byte
		if r.id != nil {
			line = l.encode(r.id, result, bad)
		}
		<-l.slots
		to.add(context.Background(), place, r.id, line, after)
	case r.id == nil:
		<-l.slots
		l.goAll(after)
	default:
		mustWrite := l.queueAnswer(r.id, result, bad)
		<-l.slots
		l.goAll(after)
		if mustWrite {
			l.out.write()
		}
	}
}

// queueAnswer encodes an answer once there is room for it. One at a time: of
// the answers that a client does not read, one is held beyond the limit.
func (l *link) queueAnswer(id json.RawMessage, result any, bad *Error) (mustWrite bool) {
	l.out.encoding.Lock()
	defer l.out.encoding.Unlock()
	if l.out.wait(context.Background(), 0) != nil {
		return false
	}
	mustWrite, err := l.out.put(l.encode(id, result, bad), true)
	return err == nil && mustWrite
}

func (l *link) encode(id json.RawMessage, result any, bad *Error) []byte {
	line, err := encodeAnswer(id, result, bad)
	if err != nil {
		l.srv.log.Error("answer cannot be encoded", "err", err)
		return encodeError(id, Errorf(CodeInternal, "%v", err))
	}
	return line
}

// reply sends an answer, or adds it to its batch; nil is none.
func (l *link) reply(ctx context.Context, id json.RawMessage, line []byte, to *replies, place int) {
	switch {
	case to != nil:
		to.add(ctx, place, id, line, nil)
	case line != nil:
		l.send(ctx, line)
	}
}

// send queues a line when there is room and sees to its being written. With
// the end of ctx it is dropped.
func (l *link) send(ctx context.Context, line []byte) {
	if l.out.wait(ctx, 0) == nil {
		l.queue(line, true)
	}
}

// queue is outbox.put with somebody to write.
func (l *link) queue(line []byte, force bool) error {
	if !l.work.join() {
		return ErrClosed
	}
	mustWrite, err := l.out.put(line, force)
	if !mustWrite {
		l.work.leave()
		return err
	}
	go func() {
		defer l.work.leave()
		l.out.write()
	}()
	return nil
}
