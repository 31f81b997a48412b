package ipc

import (
	"bytes"
	"io"
)

// lines cuts a stream into lines of at most max bytes. It holds no more than
// one such line, however much is sent.
type lines struct {
	buf     []byte
	start   int // of what has not been taken
	scanned int // bytes from start known to hold no newline
	max     int
}

const (
	firstBuffer = 4 << 10
	keptBuffer  = 64 << 10 // a larger one is let go when it is empty
)

// take is the next complete line without its newline; the caller owns it.
func (l *lines) take() ([]byte, bool) {
	from := l.start + l.scanned
	i := bytes.IndexByte(l.buf[from:], '\n')
	if i < 0 {
		l.scanned = len(l.buf) - l.start
		return nil, false
	}
	line := bytes.Clone(l.buf[l.start : from+i])
	l.start, l.scanned = from+i+1, 0
	return line, true
}

// partial reports whether a line has begun.
func (l *lines) partial() bool { return l.start < len(l.buf) }

// full reports whether the line that has begun is longer than max.
func (l *lines) full() bool { return l.scanned > l.max }

// rest is what came after the last newline; the caller owns it.
func (l *lines) rest() []byte { return bytes.Clone(l.buf[l.start:]) }

// fill reads once. Call it only when take found nothing and full is false:
// then there is room, or room can be made.
func (l *lines) fill(r io.Reader) error {
	l.makeRoom()
	n, err := r.Read(l.buf[len(l.buf):cap(l.buf)])
	l.buf = l.buf[:len(l.buf)+n]
	return err
}

func (l *lines) makeRoom() {
	if l.start > 0 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.start:])]
		l.start = 0
	}
	if len(l.buf) == 0 && cap(l.buf) > keptBuffer {
		l.buf = nil
	}
	if len(l.buf) < cap(l.buf) {
		return
	}
	larger := make([]byte, len(l.buf), min(max(2*cap(l.buf), firstBuffer), l.max+1))
	copy(larger, l.buf)
	l.buf = larger
}
