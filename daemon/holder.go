package daemon

import (
	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/lock"
)

// Holder is the pid of the daemon that holds the locks at paths, whether it answers or not; 0 when there is
// none, or it has not said.
func Holder(paths config.Paths) int {
	pid, _ := lock.Holder(paths.PidFile, paths.StateDir)
	return pid
}
