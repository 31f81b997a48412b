package main

import (
	"errors"
	"os"
	"strconv"
	"strings"

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

// watchLimit is the kernel's, by name; 0 when it does not say.
func watchLimit(name string) int {
	text, err := os.ReadFile("/proc/sys/fs/inotify/" + name)
	if err != nil {
		return 0
	}
	limit, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return limit
}
