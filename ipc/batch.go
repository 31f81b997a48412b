package ipc

import (
	"context"
	"encoding/json"
	"slices"
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
	if answers := slices.DeleteFunc(r.answers, func(a []byte) bool { return a == nil }); len(answers) > 0 {
		array := joined(answers)
		r.answers = nil
		r.send(ctx, array)
	}
	r.link.batches.give(0)
	r.link.goAll(r.after)
}

// send queues all the answers in the place of what is reserved for each.
func (r *replies) send(ctx context.Context, array []byte) {
	if r.link.out.wait(ctx, 0) == nil {
		r.link.queue(func(o *outbox) (bool, error) { return o.put(array, r.size) })
	}
}

// keep reports whether this was the last. A batch can ask for far more than
// it weighs itself: what is over the limit is answered as busy.
func (r *replies) keep(place int, id json.RawMessage, line []byte, after []func(context.Context)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if line != nil {
		kept := r.size+len(line) <= batchAnswers
		if kept {
			line, kept = r.link.afford(request{id: id}, line)
		} else {
			line = encodeError(id, Errorf(CodeBusy, "the answers of the batch are too large").WithHint("ask in smaller batches"))
			r.link.out.reserve(len(line))
		}
		if !kept {
			after = nil
		}
		r.answers[place] = line
		r.size += len(line)
	}
	r.after = append(r.after, after...)
	r.left--
	return r.left == 0
}

// joined is the array of some answers.
func joined(answers [][]byte) []byte {
	size := len(answers) + 2 // commas, brackets and a newline
	for _, a := range answers {
		size += len(a)
	}
	array := append(make([]byte, 0, size), '[')
	for i, a := range answers {
		if i > 0 {
			array = append(array, ',')
		}
		array = append(array, a...)
	}
	return append(array, ']')
}
