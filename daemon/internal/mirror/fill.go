package mirror

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// read puts rows in a batch, up to its size.
func (m *Mirror) read(b *batch, rows []keyed) error {
	f, err := m.find(rows)
	if err != nil {
		return err
	}
	names, err := m.renamesAfter(b.Base)
	if err != nil {
		return err
	}
	f.rename(names)
	size := 0
	for _, k := range rows {
		if size > batchBytes {
			b.upto, b.full = k.Seq-1, true
			return nil
		}
		size += m.put(b, k, f)
		b.what = append(b.what, k.Kind+" "+k.Key)
	}
	return nil
}

// put adds one row and tells about how many bytes it takes. What is there no more has gone from the ledger, or is a run that the
// replica keeps longer than the journal does.
func (m *Mirror) put(b *batch, k keyed, f found) (size int) {
	r := m.redactor
	switch k.Kind {
	case kindRun:
		if run, ok := f.runs[k.Key]; ok {
			return m.putRun(b, run, k.Seq)
		}
	case kindSlot:
		slot, ok := f.slots[slotID{k.slot.Job, k.slot.At.UnixNano()}]
		switch {
		case !ok:
			b.SlotsGone = append(b.SlotsGone, slotGone{k.slot.Job, instantOf(k.slot.At), k.Seq})
		case m.host.before(slot.Last):
			return 0
		default:
			b.Slots = append(b.Slots, r.slot(slot, k.Seq))
			return rowBytes + len(slot.Reason)
		}
	case kindJob:
		if job, ok := f.jobs[k.Key]; ok {
			return m.putJob(b, job, k.Seq)
		}
	case kindOverride:
		if o, ok := f.overrides[k.Key]; ok {
			b.Overrides = append(b.Overrides, r.override(o, k.Seq))
			return rowBytes + len(o.Reason)
		}
	case kindGeneration:
		if g, ok := f.generations[k.number]; ok {
			b.Generations = append(b.Generations, r.generation(g, k.Seq))
			return rowBytes + len(g.Summary)
		}
	}
	return rowBytes / 4
}

func (m *Mirror) putRun(b *batch, run journal.Run, seq int64) (size int) {
	if m.host.before(admitted(run.ID)) {
		return 0
	}
	b.Runs = append(b.Runs, m.redactor.run(run, seq))
	size = rowBytes + len(run.Reason)
	if !m.tailWanted(run) {
		return size
	}
	pieces, more := m.readTail(run)
	if len(pieces) == 0 {
		return size
	}
	tail, truncated := m.redactor.tail(pieces, more, tailBytes)
	b.Outputs = append(b.Outputs, outputRow{RunID: run.ID, Tail: tail, Truncated: truncated, Seq: seq})
	return size + len(tail)
}

// readTail reads the end of an output, and what is left out before it. The secrets of an earlier generation may be known only once a run
// of it was asked for.
func (m *Mirror) readTail(run journal.Run) (pieces []Piece, more bool) {
	for {
		r := m.redactor
		pieces, more = m.source.Tail(run, tailBytes+int64(r.beforeTail()))
		if m.refresh(); m.redactor.longest <= r.longest {
			return pieces, more
		}
	}
}

func (m *Mirror) putJob(b *batch, job journal.Job, seq int64) (size int) {
	row := jobRow{
		Name: job.Name, SpecHash: job.SpecHash, Generation: job.Generation, Cursor: instantOf(job.Cursor), Failures: job.Failures,
		LastRun: job.LastRun, Owner: m.redactor.json(job.Owner), Gone: job.Gone, Seq: seq,
	}
	if spec := m.source.Declared(job.Name); spec != nil {
		row.Spec = m.spec(spec)
	}
	b.Jobs = append(b.Jobs, row)
	return rowBytes + len(row.Spec)
}

// specsKept is of how many jobs what is declared is kept as it is sent: a job's row changes with each of its slots.
const specsKept = 1000

// spec is what is declared of a job as it is sent.
func (m *Mirror) spec(s *Spec) json.RawMessage {
	if text, known := m.specs[s]; known {
		return text
	}
	if m.specs == nil || len(m.specs) == specsKept {
		m.specs = map[*Spec]json.RawMessage{}
	}
	text := m.redactor.spec(*s)
	m.specs[s] = text
	return text
}

// addEvents fills a batch up with events.
func (m *Mirror) addEvents(b *batch, events []journal.Event, limit int) {
	for _, e := range events {
		if len(b.what) >= limit {
			b.full = true
			return
		}
		b.what = append(b.what, "event "+strconv.FormatInt(e.Seq, 10))
		b.EventsUpto = e.Seq
		if !m.host.before(e.Time) {
			b.Events = append(b.Events, m.redactor.event(e))
		}
	}
}

// admitted is when a run was admitted, as its UUIDv7 says.
func admitted(id string) time.Time {
	digits := strings.ReplaceAll(id, "-", "")
	ms, err := strconv.ParseInt(digits[:min(len(digits), 12)], 16, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
