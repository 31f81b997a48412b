package ipc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

// NotRunningError says that no daemon of this user answers on any of the
// paths.
type NotRunningError struct {
	Paths []string
	// Err is what was wrong with each; with those alone where somebody else's
	// socket is, if there are any. They are [ForeignError]s.
	Err error
}

func (e *NotRunningError) Error() string {
	if foreign, is := errors.AsType[*ForeignError](e.Err); is {
		return "no daemon of yours can be reached: " + foreign.Error()
	}
	return "the daemon is not running (tried " + strings.Join(e.Paths, ", ") + ")"
}

// Unwrap is what was wrong with each path.
func (e *NotRunningError) Unwrap() error { return e.Err }

// Hint is the next thing to type.
func (e *NotRunningError) Hint() string {
	if foreign, is := errors.AsType[*ForeignError](e.Err); is {
		return "look at it: ls -ld " + foreign.Path + "; start your own: lsh daemon start"
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

// Dial connects to the first of the sockets that a daemon of this user, or of
// root, listens on. Sockets of others are passed over, whatever they answer:
// they could not be trusted with a request. When none is left the error is a
// *NotRunningError.
func Dial(ctx context.Context, paths []string) (*Client, error) {
	var reasons, foreign []error
	for _, path := range paths {
		nc, err := dialOne(ctx, path)
		if err == nil {
			return newClient(nc), nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("reach daemon: %w", context.Cause(ctx))
		}
		reasons = append(reasons, err)
		if _, is := errors.AsType[*ForeignError](err); is {
			foreign = append(foreign, err)
		}
	}
	if foreign != nil {
		reasons = foreign
	}
	return nil, &NotRunningError{Paths: paths, Err: errors.Join(reasons...)}
}

func dialOne(ctx context.Context, path string) (net.Conn, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	// A symlink of another user could lead to a socket of ours that is no
	// daemon's, where the peer's credentials look right.
	if owner := int(info.Sys().(*syscall.Stat_t).Uid); !mayConnect(owner, os.Geteuid()) {
		return nil, &ForeignError{Path: path, Owner: owner}
	}
	nc, err := new(net.Dialer).DialContext(ctx, "unix", path)
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
