package output

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// punch gives the room of a part of a file back. It reads as zeros from then on.
func punch(f *os.File, from, length int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, from, length)
		switch {
		case err == unix.EINTR:
			continue
		case errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS):
			return ErrNoHoles
		}
		return err
	}
}
