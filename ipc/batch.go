package ipc

import (
	"bytes"
	"context"
	"encoding/json"
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

func newReplies(l *link, n int) *replies {
	return &replies{link: l, left: n, answers: make([][]byte, n)}
}

// add is the answer of one request of the batch; nil when it has none.
func (r *replies) add(ctx context.Context, place int, id json.RawMessage, line []byte, after []func(context.Context)) {
	if !r.keep(place, id, line, after) {
		return
	}
	var all [][]byte
	for _, a := range r.answers {
		if a != nil {
			all = append(all, a)
		}
	}
	if len(all) > 0 {
		array := append([]byte{'['}, bytes.Join(all, []byte{','})...)
		r.link.send(ctx, append(array, ']'))
	}
	r.link.goAll(r.after)
}

// keep reports whether this was the last. A batch can ask for far more than
// it weighs itself: what is over the limit is answered as busy.
func (r *replies) keep(place int, id json.RawMessage, line []byte, after []func(context.Context)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.size+len(line) > batchAnswers {
		line = encodeError(id, Errorf(CodeBusy, "the answers of the batch are too large").WithHint("ask in smaller batches"))
		after = nil
	}
	r.answers[place] = line
	r.size += len(line)
	r.after = append(r.after, after...)
	r.left--
	return r.left == 0
}
