package keeper

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// firstSocket is the descriptor that the first listener from the service manager has, see sd_listen_fds(3).
const firstSocket = 3

// handed counts the listeners that the service manager has handed to this process.
func handed() int {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return 0
	}
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || n < 0 {
		return 0
	}
	for fd := firstSocket; fd < firstSocket+n; fd++ {
		unix.CloseOnExec(fd)
	}
	return n
}
