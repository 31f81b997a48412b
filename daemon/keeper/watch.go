package keeper

import (
	"fmt"
	"os"
	"syscall"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

const (
	// hangAfter is how long a worker may stand still, where the service manager does not say.
	hangAfter = 45 * time.Second
	// chances is how often in that time it is looked whether it does. They are counted, not measured: after a pause of the whole machine
	// nobody is late.
	chances = 3
	// stackGrace is how long a worker has to write down where it hangs.
	stackGrace = 5 * time.Second
	// sendPatience is how long a worker may leave what it is told unread, once there is no room for more.
	sendPatience = 5 * time.Second
)

// watch is what the keeper knows of whether the worker lives.
type watch struct {
	system bool // the service manager watches the keeper
	tick   *time.Ticker
	able   bool // this worker answers pings
	asked  bool // and has not answered the last one yet
	missed int
	hung   bool             // it is on its way out for that
	kill   <-chan time.Time // when it is killed
}

// begin sets the pace: a third of what the service manager grants the keeper.
func (w *watch) begin() {
	limit, err := systemd.SdWatchdogEnabled(false)
	if err != nil {
		fmt.Fprintln(os.Stderr, "lsh keeper: read watchdog's time:", err)
	}
	w.system = limit > 0
	if limit <= 0 {
		limit = hangAfter
	}
	w.tick = time.NewTicker(limit / chances)
}

// next is for another worker.
func (w *watch) next() {
	w.able, w.asked, w.missed, w.hung, w.kill = false, false, 0, false, nil
}

// look tells the service manager that the keeper lives, and asks the worker whether it does. Only one that has come to be ready is
// asked: to take up a hundred thousand jobs takes time.
func (k *keeper) look() {
	if k.watch.system {
		_, _ = systemd.SdNotify(false, systemd.SdNotifyWatchdog) // a manager that is being replaced comes back
	}
	w := &k.watch
	switch {
	case !w.able || w.hung:
	case !w.asked:
		w.asked = true
		k.tell(Message{Kind: KindPing})
	case traced(k.worker): // a debugger holds it
	default:
		w.missed++
		if w.missed >= chances {
			k.replace("it has not answered")
		}
	}
}

// replace ends a worker that hangs: ABRT has it write down where, and it must be awake for that.
func (k *keeper) replace(why string) {
	if k.worker == 0 || k.watch.hung {
		return
	}
	fmt.Fprintf(os.Stderr, "lsh keeper: worker %d is replaced: %s\n", k.worker, why)
	k.watch.hung = true
	k.watch.kill = time.After(stackGrace)
	_ = syscall.Kill(k.worker, unix.SIGABRT) // one that has just ended is reaped in a moment
	_ = syscall.Kill(k.worker, unix.SIGCONT)
}

// kill ends a worker that has not heeded ABRT.
func (k *keeper) kill() {
	k.watch.kill = nil
	if k.worker != 0 {
		_ = syscall.Kill(k.worker, unix.SIGKILL)
	}
}

// tell says something to the worker. One that reads nothing must not make the keeper wait with it.
func (k *keeper) tell(m Message) {
	if err := k.link.sendWithin(sendPatience, m); os.IsTimeout(err) {
		k.replace("it reads nothing")
	}
}
