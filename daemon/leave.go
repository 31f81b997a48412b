package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// leavePatience is how long a start that is under way is waited for. The next
// worker finds the process by its mark when it comes to be after that.
const leavePatience = 5 * time.Second

// depart begins the end of this worker, not of the daemon: what runs goes on,
// what waits goes on waiting, and the next worker takes both up.
func (l *loop) depart(why string) {
	if l.leaving || l.shutdown {
		return
	}
	l.leaving, l.leaveBy = true, l.now.Add(leavePatience)
	l.log.Info("worker leaves", "running", len(l.live), "reason", why)
	l.emit(ipc.Event{Kind: "daemon.restarting", Message: why})
}

// left tells whether nothing keeps this worker any more.
func (l *loop) left() bool {
	return l.leaving && (l.starting == 0 || !l.now.Before(l.leaveBy))
}

// restart puts a new worker in the place of this one.
func (d *Daemon) restart(_ context.Context, _ ipc.RestartParams) (ipc.RestartResult, error) {
	k := d.describeKeeper()
	if k.State != ipc.KeeperPresent {
		return ipc.RestartResult{}, ipc.Errorf(ipc.CodeRefused, "restart the daemon: it runs without a keeper, so that running jobs would be lost sight of").
			WithHint("lsh daemon stop, then lsh daemon start")
	}
	if err := executable(d.options.Program); err != nil {
		return ipc.RestartResult{}, ipc.Errorf(ipc.CodeRefused, "restart the daemon: %s, which the keeper would start, %s", d.options.Program, err).
			WithHint("put it back; or lsh daemon stop, then lsh daemon start, which ends running jobs")
	}
	if s := d.journal.State(); s.Exposed > 0 {
		return ipc.RestartResult{}, ipc.Errorf(ipc.CodeRefused, "restart the daemon: its journal cannot be written: %s", s.Reason).
			WithHint("make room first; what is in memory is written then")
	}
	result := ipc.RestartResult{KeeperPid: k.Pid, WorkerPid: d.pid, Workers: k.Workers}
	if !d.box.do(func(l *loop) { l.depart("a restart was asked for") }) {
		return result, stopping()
	}
	return result, nil
}

// describeKeeper is the keeper as status shows it.
func (d *Daemon) describeKeeper() ipc.Keeper {
	k := d.options.Keeper
	switch {
	case k == nil:
		return ipc.Keeper{State: ipc.KeeperNone}
	case d.keeperGone.Load():
		return ipc.Keeper{State: ipc.KeeperGone}
	}
	return ipc.Keeper{State: ipc.KeeperPresent, Pid: k.Pid(), Workers: k.Workers()}
}

// mainPid is the pid by which people know the daemon: its keeper's, which stays when the worker is replaced.
func (d *Daemon) mainPid() int {
	if k := d.describeKeeper(); k.State == ipc.KeeperPresent {
		return k.Pid
	}
	return d.pid
}

// executable tells why the program at path cannot be started; of "" it cannot tell.
func executable(path string) error {
	if path == "" {
		return nil
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("is there no more")
	case err != nil:
		return fmt.Errorf("cannot be looked at: %w", err)
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return errors.New("is no program")
	}
	return nil
}
