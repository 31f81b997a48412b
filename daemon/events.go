package daemon

import (
	"sync"
	"sync/atomic"

	"github.com/lsh-project/lsh/ipc"
)

// eventsWaiting bounds what is held for a subscriber that lags behind. The rest
// it reads from the journal.
const eventsWaiting = 1024

// hub hands every event to those who listen. It never waits for them.
type hub struct {
	mu   sync.Mutex
	subs map[*subscription]bool
}

// subscription is what one listener is told.
type subscription struct {
	job    string // "" for all
	events chan ipc.Event
	behind atomic.Bool // an event did not find room in events
}

func newHub() *hub { return &hub{subs: map[*subscription]bool{}} }

// publish hands an event on.
func (h *hub) publish(e ipc.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		if s.job != "" && s.job != e.Job {
			continue
		}
		select {
		case s.events <- e:
		default: // it reads too slowly: the loop does not wait for it
			s.behind.Store(true)
			select {
			case s.events <- e: // it has read all meanwhile, and would not see that it is behind
			default:
			}
		}
	}
}

// subscribe listens until cancel is called.
func (h *hub) subscribe(job string) (s *subscription, cancel func()) {
	s = &subscription{job: job, events: make(chan ipc.Event, eventsWaiting)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[s] = true
	return s, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, s)
	}
}
