package keeper

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Link is one side of the socket pair.
type Link struct {
	conn *net.UnixConn
	send sync.Mutex
	line []byte // read, and not yet given out
	fds  []int  // received, and not yet given out
}

// OpenLink takes over a descriptor of the pair.
func OpenLink(fd int) (*Link, error) {
	unix.CloseOnExec(fd)
	f := os.NewFile(uintptr(fd), "keeper")
	defer f.Close()
	c, err := net.FileConn(f) // has a descriptor of its own
	if err != nil {
		return nil, fmt.Errorf("open link of keeper: %w", err)
	}
	conn, is := c.(*net.UnixConn)
	if !is {
		c.Close()
		return nil, errors.New("open link of keeper: it is not a Unix socket")
	}
	return &Link{conn: conn}, nil
}

// Close closes it.
func (l *Link) Close() error { return l.conn.Close() }

// Send sends a message and copies of files.
func (l *Link) Send(m Message, files ...*os.File) error {
	m.Held = len(files)
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	var rights []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd()) // it makes a descriptor blocking, which plain files are anyway
		}
		rights = unix.UnixRights(fds...)
	}
	l.send.Lock()
	defer l.send.Unlock()
	text = append(text, '\n')
	n, _, err := l.conn.WriteMsgUnix(text, rights, nil)
	if err == nil && n < len(text) {
		_, err = l.conn.Write(text[n:])
	}
	return err
}

// sendWithin is Send that does not wait longer for the other side to read.
func (l *Link) sendWithin(limit time.Duration, m Message) error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	err := l.Send(m)
	return errors.Join(err, l.conn.SetWriteDeadline(time.Time{}))
}

// Receive waits for a message. The files that come with it are the caller's.
func (l *Link) Receive() (Message, []*os.File, error) {
	for {
		if i := bytes.IndexByte(l.line, '\n'); i >= 0 {
			var m Message
			err := json.Unmarshal(l.line[:i], &m)
			l.line = append([]byte(nil), l.line[i+1:]...)
			if err != nil {
				continue // a word that is not understood
			}
			return m, l.files(m.Held), nil
		}
		var buf [4096]byte
		var rights [256]byte
		n, r, _, _, err := l.conn.ReadMsgUnix(buf[:], rights[:])
		if r > 0 {
			l.take(rights[:r])
		}
		l.line = append(l.line, buf[:max(0, n)]...) // n is -1 with some errors
		if err == nil && n == 0 {
			err = io.EOF
		}
		if err != nil {
			return Message{}, nil, err
		}
	}
}

func (l *Link) take(rights []byte) {
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil {
		return
	}
	for _, m := range messages {
		if fds, err := unix.ParseUnixRights(&m); err == nil {
			l.fds = append(l.fds, fds...)
		}
	}
}

// files are the next n that have been received.
func (l *Link) files(n int) []*os.File {
	n = min(n, len(l.fds))
	files := make([]*os.File, 0, n)
	for _, fd := range l.fds[:n] {
		unix.CloseOnExec(fd)
		files = append(files, os.NewFile(uintptr(fd), "held"))
	}
	l.fds = l.fds[n:]
	return files
}
