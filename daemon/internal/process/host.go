package process

import (
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// Host owns the child processes of this process. There must be one at a time, see the package's text.
type Host struct {
	log    *slog.Logger
	onExit func(Exit)
	born   uint64 // by the clock of Proc.StartTime: younger runs are children of this Host

	children chan os.Signal // SIGCHLD: some child may have ended
	quit     chan struct{}
	owned    sync.WaitGroup // the reaper, nice values still to be set, and the vigil
	vigil    vigil
	close    sync.Once

	forking sync.Mutex // see Start

	mu       sync.Mutex
	closed   bool
	starting *sync.WaitGroup    // starts begun since the reaper last waited for all of them
	leaders  map[int]Proc       // started and not reaped
	floors   map[int]int64      // of these: what their peak memory began with, see floor
	doors    map[int]func(Exit) // of these: who is told of the end in place of onExit
	leftover map[int]Proc       // leader reaped, group not empty when last looked at
}

// NewHost makes this process the owner of its descendants and starts the reaper.
//
// onExit is called from the reaper for every run that has no Spec.Ended of its own, one at a time, when its leader has ended and before it is reaped. The
// run is registered by then, but its Start may be about to return: onExit can come first. While onExit does not return,
// no other end is noticed.
func NewHost(log *slog.Logger, onExit func(Exit)) (*Host, error) {
	if err := setSubreaper(true); err != nil {
		return nil, fmt.Errorf("adopt orphans: %w", err)
	}
	closeOnExec()
	h := &Host{
		log: log, onExit: onExit, born: kernelClock(),
		children: make(chan os.Signal, 1), quit: make(chan struct{}),
		starting: new(sync.WaitGroup), leaders: map[int]Proc{}, floors: map[int]int64{}, doors: map[int]func(Exit){}, leftover: map[int]Proc{},
	}
	signal.Notify(h.children, syscall.SIGCHLD)
	h.owned.Go(h.reap)
	return h, nil
}

// Close stops the reaper; the processes go on, and fall to the next parent when this process ends. It waits for an
// onExit that is under way, so it must not be called by what that onExit waits for.
func (h *Host) Close() {
	h.close.Do(func() {
		h.mu.Lock()
		h.closed = true
		h.mu.Unlock()
		signal.Stop(h.children)
		close(h.quit)
	})
	h.owned.Wait()
	if err := setSubreaper(false); err != nil {
		h.log.Warn("orphans still come to this process", "err", err)
	}
}

// beginStart keeps the reaper from taking a child that is not registered yet for an orphan. The caller must call Done.
func (h *Host) beginStart() (*sync.WaitGroup, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, &StartError{Op: OpStart, Err: errClosed}
	}
	h.starting.Add(1)
	return h.starting, nil
}

// awaitStarts returns when every start that had begun has either registered its child or given up. Starts that begin
// later are not held up.
func (h *Host) awaitStarts() {
	h.mu.Lock()
	begun := h.starting
	h.starting = new(sync.WaitGroup)
	h.mu.Unlock()
	begun.Wait()
}
