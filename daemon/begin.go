package daemon

import (
	"fmt"
	"syscall"

	"github.com/lsh-project/lsh/daemon/keeper"
	"github.com/lsh-project/lsh/ipc"
)

// tellBegin tells that the daemon, or another worker of it, has begun, and how
// the worker before this one has ended.
func (d *Daemon) tellBegin() {
	k := d.options.Keeper
	if k == nil || k.Last() == nil {
		d.loop.emit(ipc.Event{Kind: "daemon.started", Message: fmt.Sprintf("the daemon started: pid %d, version %s", d.mainPid(), d.options.Version)})
		return
	}
	how := "made way"
	if k.Last().Code != keeper.ExitRestart {
		how = lastEnd(k.Last().Code, syscall.Signal(k.Last().Signal))
		if k.Hung() {
			how = "it stood still and was ended by the keeper"
		}
		d.log.Warn("worker before this one has ended", "pid", k.Last().Pid, "reason", how, "worker", k.Workers())
	}
	d.loop.emit(ipc.Event{Kind: "daemon.restarted", Message: fmt.Sprintf("worker %d has begun: pid %d, version %s; the one before it: %s", k.Workers(), d.pid, d.options.Version, how)})
}
