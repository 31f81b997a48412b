//go:build !linux

package daemon

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// bootID names this boot of the machine by its time.
func bootID() (string, error) {
	tv, err := unix.SysctlTimeval("kern.boottime")
	if err != nil {
		return "", err
	}
	return strconv.FormatInt(tv.Sec, 10), nil
}
