package ipc

import (
	"fmt"
	"net"
	"os"
	"sync"
)

// Inherit takes over a listening socket that somebody else has made, as a service manager does before the daemon is there. Its file
// is not removed when the listener is closed. f is closed.
func Inherit(f *os.File) (*SocketFile, error) {
	defer f.Close()
	ln, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("take over socket %s: %w", f.Name(), err)
	}
	unix, is := ln.(*net.UnixListener)
	if !is {
		ln.Close()
		return nil, fmt.Errorf("take over socket %s: it listens on %s, not on a path", f.Name(), ln.Addr())
	}
	path := unix.Addr().String()
	id, err := identify(path)
	if err != nil {
		ln.Close()
		return nil, fmt.Errorf("take over socket %s: %w", f.Name(), err)
	}
	s := &SocketFile{UnixListener: unix, path: path, file: id, given: true}
	s.close = sync.OnceValue(s.remove)
	return s, nil
}
