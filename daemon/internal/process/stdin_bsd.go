//go:build darwin || freebsd

package process

import (
	"os"

	"golang.org/x/sys/unix"
)

func namelessFile() (int, error) {
	f, err := os.CreateTemp("", "lsh-stdin-")
	if err != nil {
		return -1, err
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return -1, err
	}
	return unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
}
