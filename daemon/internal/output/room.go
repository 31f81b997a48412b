package output

import (
	"os"

	"golang.org/x/sys/unix"
)

// fewBlocks is how many free blocks a file system must have to count as one with room: the last ones are often promised to
// somebody already.
const fewBlocks = 16

// Full tells whether there is no room for more in a file. Programs seldom notice that what they print is lost.
func Full(path string) bool {
	var fs unix.Statfs_t
	if unix.Statfs(path, &fs) != nil || fs.Blocks == 0 {
		return false // gone, or it does not count blocks
	}
	free := int64(fs.Bavail) // it is signed on some systems
	if os.Geteuid() == 0 {
		free = int64(fs.Bfree) // the reserve is root's
	}
	return free < fewBlocks
}
