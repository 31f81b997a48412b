package process

import (
	"io"

	"golang.org/x/sys/unix"
)

// openStdin gives a descriptor that reads text and then ends. The text lies in a file without a name, so that nobody has to
// feed the run and it reads on when the daemon is gone.
func openStdin(text string) (int, error) {
	if text == "" {
		return open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC)
	}
	fd, err := namelessFile()
	if err != nil {
		return -1, err
	}
	if err := fill(fd, text); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func fill(fd int, text string) error {
	for rest := []byte(text); len(rest) > 0; {
		n, err := unix.Write(fd, rest)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	_, err := unix.Seek(fd, 0, io.SeekStart)
	return err
}
