package ipc

import (
	"bytes"
	"context"
	"encoding/json"
	"time"
)

// receive starts what a line asks for.
func (l *link) receive(line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	list, batch, bad := parse(line, l.srv.limits.Batch)
	if bad != nil {
		l.send(encodeError(nil, bad))
		return
	}
	var to *replies
	if batch {
		to = &replies{link: l, left: len(list), answers: make([][]byte, len(list))}
	}
	for i, r := range list {
		l.start(r, to, i)
	}
}

// start runs one request on a goroutine of its own. It waits for a place
// among the requests in flight, but not for long: the connection has to be
// read for its end to be seen.
func (l *link) start(r request, to *replies, place int) {
	bad := r.bad
	if bad == nil && !l.takeSlot() {
		bad = Errorf(CodeBusy, "too many requests in progress").WithHint("at most %d a connection", l.srv.limits.InFlight)
	}
	if bad != nil {
		if r.bad == nil && r.id == nil { // a notification is never answered
			to.add(place, nil, nil)
			return
		}
		l.reply(encodeError(r.id, bad), to, place)
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

func (l *link) takeSlot() bool {
	select {
	case l.slots <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case l.slots <- struct{}{}:
		return true
	case <-timer.C:
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
		to.add(place, line, after)
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

// reply sends an answer, or adds it to its batch.
func (l *link) reply(line []byte, to *replies, place int) {
	if to != nil {
		to.add(place, line, nil)
		return
	}
	l.send(line)
}

// send queues a line when there is room and sees to its being written.
func (l *link) send(line []byte) {
	if l.out.wait(context.Background(), 0) != nil || !l.work.join() {
		return
	}
	mustWrite, err := l.out.put(line, true)
	l.write(mustWrite && err == nil)
}

// write runs the outbox on a goroutine, if it has to be run. The caller has
// joined the crew; write leaves it.
func (l *link) write(must bool) {
	if !must {
		l.work.leave()
		return
	}
	go func() {
		defer l.work.leave()
		l.out.write()
	}()
}
