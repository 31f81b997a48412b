package daemon

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// counts are what the metrics count from the worker's start on. To count is an
// addition in place: nothing of it is made, and nobody is waited for.
type counts struct {
	started  atomic.Int64 // runs
	ended    tallies      // runs, by the state in which they ended
	outcomes tallies      // of slots
	reloads  tallies      // by result
	duration histogram    // of runs
	lateness histogram    // of the runs of slots
	commit   histogram    // of the journal
	failures atomic.Int64 // of commits
}

func newCounts() *counts {
	return &counts{
		ended: newTallies(ipc.RunEnds()), outcomes: newTallies(ipc.Outcomes()), reloads: newTallies(ipc.ReloadResults()),
		duration: newHistogram(100*time.Millisecond, time.Second, 10*time.Second, time.Minute, 5*time.Minute, 30*time.Minute, time.Hour, 6*time.Hour, day),
		lateness: newHistogram(10*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond, 500*time.Millisecond, time.Second, 5*time.Second,
			30*time.Second, time.Minute, 10*time.Minute, time.Hour),
		commit: newHistogram(time.Millisecond, 5*time.Millisecond, 10*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond, 500*time.Millisecond,
			time.Second, 10*time.Second),
	}
}

const day = 24 * time.Hour

// committed takes in one write of the journal.
func (c *counts) committed(took time.Duration, err error) {
	if err != nil {
		c.failures.Add(1)
		return
	}
	c.commit.observe(took)
}

// tallies count by a word of a short list.
type tallies struct {
	words []string
	n     []atomic.Int64
}

func newTallies(words []string) tallies { return tallies{words, make([]atomic.Int64, len(words))} }

func (t *tallies) add(word string, n int) {
	if i := slices.Index(t.words, word); i >= 0 {
		t.n[i].Add(int64(n))
	}
}

// read is every word with its count, also those that have none.
func (t *tallies) read() map[string]int64 {
	all := make(map[string]int64, len(t.words))
	for i, word := range t.words {
		all[word] = t.n[i].Load()
	}
	return all
}

// histogram counts durations by how long they are.
type histogram struct {
	limits []time.Duration
	n      []atomic.Int64 // one more than limits: what is longer than all
	sum    atomic.Int64   // nanoseconds
}

func newHistogram(limits ...time.Duration) histogram {
	return histogram{limits: limits, n: make([]atomic.Int64, len(limits)+1)}
}

func (h *histogram) observe(d time.Duration) {
	i := 0
	for i < len(h.limits) && d > h.limits[i] {
		i++
	}
	h.n[i].Add(1)
	h.sum.Add(int64(d))
}

// read is h on the wire. Its count is that of its buckets, also when something is counted meanwhile.
func (h *histogram) read() ipc.Histogram {
	w := ipc.Histogram{Sum: ipc.Seconds(time.Duration(h.sum.Load()).Seconds())}
	for i, limit := range h.limits {
		w.Count += h.n[i].Load()
		w.Buckets = append(w.Buckets, ipc.Bucket{UpTo: ipc.Seconds(limit.Seconds()), Count: w.Count})
	}
	w.Count += h.n[len(h.limits)].Load()
	return w
}
