package watch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lease keeps writers out of file until release is called. It is not free when a writer has the file open. Where there
// are no leases (some file systems, files of other users), it is free and release does nothing.
//
// A writer that comes meanwhile waits in open(2) until the release, so the lease is held for one read and no longer. The
// kernel tells us of that writer by a signal: SIGURG instead of the usual SIGIO, because nobody dies of it.
func lease(file *os.File) (release func(), free bool) {
	fd := file.Fd()
	if _, err := unix.FcntlInt(fd, unix.F_SETSIG, int(unix.SIGURG)); err != nil {
		return func() {}, true
	}
	_, err := unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_RDLCK)
	switch {
	case err == nil:
		return func() { _, _ = unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_UNLCK) }, true
	case errors.Is(err, unix.EAGAIN):
		return nil, false
	}
	return func() {}, true
}
