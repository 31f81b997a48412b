package journal

import (
	"os"

	"golang.org/x/sys/unix"
)

// reserveRoom keeps room for a file, but no more than an eighth of what there is.
func reserveRoom(f *os.File, most int64) {
	var fs unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &fs) != nil {
		return
	}
	room := min(most, int64(fs.Bavail)*fs.Bsize/8)
	_ = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, room) // not every file system can
}
