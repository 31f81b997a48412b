package journal

import (
	"os"
	"sync"
	"time"
)

// syncWithin is how long after its write a batch that need not be durable at once may take to the disk.
const syncWithin = 100 * time.Millisecond

// syncer brings the write-ahead log to the disk a moment after it was written, beside the writer. What a burst writes
// in that moment shares one sync.
type syncer struct {
	path string // of the write-ahead log

	mu      sync.Mutex
	pending *time.Timer // nil when everything is on the disk, or on its way
	closed  bool
	wg      sync.WaitGroup
}

// soon has what was written until now on the disk within a moment.
func (s *syncer) soon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil && !s.closed {
		s.wg.Add(1)
		s.pending = time.AfterFunc(syncWithin, s.sync)
	}
}

func (s *syncer) sync() {
	defer s.wg.Done()
	s.mu.Lock()
	s.pending = nil // what is written from here on needs another
	s.mu.Unlock()
	f, err := os.Open(s.path)
	if err != nil {
		return // it has been moved into the database, which syncs
	}
	defer f.Close()
	_ = f.Sync() // a disk that cannot fails the next durable write, which tells
}

// close brings the rest to the disk at once.
func (s *syncer) close() {
	s.mu.Lock()
	s.closed = true
	now := s.pending != nil && s.pending.Stop()
	s.mu.Unlock()
	if now {
		s.sync()
	}
	s.wg.Wait()
}
