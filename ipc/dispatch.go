package ipc

import (
	"bytes"
	"context"
	"encoding/json"
)

// receive starts what a piece asks for.
func (l *link) receive(ctx context.Context, p piece) {
	if len(bytes.TrimSpace(p.text)) == 0 {
		return
	}
	list, batch, bad := parse(p.text, l.srv.limits.Batch)
	switch {
	case bad != nil && p.command:
		l.start(ctx, request{command: true, bad: brokenCommand(p.text)}, nil, 0)
		return
	case bad != nil:
		l.send(ctx, encodeError(nil, bad))
		return
	}
	var to *replies
	if batch {
		if !l.batches.take(ctx, 0) {
			l.refuse(ctx, list)
			return
		}
		to = newReplies(l, len(list))
	}
	for i, r := range list {
		l.start(ctx, r, to, i)
	}
}

// refuse answers a batch that comes too soon after another.
func (l *link) refuse(ctx context.Context, list []request) {
	busy := Errorf(CodeBusy, "another batch is in progress").WithHint("one at a time: read its answer first")
	var answers [][]byte
	for _, r := range list {
		if line := errorLine(r, busy); line != nil {
			answers = append(answers, line)
		}
	}
	if len(answers) > 0 {
		l.send(ctx, joined(answers))
	}
}

// start runs one request on a goroutine of its own, also a broken one of the
// first protocol: that is answered in its turn. The client is asked to read
// first when half of what may wait for it does: its end is seen by who writes
// to it.
func (l *link) start(ctx context.Context, r request, to *replies, place int) {
	if r.bad != nil && !r.command {
		l.reply(ctx, r.id, encodeError(r.id, r.bad), to, place)
		return
	}
	if l.out.wait(ctx, l.out.maxSize/2) != nil {
		return
	}
	weight := l.srv.weigh(r)
	if !l.inFlight.take(ctx, weight) {
		busy := Errorf(CodeBusy, "too many requests in progress").
			WithHint("at most %d a connection, and %d bytes", l.inFlight.most, l.inFlight.mostBytes)
		l.reply(ctx, r.id, errorLine(r, busy), to, place)
		return
	}
	if !l.work.join() {
		return
	}
	if r.command {
		l.goInTurn(r, weight)
		return
	}
	go func() {
		defer l.work.leave()
		l.serve(r, &Conn{link: l, held: true}, weight, to, place)
	}()
}

// errorLine is the answer to a request that is not carried out; nil to a
// notification, which has none.
func errorLine(r request, why *Error) []byte {
	if r.bad != nil {
		why = r.bad
	} else if r.silent() {
		return nil
	}
	return r.encodeError(why)
}

// serve answers one request that has a place of this weight.
func (l *link) serve(r request, c *Conn, weight int, to *replies, place int) {
	result, bad := l.srv.call(context.WithValue(l.requests, connKey{}, c), r)
	after := c.release()
	if bad != nil {
		after = nil
	}
	switch {
	case to != nil:
		var line []byte
		if r.id != nil {
			line = l.encode(r, result, bad)
		}
		l.inFlight.give(weight)
		to.add(context.Background(), place, r.id, line, after)
	case r.silent():
		l.inFlight.give(weight)
		l.goAll(after)
	default:
		line, kept := l.afford(r, l.encode(r, result, bad))
		if !kept {
			after = nil
		}
		mustWrite := l.queueAnswer(line)
		l.inFlight.give(weight)
		l.goAll(after)
		if mustWrite {
			l.out.write()
		}
	}
}

// afford reserves the bytes of an answer until it is queued. Where too much
// waits to be read already, the answer is that, and kept is false.
func (l *link) afford(r request, line []byte) (answer []byte, kept bool) {
	if l.out.reserve(len(line)) {
		return line, true
	}
	line = r.encodeError(Errorf(CodeBusy, "too many answers wait to be read").WithHint("read them, then ask again"))
	l.out.reserve(len(line))
	return line, false
}

// queueAnswer queues an answer that is reserved once there is room for it.
func (l *link) queueAnswer(line []byte) (mustWrite bool) {
	if l.out.wait(context.Background(), 0) != nil {
		return false
	}
	mustWrite, err := l.out.put(line, len(line))
	return err == nil && mustWrite
}

// encode takes several times an answer's memory for a moment: no more do it
// at once than can make progress.
func (l *link) encode(r request, result any, bad *Error) []byte {
	l.srv.encoders <- struct{}{}
	defer func() { <-l.srv.encoders }()
	line, err := r.encodeAnswer(result, bad)
	if err != nil {
		l.srv.log.Error("answer cannot be encoded", "err", err)
		return r.encodeError(Errorf(CodeInternal, "%v", err))
	}
	if e := l.srv.endpoint(r); e != nil && bad == nil {
		e.answered(len(line))
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
		l.queue(func(o *outbox) (bool, error) { return o.put(line, 0) })
	}
}

// queue does what queues a line, with somebody to write.
func (l *link) queue(put func(*outbox) (mustWrite bool, err error)) error {
	if !l.work.join() {
		return ErrClosed
	}
	mustWrite, err := put(l.out)
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
