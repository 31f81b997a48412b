package process

import (
	"errors"
	"syscall"
	"time"
)

// ending is a dead child: on Linux not reaped yet, elsewhere already gone.
type ending struct {
	pid       int
	code      int
	signal    syscall.Signal
	cpu       time.Duration
	maxRSS    int64
	survivors bool
}

// reap is the reaper. SIGCHLD says "look again" and nothing more: signals merge, so each look takes all there is.
// The first look is for what ended before anybody listened. A wait that blocks would need no signal, but nothing could
// wake it for Close.
func (h *Host) reap() {
	for {
		h.reapEnded()
		select {
		case <-h.children:
		case <-h.quit:
			return
		}
	}
}

func (h *Host) reapEnded() {
	for {
		select {
		case <-h.quit:
			return
		default:
		}
		end, ok := observe()
		if !ok {
			return
		}
		h.settle(end)
	}
}

// settle tells of one end and then reaps it. A child that no run knows is an orphan of a run that was started here: it is
// reaped without a word.
func (h *Host) settle(end ending) {
	p, least, known := h.leader(end.pid)
	if !known {
		h.awaitStarts()
		p, least, known = h.leader(end.pid)
	}
	if end.maxRSS <= least {
		end.maxRSS = 0
	}
	if known {
		h.doorOf(p)(Exit{
			ID: p.ID, Pid: p.Pid, Code: end.code, Signal: end.signal, Ended: time.Now(),
			CPU: end.cpu, MaxRSS: end.maxRSS, Survivors: end.survivors,
		})
	}
	// Under the lock, so that a signal on its way to this group cannot meet a stranger with the same number.
	h.mu.Lock()
	defer h.mu.Unlock()
	bury(end.pid)
	if known {
		delete(h.leaders, end.pid)
		delete(h.floors, end.pid)
		delete(h.doors, end.pid)
		h.leftover[end.pid] = p
	}
	for pgid := range h.leftover {
		if !groupExists(pgid) {
			delete(h.leftover, pgid)
		}
	}
}

func (h *Host) leader(pid int) (p Proc, floor int64, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, known = h.leaders[pid]
	return p, h.floors[pid], known
}

// doorOf is who is told of a run's end.
func (h *Host) doorOf(p Proc) func(Exit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ended := h.doors[p.Pid]; ended != nil {
		return ended
	}
	return h.onExit
}

// groupExists tells whether the group has any member, dead ones that nobody has reaped included.
func groupExists(pgid int) bool {
	return !errors.Is(syscall.Kill(-pgid, 0), syscall.ESRCH)
}
