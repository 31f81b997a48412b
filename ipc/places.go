package ipc

import (
	"context"
	"sync"
	"time"
)

// places are for what one connection may have in progress. The reader takes
// them, whoever is done gives them back.
type places struct {
	most      int
	mostBytes int
	total     *budget       // of the bytes, for all connections
	freed     chan struct{} // holds one when a place was given back
	crowded   bool          // the reader has waited in vain since there was a place

	mu    sync.Mutex
	taken int
	bytes int
}

func newPlaces(most, mostBytes int, total *budget) *places {
	return &places{most: most, mostBytes: mostBytes, total: total, freed: make(chan struct{}, 1)}
}

// take waits for a place, but not for long: the connection has to be read for
// its end to be seen. Once it has waited in vain it does not wait again
// before there was a place: a thousand requests more would make it a thousand
// times as long.
func (p *places) take(ctx context.Context, bytes int) (ok bool) {
	defer func() { p.crowded = !ok }()
	if p.try(bytes) {
		return true
	}
	if p.crowded {
		return false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	again := time.NewTicker(patience / 50) // others' places are not announced here
	defer again.Stop()
	for {
		select {
		case <-p.freed:
		case <-again.C:
		case <-timer.C:
			return false
		case <-ctx.Done():
			return false
		}
		if p.try(bytes) {
			return true
		}
	}
}

// try takes a place if there is one. Something alone is never too large.
func (p *places) try(bytes int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.taken == 0:
		p.total.add(bytes)
	case p.taken >= p.most || p.bytes+bytes > p.mostBytes || !p.total.take(bytes):
		return false
	}
	p.taken++
	p.bytes += bytes
	return true
}

// give gives a place back.
func (p *places) give(bytes int) {
	p.mu.Lock()
	p.taken--
	p.bytes -= bytes
	p.mu.Unlock()
	p.total.add(-bytes)
	select {
	case p.freed <- struct{}{}:
	default:
	}
}
