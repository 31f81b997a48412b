package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"time"
)

// logPoll is how often a followed log is looked at.
const logPoll = 200 * time.Millisecond

// tailBlock is how much is read at once on the way back through a log.
const tailBlock = 64 << 10

// openLog opens path at the start of its last tail lines; all of it when tail
// is negative.
func openLog(path string, tail int) (*os.File, error) {
	log, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if tail < 0 {
		return log, nil
	}
	if err := seekTail(log, tail); err != nil {
		log.Close()
		return nil, err
	}
	return log, nil
}

// seekTail moves to the start of the last tail lines of f.
func seekTail(f *os.File, tail int) error {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || tail == 0 {
		return err
	}
	block := make([]byte, tailBlock)
	for at := end; at > 0; {
		size := min(at, tailBlock)
		at -= size
		if _, err := f.ReadAt(block[:size], at); err != nil {
			return err
		}
		for i := size - 1; i >= 0; i-- {
			// The newline at the very end closes the last line.
			if block[i] != '\n' || at+i == end-1 {
				continue
			}
			if tail--; tail == 0 {
				_, err := f.Seek(at+i+1, io.SeekStart)
				return err
			}
		}
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// logFollower copies a log that grows, and that is moved away and begun anew
// when it is rotated.
type logFollower struct {
	path  string
	log   *os.File
	write func([]byte) error
}

// follow copies until ctx ends; that is the way to end it: the error is then
// the exit code for the signal that did.
func (l *logFollower) follow(ctx context.Context) error {
	defer func() { l.log.Close() }()
	tick := time.NewTicker(logPoll)
	defer tick.Stop()
	for {
		if err := l.copy(); err != nil {
			return err
		}
		if l.rotated() {
			// What was written between the copy and the rotation.
			if err := l.copy(); err != nil {
				return err
			}
			l.reopen()
			continue
		}
		select {
		case <-ctx.Done():
			return endOf(ctx)
		case <-tick.C:
		}
	}
}

func (l *logFollower) copy() error {
	block := make([]byte, tailBlock)
	for {
		n, err := l.log.Read(block)
		if n > 0 {
			if err := l.write(block[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// rotated says whether another file has the path now.
func (l *logFollower) rotated() bool {
	now, err := os.Stat(l.path)
	if err != nil {
		return false
	}
	ours, err := l.log.Stat()
	return err == nil && !os.SameFile(now, ours)
}

func (l *logFollower) reopen() {
	next, err := os.Open(l.path)
	if err != nil {
		return
	}
	l.log.Close()
	l.log = next
}

// lineSplitter gives whole lines on.
type lineSplitter struct {
	each func(line string) error
	rest []byte
}

func (s *lineSplitter) write(data []byte) error {
	s.rest = append(s.rest, data...)
	for {
		line, rest, whole := bytes.Cut(s.rest, []byte{'\n'})
		if !whole {
			return nil
		}
		if err := s.each(string(line)); err != nil {
			return err
		}
		s.rest = rest
	}
}

// splitLines reads all lines.
func splitLines(r io.Reader) ([]string, error) {
	lines := []string{}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(text) {
		lines = append(lines, string(bytes.TrimSuffix(line, []byte{'\n'})))
	}
	return lines, nil
}
