package main

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// watchTrouble tries what the daemon would do to hear of changes, and says which limit of inotify(7) keeps it from that; ""
// when none does.
func watchTrouble() string {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if errors.Is(err, unix.EMFILE) {
		return "fs.inotify.max_user_instances is used up"
	}
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	if _, err := unix.InotifyAddWatch(fd, os.TempDir(), unix.IN_ATTRIB); errors.Is(err, unix.ENOSPC) {
		return "fs.inotify.max_user_watches is used up"
	}
	return ""
}
