package daemon

import "sync"

// mailbox is the one way into the loop. It is unbounded, since neither the
// reaper nor a request may wait for a turn that waits for them.
type mailbox struct {
	mu     sync.Mutex
	items  []func(*loop)
	closed bool
	wake   chan struct{} // holds one token while items wait
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// post leaves f for the next turn. It tells whether a turn will come.
func (m *mailbox) post(f func(*loop)) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.items = append(m.items, f)
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return true
}

// do has f done within a turn, and returns once what it did is published.
// It tells whether there was a turn.
func (m *mailbox) do(f func(*loop)) bool {
	done := make(chan struct{})
	posted := m.post(func(l *loop) {
		f(l)
		l.later(func() { close(done) })
	})
	if posted {
		<-done
	}
	return posted
}

// take empties the box.
func (m *mailbox) take() []func(*loop) {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items = nil
	return items
}

// close refuses what is posted from now on, and gives back what waits.
func (m *mailbox) close() []func(*loop) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	items := m.items
	m.items = nil
	return items
}
