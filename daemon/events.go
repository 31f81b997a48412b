package daemon

import (
	"sync"

	"github.com/lsh-project/lsh/ipc"
)

// eventsWaiting bounds what a subscriber may lag behind before it loses
// events. Losses show as a gap in Seq.
const eventsWaiting = 1024

// hub hands every event to those who listen. It never waits for them.
type hub struct {
	mu   sync.Mutex
	subs map[chan ipc.Event]string // the job, "" for all
}

func newHub() *hub { return &hub{subs: map[chan ipc.Event]string{}} }

// publish hands an event on.
func (h *hub) publish(e ipc.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch, job := range h.subs {
		if job != "" && job != e.Job {
			continue
		}
		select {
		case ch <- e:
		default: // it reads too slowly: a gap, not a stall
		}
	}
}

// subscribe listens until cancel is called.
func (h *hub) subscribe(job string) (events <-chan ipc.Event, cancel func()) {
	ch := make(chan ipc.Event, eventsWaiting)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[ch] = job
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, ch)
	}
}
