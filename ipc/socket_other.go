//go:build !linux

package ipc

import (
	"context"
	"net"
	"os"
)

// bindPrivate binds, then takes the others' permissions away. Who connects in
// between is turned away by its credentials.
func bindPrivate(ctx context.Context, path string) (*net.UnixListener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		ln.Close()
		return nil, err
	}
	return ln.(*net.UnixListener), nil
}
