package ipc

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// NotRunningError says that no daemon of this user answers on any of the
// paths.
type NotRunningError struct {
	Paths []string
	// Err is what was wrong with each; with those alone that are there and
	// cannot be used, if there are any.
	Err error
}

func (e *NotRunningError) Error() string {
	if e.Absent() {
		return "the daemon is not running (tried " + strings.Join(e.Paths, ", ") + ")"
	}
	return "no daemon of yours can be reached: " + strings.ReplaceAll(e.Err.Error(), "\n", "; ")
}

// Absent reports whether nothing is wrong but that nobody listens.
func (e *NotRunningError) Absent() bool {
	return e.Err == nil || errors.Is(e.Err, fs.ErrNotExist) || errors.Is(e.Err, syscall.ECONNREFUSED)
}

// Unwrap is what was wrong with each path.
func (e *NotRunningError) Unwrap() error { return e.Err }

// Hint is the next thing to type.
func (e *NotRunningError) Hint() string {
	if denied, is := errors.AsType[*DeniedError](e.Err); is {
		return denied.Hint()
	}
	if foreign, is := errors.AsType[*ForeignError](e.Err); is {
		return "start your own: lsh daemon start; look at that: ls -ld " + foreign.Path
	}
	return "start it: lsh daemon start"
}

// ForeignError says that a socket, or who listens there, is another user's.
type ForeignError struct {
	Path  string
	Owner int // uid
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("connect to %s: it is uid %d's", e.Path, e.Owner)
}

// DeniedError says that this user may not use a socket.
type DeniedError struct {
	Path  string
	Owner int // uid; -1 when even that may not be known
	Err   error
}

func (e *DeniedError) Error() string {
	switch e.Owner {
	case -1:
		return fmt.Sprintf("connect to %s: this user may not enter its directory", e.Path)
	case os.Geteuid():
		return fmt.Sprintf("connect to %s: its mode does not admit its own user", e.Path)
	}
	return fmt.Sprintf("connect to %s: it is uid %d's, and this user may not use it", e.Path, e.Owner)
}

// Unwrap is the system's error.
func (e *DeniedError) Unwrap() error { return e.Err }

// Hint is the next thing to type.
func (e *DeniedError) Hint() string {
	if e.Owner == os.Geteuid() {
		return "chmod 0600 " + e.Path
	}
	return "look at it: ls -ld " + e.Path + "; leave LSH_SOCKET and --socket out for a daemon of your own"
}

// Dial connects to the first of the sockets that a daemon of this user, or of
// root, listens on. Sockets of others are passed over, whatever they answer:
// they could not be trusted with a request. When none is left the error is a
// *NotRunningError.
func Dial(ctx context.Context, paths []string) (*Client, error) {
	var reasons, present []error
	for _, path := range paths {
		nc, err := dialOne(ctx, path)
		if err == nil {
			return newClient(nc), nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("reach daemon: %w", context.Cause(ctx))
		}
		reasons = append(reasons, err)
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED) {
			present = append(present, err)
		}
	}
	if present != nil {
		reasons = present
	}
	return nil, &NotRunningError{Paths: paths, Err: errors.Join(reasons...)}
}

func dialOne(ctx context.Context, path string) (net.Conn, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil, &DeniedError{Path: path, Owner: -1, Err: err}
	}
	if err != nil {
		return nil, err
	}
	// A symlink of another user could lead to a socket of ours that is no
	// daemon's, where the peer's credentials look right.
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	if !mayConnect(owner, os.Geteuid()) {
		return nil, &ForeignError{Path: path, Owner: owner}
	}
	nc, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if errors.Is(err, fs.ErrPermission) {
		return nil, &DeniedError{Path: path, Owner: owner, Err: err}
	}
	if err != nil {
		return nil, err
	}
	who, err := peerOf(nc)
	if err == nil && !mayConnect(who.uid, os.Geteuid()) {
		err = &ForeignError{Path: path, Owner: who.uid}
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return nc, nil
}
