// Package alarm wakes by the clock on the wall.
//
// Go's timers follow a clock that stands still while a laptop sleeps and that does not see the wall clock set. A slot at
// 02:30 is about the wall. On Linux the kernel is asked for it: a timer on CLOCK_REALTIME goes off at the instant itself,
// also right after a resume, and is cancelled when the clock is set, which is a reason to look as well. Elsewhere a sleep is short enough
// to notice either.
package alarm

import "time"

// Alarm is one timer by the wall clock. Set and Close belong to one goroutine.
type Alarm interface {
	// C gives a token when the time has come, and sometimes when it has not: look at the clock.
	C() <-chan struct{}
	// Set sets the time; zero: no time, a time that is past: at once.
	Set(at time.Time)
	// Close ends it.
	Close()
}

// LongestSleep bounds a sleep of the polling alarm.
const LongestSleep = 30 * time.Second

// Polling is the alarm of systems without a timer by the wall clock.
type Polling struct {
	timer *time.Timer
	c     chan struct{}
}

// NewPolling makes one.
func NewPolling() *Polling {
	p := &Polling{c: make(chan struct{}, 1)}
	p.timer = time.AfterFunc(LongestSleep, p.ring)
	return p
}

func (p *Polling) ring() {
	select {
	case p.c <- struct{}{}:
	default:
	}
}

// C is as Alarm says.
func (p *Polling) C() <-chan struct{} { return p.c }

// Set is as Alarm says.
func (p *Polling) Set(at time.Time) {
	sleep := LongestSleep
	if !at.IsZero() {
		sleep = max(0, min(LongestSleep, time.Until(at)))
	}
	p.timer.Reset(sleep)
}

// Close is as Alarm says.
func (p *Polling) Close() { p.timer.Stop() }
