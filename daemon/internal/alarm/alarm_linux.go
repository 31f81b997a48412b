package alarm

import (
	"errors"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// clock is an alarm of the kernel's.
type clock struct {
	file *os.File
	fd   int
	c    chan struct{}
	last time.Time
	wg   sync.WaitGroup
}

// New makes an alarm.
func New() Alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return NewPolling()
	}
	a := &clock{file: os.NewFile(uintptr(fd), "timerfd"), fd: fd, c: make(chan struct{}, 1)}
	a.wg.Go(a.wait)
	return a
}

// wait hands on what the kernel tells, through the runtime's poller: it costs no thread.
func (a *clock) wait() {
	var buf [8]byte
	for {
		_, err := a.file.Read(buf[:])
		if err != nil && !errors.Is(err, unix.ECANCELED) {
			return // closed
		}
		a.ring()
	}
}

func (a *clock) ring() {
	select {
	case a.c <- struct{}{}:
	default:
	}
}

func (a *clock) C() <-chan struct{} { return a.c }

// far is when an alarm without a time goes off: set it must be, for only then a set clock is noticed.
const far = 100 * 365 * 24 * time.Hour

func (a *clock) Set(at time.Time) {
	if at.IsZero() {
		if !a.last.IsZero() && time.Until(a.last) > far/2 {
			return
		}
		at = time.Now().Add(far)
	}
	if at.Equal(a.last) && time.Until(at) > 0 {
		return
	}
	a.last = at
	// A time of zero would disarm it.
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(max(1, at.UnixNano()))}
	for {
		switch unix.TimerfdSettime(a.fd, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &spec, nil) {
		case unix.EINTR:
			continue
		case unix.ECANCELED: // the clock was set since the last look; the timer is set all the same
			a.ring()
		}
		return
	}
}

func (a *clock) Close() {
	a.file.Close()
	a.wg.Wait()
}
