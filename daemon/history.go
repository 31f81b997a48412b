package daemon

import (
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/lsh-project/lsh/ipc"
)

// runsKept bounds the history, which lives in memory. The output file of a
// run goes with its record.
const runsKept = 10_000

// history keeps the records of runs, in progress and ended. Records are
// immutable: put replaces the one of the same run.
type history struct {
	mu    sync.RWMutex
	ids   []string // in the order in which the runs were admitted
	runs  map[string]kept
	limit int
}

// kept is a run's record and where its output is.
type kept struct {
	run    *ipc.Run
	output string
}

func newHistory() *history { return &history{runs: map[string]kept{}, limit: runsKept} }

// put keeps the newest record of a run.
func (h *history) put(run *ipc.Run, output string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.runs[run.ID]; !known {
		h.ids = append(h.ids, run.ID)
	}
	h.runs[run.ID] = kept{run, output}
	h.prune()
}

// prune drops the oldest ended runs beyond the limit. Runs in progress stay,
// however old.
func (h *history) prune() {
	over := len(h.ids) - h.limit
	if over < h.limit/10+1 { // in steps, since it walks the list
		return
	}
	h.ids = slices.DeleteFunc(h.ids, func(id string) bool {
		k := h.runs[id]
		if over <= 0 || k.run.EndedAt.IsZero() {
			return false
		}
		over--
		delete(h.runs, id)
		if k.output != "" {
			_ = os.Remove(k.output) // nothing names it any more
		}
		return true
	})
}

// find is the run of an id, or of an end of one that no other shares.
func (h *history) find(id string) (kept, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if k, ok := h.runs[id]; ok {
		return k, true
	}
	const enough = 4
	if len(id) < enough {
		return kept{}, false
	}
	var found kept
	for full, k := range h.runs {
		if !strings.HasSuffix(full, id) {
			continue
		}
		if found.run != nil {
			return kept{}, false
		}
		found = k
	}
	return found, found.run != nil
}

// list is a page of the runs that a filter takes, newest first, and the
// cursor of the next page.
func (h *history) list(after string, limit int, take func(*ipc.Run) bool) (runs []ipc.Run, next string) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	runs = []ipc.Run{}
	end := len(h.ids)
	if after != "" {
		end, _ = slices.BinarySearch(h.ids, after) // ids sort by time
	}
	for _, id := range slices.Backward(h.ids[:end]) {
		k := h.runs[id]
		if !take(k.run) {
			continue
		}
		if len(runs) == limit {
			return runs, runs[limit-1].ID
		}
		runs = append(runs, *current(k.run))
	}
	return runs, ""
}

// last is the newest run of a job.
func (h *history) last(job string) (kept, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, id := range slices.Backward(h.ids) {
		if k := h.runs[id]; k.run.Job == job {
			return k, true
		}
	}
	return kept{}, false
}
