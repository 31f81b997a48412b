//go:build !linux

package daemon

import (
	"syscall"
	"time"
)

// changeTime is when an inode last changed.
func changeTime(st *syscall.Stat_t) time.Time { return time.Unix(st.Ctimespec.Unix()) }
