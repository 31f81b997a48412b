package daemon

import (
	"container/heap"
	"time"
)

// wakes orders the jobs by when they are to be looked at again. There is one
// timer for all of them.
type wakes []*entry

func (w wakes) Len() int           { return len(w) }
func (w wakes) Less(i, j int) bool { return w[i].wakeAt.Before(w[j].wakeAt) }
func (w wakes) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].wakeIndex, w[j].wakeIndex = i, j
}

// Push is for package heap alone.
func (w *wakes) Push(x any) {
	e := x.(*entry)
	e.wakeIndex = len(*w)
	*w = append(*w, e)
}

// Pop is for package heap alone.
func (w *wakes) Pop() any {
	old := *w
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*w = old[:len(old)-1]
	e.wakeIndex = -1
	return e
}

// set moves e to its place for at; a zero time takes it out.
func (w *wakes) set(e *entry, at time.Time) {
	switch {
	case at.IsZero() && e.wakeIndex >= 0:
		heap.Remove(w, e.wakeIndex)
	case at.IsZero():
	case e.wakeIndex < 0:
		e.wakeAt = at
		heap.Push(w, e)
	case !e.wakeAt.Equal(at):
		e.wakeAt = at
		heap.Fix(w, e.wakeIndex)
	}
}

// due takes out a job whose time has come, nil when there is none.
func (w *wakes) due(now time.Time) *entry {
	if len(*w) == 0 || (*w)[0].wakeAt.After(now) {
		return nil
	}
	return heap.Pop(w).(*entry)
}

// first is when the first job is to be looked at; zero when there is none.
func (w wakes) first() time.Time {
	if len(w) == 0 {
		return time.Time{}
	}
	return w[0].wakeAt
}
