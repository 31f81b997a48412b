package daemon

import (
	"os"
	"strconv"

	"github.com/coreos/go-systemd/v22/activation"
)

// socketName is what a service manager calls the daemon's listeners, see FileDescriptorName= in systemd.socket(5).
const socketName = "lshd"

// HandedSockets are the daemon's among the listeners that a service manager has handed to this process, or to the keeper at the
// other end of keeperFD, which hands them on. The variables that tell of them are unset.
func HandedSockets(keeperFD int, k *Keeper) []*os.File {
	const first = 3
	n, _ := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if k != nil && os.Getenv("LISTEN_PID") == strconv.Itoa(k.Pid()) && keeperFD >= first+n {
		_ = os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid())) // fails for a malformed name alone
	}
	var own []*os.File
	for _, f := range activation.Files(true) {
		if f.Name() == socketName {
			own = append(own, f)
			continue
		}
		f.Close()
	}
	return own
}
