package daemon

import (
	"errors"
	"os"
	"slices"
	"strconv"

	"github.com/lsh-project/lsh/daemon/internal/helm"
	"github.com/lsh-project/lsh/daemon/keeper"
)

// Keeper is the link to the parent that outlives this process.
type Keeper = helm.Helm

// KeeperHandler is told what the keeper says.
type KeeperHandler = helm.Handler

// AttachKeeper takes over the descriptor of the link.
func AttachKeeper(fd int) (*Keeper, error) { return helm.Attach(fd) }

// ErrRestart is what Run returns when the keeper is to start another worker.
var ErrRestart = errors.New("another worker is to take over")

// ExitRestart is the exit code that tells the keeper so.
const ExitRestart = keeper.ExitRestart

// listenToKeeper has the keeper hold what must not lapse, and takes in what it tells.
func (d *Daemon) listenToKeeper() {
	k := d.options.Keeper
	if k == nil {
		return
	}
	d.hold()
	k.Listen(helm.Handler{
		Signal: d.options.Signal,
		End: func(r keeper.Record, offset int64) {
			d.box.post(func(l *loop) { l.orphaned(exitOf(r), r.Start, offset) })
		},
		Ping: func() { d.box.post(func(l *loop) { l.later(d.options.Keeper.Pong) }) },
		Gone: d.keeperLost,
	})
}

// hold gives the keeper the locks and the record of ends.
func (d *Daemon) hold() {
	k := d.options.Keeper
	if k == nil || d.keeperGone.Load() {
		return
	}
	files := d.lock.Files()
	if d.held != nil && slices.Equal(d.held, files) {
		return
	}
	if err := k.Hold(append(slices.Clone(files), d.ends)...); err != nil {
		d.log.Warn("tell keeper", "err", err)
		return
	}
	d.held = files
}

// keeperLost goes on without the keeper. Under systemd, which knows the keeper as the service, the worker makes way for both
// to be started anew.
func (d *Daemon) keeperLost() {
	d.keeperGone.Store(true)
	d.log.Error("keeper is gone")
	d.lock.Resign(d.pid)
	if os.Getenv("SYSTEMD_EXEC_PID") == strconv.Itoa(d.options.Keeper.Pid()) {
		d.box.post(func(l *loop) { l.depart("the keeper is gone; the service manager starts both anew") })
	}
}
