package process

import (
	"sync"
	"time"
)

// watchEvery is how often a process that is no child of ours is looked for.
const watchEvery = 200 * time.Millisecond

// Lives tells whether the run of an earlier Host is still there, dead but not reaped included: then its end is still to
// be told by whoever is its parent now.
func (h *Host) Lives(p Proc) bool {
	return p.Pid > 1 && p.StartTime != 0 && startTime(p.Pid) == p.StartTime
}

// vigil watches runs of an earlier Host. It looks every now and then: the kernel tells the end of a process to its parent
// only, and what works everywhere is this.
type vigil struct {
	mu    sync.Mutex
	gone  map[Proc]func()
	looks bool // a goroutine does
}

// Watch has gone called once, from a goroutine of the Host, when the run of an earlier Host is no more. How it ended is
// not known here.
func (h *Host) Watch(p Proc, gone func()) {
	p.OutputErr = nil // a Proc is a key
	h.vigil.mu.Lock()
	defer h.vigil.mu.Unlock()
	if h.vigil.gone == nil {
		h.vigil.gone = map[Proc]func(){}
	}
	h.vigil.gone[p] = gone
	if !h.vigil.looks {
		h.vigil.looks = true
		h.owned.Go(h.keepVigil)
	}
}

// keepVigil ends when nobody is left to watch.
func (h *Host) keepVigil() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.quit:
			return
		case <-tick.C:
		}
		for _, gone := range h.missing() {
			gone()
		}
		if h.vigilOver() {
			return
		}
	}
}

func (h *Host) missing() []func() {
	h.vigil.mu.Lock()
	defer h.vigil.mu.Unlock()
	var all []func()
	for p, gone := range h.vigil.gone {
		if !h.Lives(p) {
			delete(h.vigil.gone, p)
			all = append(all, gone)
		}
	}
	return all
}

func (h *Host) vigilOver() bool {
	h.vigil.mu.Lock()
	defer h.vigil.mu.Unlock()
	h.vigil.looks = len(h.vigil.gone) > 0
	return !h.vigil.looks
}
