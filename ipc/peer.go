package ipc

import (
	"context"
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// Peer is the process at the other end.
type Peer struct {
	UID     int
	Pid     int    // 0 when it cannot be told
	Command string // its arguments, at most 200 characters; "" when they cannot be told
}

// PeerFrom is the client of the request whose handler runs with ctx; the zero
// Peer with any other context. It reads the client's command line when it is
// first asked.
func PeerFrom(ctx context.Context) Peer {
	c := ConnFrom(ctx)
	if c == nil {
		return Peer{}
	}
	return Peer{UID: c.link.who.uid, Pid: c.link.who.pid, Command: c.link.name()}
}

// credentials are what the kernel says of a peer.
type credentials struct{ uid, pid int }

// mayConnect is the rule for both sides: one's own user, and root.
func mayConnect(uid, self int) bool { return uid == self || uid == 0 }

func peerOf(nc net.Conn) (credentials, error) {
	who := credentials{uid: -1}
	err := control(nc, func(fd int) (err error) {
		who, err = credentialsOf(fd)
		return err
	})
	return who, err
}

// hungUp reports whether the other side has closed the connection altogether,
// not only its sending half.
func hungUp(nc net.Conn) bool {
	var gone bool
	err := control(nc, func(fd int) error {
		look := []unix.PollFd{{Fd: int32(fd)}}
		_, err := unix.Poll(look, 0)
		gone = look[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0
		return err
	})
	return gone || err != nil && !errors.Is(err, unix.EINTR)
}

func control(nc net.Conn, f func(fd int) error) error {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return errors.New("connection is not a socket")
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}
