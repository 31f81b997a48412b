package mirror

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

const (
	// batchRows and batchBytes bound what goes in one call, so that no call takes long and none is too large for a pooler.
	batchRows  = 500
	batchBytes = 1 << 20
	// window is how many changes are looked at to find the rows of a batch: of a row that has changed several times within, only the
	// last counts.
	window = 8 * batchRows
	// rowBytes is what a row takes besides its longest texts.
	rowBytes = 600
	// tailBytes is the most that is sent of an output.
	tailBytes = 16 << 10
)

// point is how far the host's rows have been applied.
type point struct{ change, event int64 }

// keyed is a row that has changed, and its last change within the window.
type keyed struct {
	journal.Change
	slot   journal.SlotKey
	number int
}

// queue are rows that were found changed and wait to be sent.
type queue struct {
	from int64   // how far the host must be for the queue to be what comes next
	rows []keyed // by their last change
	upto int64   // where the host is when all were sent
	more bool    // there are changes after them
}

// look reads which rows have changed after a point.
func (m *Mirror) look(from int64) (q queue, rename *journal.Change, err error) {
	q = queue{from: from, upto: from}
	changes, err := m.view.Changes(from, window)
	if err != nil {
		return q, nil, err
	}
	if len(changes) == 0 || changes[0].Seq > from+1 {
		if err := m.whole(from); err != nil {
			return q, nil, err
		}
	}
	if len(changes) == 0 {
		return q, nil, nil
	}
	if changes[0].Kind == kindRename {
		return q, &changes[0], nil
	}
	q.more = len(changes) == window
	if i := slices.IndexFunc(changes, func(c journal.Change) bool { return c.Kind == kindRename }); i >= 0 {
		changes, q.more = changes[:i], true
	}
	q.rows, q.upto = latest(changes), changes[len(changes)-1].Seq
	return q, nil, nil
}

// take takes rows off the queue, as many as there is room for.
func (q *queue) take(room int) (rows []keyed, upto int64, full bool) {
	if len(q.rows) <= room {
		return q.rows, q.upto, q.more
	}
	return q.rows[:room], q.rows[room].Seq - 1, true
}

func newBatch(from point) *batch {
	return &batch{head: head{Base: from.change, EventsBase: from.event, EventsUpto: from.event}, upto: from.change}
}

// gather makes the batch that goes on from a point, of at most so many rows. Where a single row is refused by the database, a limit of
// one isolates it: changes come first, events after them.
func (m *Mirror) gather(from point, limit int) (*batch, error) {
	b := newBatch(from)
	if m.queue.from != from.change || len(m.queue.rows) == 0 {
		q, rename, err := m.look(from.change)
		if err != nil {
			return nil, err
		}
		if rename != nil {
			return b.rename(*rename), nil
		}
		m.queue = q
	}
	events, err := m.view.Events(from.event, "", limit+1)
	if err != nil {
		return nil, err
	}
	var rows []keyed
	rows, b.upto, b.full = m.queue.take(limit - min(len(events), limit/2))
	if err := m.read(b, rows); err != nil {
		return nil, err
	}
	m.queue.rows, m.queue.from = m.queue.rows[min(len(b.what), len(m.queue.rows)):], b.upto
	m.addEvents(b, events, limit)
	return b, nil
}

// errCut says that changes which the database has not had are kept no more.
var errCut = errors.New("changes were cut")

// whole tells whether all changes after a point are kept. Numbers may be left out, and still nothing be missing.
func (m *Mirror) whole(from int64) error {
	heads, err := m.view.Heads()
	if err == nil && wereCut(heads, from) {
		return errCut
	}
	return err
}

// wereCut tells whether a change after a number is kept no more.
func wereCut(h journal.Heads, after int64) bool {
	return h.OldestChange > after+1 || h.OldestChange == 0 && h.NewestChange > after
}

// The kinds of changes.
const (
	kindRun        = "run"
	kindSlot       = "slot"
	kindJob        = "job"
	kindOverride   = "override"
	kindGeneration = "generation"
	kindRename     = "rename"
)

func (b *batch) rename(c journal.Change) *batch {
	from, to, _ := strings.Cut(c.Key, " ")
	b.Renames = []renameRow{{from, to}}
	b.upto, b.full, b.what = c.Seq, true, []string{"the rename of " + from + " to " + to}
	return b
}

// latest are the rows that changes name, each with its last change, in the order of these. A batch may end before any of them: what
// changed before and changes again after is still to come.
func latest(changes []journal.Change) []keyed {
	last := make(map[journal.Change]int64, len(changes))
	for _, c := range changes {
		last[journal.Change{Kind: c.Kind, Key: c.Key}] = c.Seq
	}
	rows := make([]keyed, 0, len(last))
	for c, seq := range last {
		c.Seq = seq
		rows = append(rows, keyed{Change: c})
	}
	slices.SortFunc(rows, func(a, b keyed) int { return cmp.Compare(a.Seq, b.Seq) })
	for i := range rows {
		k := &rows[i]
		switch k.Kind {
		case kindSlot:
			at := strings.LastIndexByte(k.Key, '@')
			ns, _ := strconv.ParseInt(k.Key[at+1:], 10, 64)
			k.slot = journal.SlotKey{Job: k.Key[:max(0, at)], At: time.Unix(0, ns)}
		case kindGeneration:
			k.number, _ = strconv.Atoi(k.Key)
		}
	}
	return rows
}

// found are rows of the journal by their key.
type found struct {
	runs        map[string]journal.Run
	slots       map[slotID]journal.Slot
	jobs        map[string]journal.Job
	overrides   map[string]journal.ReplicaOverride
	generations map[int]journal.Generation
}

type slotID struct {
	job string
	at  int64
}

// find reads all rows of some keys, a query for each kind.
func (m *Mirror) find(rows []keyed) (f found, err error) {
	var runs, jobs, overrides []string
	var slots []journal.SlotKey
	var generations []int
	for _, k := range rows {
		switch k.Kind {
		case kindRun:
			runs = append(runs, k.Key)
		case kindSlot:
			slots = append(slots, k.slot)
		case kindJob:
			jobs = append(jobs, k.Key)
		case kindOverride:
			overrides = append(overrides, k.Key)
		case kindGeneration:
			generations = append(generations, k.number)
		}
	}
	if f.runs, err = index(runs, m.view.RunsByID, func(r journal.Run) string { return r.ID }); err != nil {
		return f, err
	}
	if f.slots, err = index(slots, m.view.SlotsByKey, func(s journal.Slot) slotID { return slotID{s.Job, s.At.UnixNano()} }); err != nil {
		return f, err
	}
	if f.jobs, err = index(jobs, m.view.JobsByName, func(j journal.Job) string { return j.Name }); err != nil {
		return f, err
	}
	if f.overrides, err = index(overrides, m.view.OverridesByID, func(o journal.ReplicaOverride) string { return o.ID }); err != nil {
		return f, err
	}
	f.generations, err = index(generations, m.view.GenerationsByNumber, func(g journal.Generation) int { return g.Number })
	return f, err
}

// index reads rows, when there are any to read, and gives each its key.
func index[K any, I comparable, V any](keys []K, read func([]K) ([]V, error), key func(V) I) (map[I]V, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := read(keys)
	if err != nil {
		return nil, err
	}
	byKey := make(map[I]V, len(rows))
	for _, v := range rows {
		byKey[key(v)] = v
	}
	return byKey, nil
}
