package process

import "golang.org/x/sys/unix"

// rlimitLocks is a limit that the kernel has not heeded since Linux 2.4, but keeps, hands down over fork and exec, and tells of the
// dead as well.
const rlimitLocks = 10

// setTag lets the processes that are forked from now on bear a tag. This process bears it as well.
func setTag(tag uint64) {
	var limit unix.Rlimit
	if unix.Prlimit(0, rlimitLocks, nil, &limit) != nil {
		return
	}
	limit.Cur = tag
	_ = unix.Prlimit(0, rlimitLocks, &limit, nil) // where somebody has bounded it, there is no tag
}
