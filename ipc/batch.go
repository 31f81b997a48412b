package ipc

import (
	"bytes"
	"context"
	"sync"
)

// replies collects the answers of a batch. They are sent as one array, in the
// order of the requests, when the last one is there; notifications leave
// none, and a batch of notifications alone is not answered.
type replies struct {
	link *link

	mu      sync.Mutex
	left    int
	size    int
	answers [][]byte // nil: none
	after   []func(context.Context)
}

// add is the answer of one request of the batch; a nil batch ignores the end
// of a notification that was alone.
func (r *replies) add(place int, line []byte, after []func(context.Context)) {
	if r == nil {
		return
	}
	if !r.keep(place, line, after) {
		return
	}
	all := make([][]byte, 0, len(r.answers))
	for _, a := range r.answers {
		if a != nil {
			all = append(all, a)
		}
	}
	if len(all) > 0 {
		array := append([]byte{'['}, bytes.Join(all, []byte{','})...)
		r.link.send(append(array, ']'))
	}
	r.link.goAll(r.after)
}

// keep reports whether this was the last.
func (r *replies) keep(place int, line []byte, after []func(context.Context)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[place] = line
	r.size += len(line)
	r.after = append(r.after, after...)
	r.left--
	return r.left == 0
}
