// Package ownfile opens files at paths that others may have prepared, such as
// those in /tmp, and tells whose is what stands in the way.
package ownfile

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// Open opens a file at a path that others may have prepared. It follows
// no link, waits for no pipe's other end, and answers only with a regular
// file of ours that has no second name: writing to anything else could
// damage what the link's maker chose.
func Open(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, Explain(path, err)
	}
	if err := checkOwn(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func checkOwn(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if owner := Owner(info); owner != os.Geteuid() {
		return fmt.Errorf("it belongs to %s", UserName(owner))
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("it is %s", Kind(info.Mode()))
	}
	if n := linksOf(info); n != 1 {
		return fmt.Errorf("it has %d names (hard links)", n)
	}
	return nil
}

// Explain says what is in the way at path, and whose it is, where the
// system's own words ("too many levels of symbolic links") would not.
func Explain(path string, err error) error {
	cause := err
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		cause = pathErr.Err
	}
	info, statErr := os.Lstat(path)
	if statErr != nil || (info.Mode().IsRegular() && Owner(info) == os.Geteuid()) {
		return cause
	}
	return &inTheWayError{fmt.Sprintf("it is %s of %s", Kind(info.Mode()), UserName(Owner(info))), cause}
}

// Kind is a file's mode in words.
func Kind(m os.FileMode) string {
	switch {
	case m.IsRegular():
		return "a file"
	case m.IsDir():
		return "a directory"
	case m&os.ModeSymlink != 0:
		return "a symbolic link"
	case m&os.ModeNamedPipe != 0:
		return "a named pipe"
	case m&os.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// Owner is the uid of a file's owner.
func Owner(info os.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

func linksOf(info os.FileInfo) uint64 { return uint64(info.Sys().(*syscall.Stat_t).Nlink) }

// UserName is a user in words.
func UserName(uid int) string {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return fmt.Sprintf("uid %d", uid)
	}
	return "user " + u.Username
}

// IsAt tells whether path still names the open file f.
func IsAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(open, named)
}

// inTheWayError says in words what the system's error says in its own.
type inTheWayError struct {
	text  string
	cause error
}

func (e *inTheWayError) Error() string { return e.text }

func (e *inTheWayError) Unwrap() error { return e.cause }
