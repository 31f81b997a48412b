package main

import (
	"errors"

	"golang.org/x/sys/unix"
)

// watchTrouble tries what a daemon does to hear of changes in directories, and says which limit of inotify(7) keeps it from that; ""
// when none does.
func watchTrouble(dirs []string) string {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if errors.Is(err, unix.EMFILE) {
		return "fs.inotify.max_user_instances is used up"
	}
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	for _, dir := range dirs {
		if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_ATTRIB); errors.Is(err, unix.ENOSPC) {
			return "fs.inotify.max_user_watches is used up"
		}
	}
	return ""
}
