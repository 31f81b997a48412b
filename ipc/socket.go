package ipc

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// SocketFile is a listener and its file. It is a net.Listener.
type SocketFile struct {
	*net.UnixListener
	path  string
	file  fileID
	close func() error
	given bool // the file is somebody else's to remove
}

// fileID tells a file from another that is later made at its path.
type fileID struct{ dev, ino uint64 }

// SquattedError says that something that must not be removed stands where a
// socket is to be.
type SquattedError struct {
	Path  string
	Owner int    // uid
	Kind  string // socket, symlink, fifo, directory, file or device
}

func (e *SquattedError) Error() string {
	return fmt.Sprintf("listen on %s: a %s of uid %d is there", e.Path, e.Kind, e.Owner)
}

// Hint is the next thing to type.
func (e *SquattedError) Hint() string { return "look at it: ls -ld " + e.Path }

// Listen makes a socket at an absolute path that only its owner can connect
// to, from its first moment on. A missing parent directory is made, for the
// owner alone. A socket of ours that is there is taken for a stale one and
// removed: the caller holds the lock that makes it so. Anything else is left
// alone and is a *SquattedError. A directory is refused in which others could
// put something in the socket's place.
func Listen(path string) (*SocketFile, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	if err := checkDir(path, filepath.Dir(path)); err != nil {
		return nil, err
	}
	if err := clearWay(path); err != nil {
		return nil, err
	}
	ln, err := bindPrivate(context.Background(), path)
	if errors.Is(err, unix.EADDRINUSE) { // planted since
		if squatted := clearWay(path); squatted != nil {
			return nil, squatted
		}
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	ln.SetUnlinkOnClose(false) // it would remove whatever is there by then
	id, err := identify(path)
	if err != nil {
		ln.Close()
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	s := &SocketFile{UnixListener: ln, path: path, file: id}
	s.close = sync.OnceValue(s.remove)
	return s, nil
}

// Path is where the socket is.
func (s *SocketFile) Path() string { return s.path }

// StillThere reports whether the path still leads to this socket: cleaners of
// /tmp remove sockets that nobody has touched for days.
func (s *SocketFile) StillThere() bool {
	id, err := identify(s.path)
	return err == nil && id == s.file
}

// Close ends the listener and removes its file, unless the path leads
// elsewhere by now. Further calls do nothing.
func (s *SocketFile) Close() error { return s.close() }

// remove unlinks first: while the socket is open its inode cannot be another's.
func (s *SocketFile) remove() error {
	var err error
	if !s.given && s.StillThere() {
		err = os.Remove(s.path)
	}
	return errors.Join(err, s.UnixListener.Close())
}

// checkPath refuses what the kernel would cut short or take for something
// else: a leading @ names an abstract socket, which has no owner and no mode.
func checkPath(path string) error {
	if !filepath.IsAbs(path) {
		return hinted(fmt.Sprintf("listen on %q: the path is not absolute", path), "set LSH_SOCKET to a path that begins with /")
	}
	most := len(unix.RawSockaddrUnix{}.Path) - 1
	if len(path) > most {
		return hinted(fmt.Sprintf("listen on %s: the path has %d bytes, a socket's at most %d", path, len(path), most),
			"set LSH_SOCKET to a shorter one")
	}
	return nil
}

// checkDir refuses a directory in which others may rename and remove what is
// not theirs: one of theirs, or one that all may write to, other than /tmp
// with its sticky bit.
func checkDir(path, dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", path, err)
	}
	const forAll, sticky = 0o002, fs.ModeSticky
	if owner := int(info.Sys().(*syscall.Stat_t).Uid); !mayConnect(owner, os.Geteuid()) {
		return hinted(fmt.Sprintf("listen on %s: its directory is uid %d's", path, owner), "look at it: ls -ld "+dir)
	}
	if info.Mode()&forAll != 0 && info.Mode()&sticky == 0 {
		return hinted(fmt.Sprintf("listen on %s: everybody may write to its directory", path), "chmod o-w "+dir)
	}
	return nil
}

// clearWay removes a stale socket of ours.
func clearWay(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", path, err)
	}
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	if info.Mode().Type() != fs.ModeSocket || owner != os.Geteuid() {
		return &SquattedError{Path: path, Owner: owner, Kind: kindOf(info.Mode())}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("listen on %s: %w", path, err)
	}
	return nil
}

func identify(path string) (fileID, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return fileID{}, err
	}
	st := info.Sys().(*syscall.Stat_t)
	return fileID{uint64(st.Dev), st.Ino}, nil
}

func kindOf(mode fs.FileMode) string {
	switch mode.Type() {
	case fs.ModeSocket:
		return "socket"
	case fs.ModeSymlink:
		return "symlink"
	case fs.ModeNamedPipe:
		return "fifo"
	case fs.ModeDir:
		return "directory"
	case 0:
		return "file"
	default:
		return "device"
	}
}
