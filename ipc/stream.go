package ipc

import "bytes"

// stream cuts what a client sends into requests: lines, and objects of the
// first protocol, which need none. It looks at each byte twice at most.
//
// Where an object comes to the end of a line between its members and can be of
// the first protocol, it goes on in the next one. When it then turns out to be
// something else, its lines are lines.
type stream struct {
	lines

	object   object // that has begun at start
	inObject bool
	begun    bool // it has been seen what begins at start
	plain    int  // bytes from start that are whole lines, whatever they hold
}

// piece is one request as it was sent.
type piece struct {
	text    []byte // the receiver owns it
	command bool   // an object of the first protocol, though perhaps a broken one
}

// take is the next complete request.
func (s *stream) take() (piece, bool) {
	if !s.begun {
		s.begin()
	}
	if s.inObject {
		switch s.object.look(s.buf[s.start:]) {
		case unfinished:
			return piece{}, false
		case aCommand:
			text := bytes.Clone(s.buf[s.start : s.start+s.object.n])
			s.start += s.object.n
			s.taken(s.object.n)
			return piece{text, true}, true
		case aLine:
			s.splitLines()
		}
	}
	line, ok := s.lines.take()
	if ok {
		s.taken(len(line) + 1)
	}
	return piece{text: line}, ok
}

// begin looks at what comes next. Between requests white space is nothing.
func (s *stream) begin() {
	for s.start < len(s.buf) && bytes.IndexByte([]byte(" \t\r\n"), s.buf[s.start]) >= 0 {
		s.start++
		s.taken(1)
	}
	if s.start == len(s.buf) {
		return
	}
	s.begun = true
	if s.buf[s.start] == '{' && s.plain == 0 {
		s.object, s.inObject = object{open: s.object.open[:0]}, true
	}
}

// taken notes that the next n bytes have been taken out.
func (s *stream) taken(n int) {
	s.inObject, s.begun = false, false
	s.scanned, s.plain = 0, max(0, s.plain-n)
}

// splitLines makes of an object that has begun the lines that it consists of.
func (s *stream) splitLines() { s.inObject, s.plain = false, s.object.crossed }

// full reports whether the request that has begun is longer than max. Call it
// when take found nothing.
func (s *stream) full() bool { return len(s.buf)-s.start > s.max }

// command reports whether a request of the first protocol has begun.
func (s *stream) command() bool { return s.inObject && s.object.command }

// open reports whether an object has come to the end of a line and nobody
// can tell yet whether it goes on in the next one.
func (s *stream) open() bool { return s.inObject && s.object.crossed > 0 && !s.object.command }

// rest is what came after the last complete request.
func (s *stream) rest() piece { return piece{s.lines.rest(), s.command()} }
