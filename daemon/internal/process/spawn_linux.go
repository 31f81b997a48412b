package process

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// forkShaped forks from a thread that has the umask and nice value of the run. Both are inherited over fork and belong to
// a thread here, once the thread has unshared its umask; the daemon's own are never touched, not even for an instant.
func forkShaped(s Spec, exe string, attr *syscall.ProcAttr) (pid int, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Never unlocked: the thread is spoilt for other goroutines and dies with this one.
		runtime.LockOSThread()
		pid, err = shapeAndFork(s, exe, attr)
	}()
	<-done
	return pid, err
}

func shapeAndFork(s Spec, exe string, attr *syscall.ProcAttr) (int, error) {
	argv := s.Argv
	if s.Umask != nil {
		switch err := unix.Unshare(unix.CLONE_FS); err {
		case nil:
			unix.Umask(int(*s.Umask))
		case unix.EPERM, unix.ENOSYS: // containers filter unshare
			exe, argv = wrapUmask(*s.Umask, exe, argv)
		default:
			return 0, &StartError{Op: OpUmask, Path: fmt.Sprintf("%04o", *s.Umask), Err: err}
		}
	}
	if s.Nice != nil {
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, *s.Nice); err != nil {
			return 0, niceError(*s.Nice, err)
		}
	}
	pid, err := syscall.ForkExec(exe, argv, attr)
	if err != nil {
		return 0, explain(s, exe, err)
	}
	return pid, nil
}

// settleNice gives the nice value to the run's autogroup too: by setsid the run has one of its own, and between autogroups
// only their nice values count. The kernel takes such a change ten times a second from other users than root, so it may
// have to be offered again.
func (h *Host) settleNice(p Proc, nice int) {
	if setAutogroup(p, nice) != syscall.EAGAIN {
		return
	}
	h.owned.Go(func() {
		const attempts = 50
		for range attempts {
			select {
			case <-h.quit:
				return
			case <-time.After(120 * time.Millisecond):
			}
			if setAutogroup(p, nice) != syscall.EAGAIN {
				return
			}
		}
		h.log.Debug("autogroup keeps its nice value", "run", p.ID, "pid", p.Pid)
	})
}

// setAutogroup answers EAGAIN when it is worth another try. Any other cause is no fault of the run: a kernel without
// autogroups, a /proc that is read-only, a run that has ended.
func setAutogroup(p Proc, nice int) error {
	if startTime(p.Pid) != p.StartTime {
		return nil
	}
	f, err := os.OpenFile("/proc/"+strconv.Itoa(p.Pid)+"/autogroup", os.O_WRONLY, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	if _, err := f.WriteString(strconv.Itoa(nice)); bare(err) == syscall.EAGAIN {
		return syscall.EAGAIN
	}
	return nil
}
