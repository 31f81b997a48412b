//go:build !linux

package daemon

import (
	"fmt"
	"io/fs"
	"syscall"
	"time"
)

// inode is when a file's inode last changed, and which it is.
func inode(info fs.FileInfo) (changed time.Time, id string) {
	st := info.Sys().(*syscall.Stat_t)
	return time.Unix(st.Ctimespec.Unix()), fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}
