package journal

import "time"

// Batch is what one turn writes. Its zero value is ready for use.
type Batch struct {
	// Durable says that it must be on the disk before Write returns.
	Durable bool
	rows    []any // in the order in which they are written
}

type (
	rename      struct{ From, To string }
	endOverride struct {
		ID  string
		At  time.Time
		Why string
	}
	dropRequest struct{ ID string }
	cutSlots    struct {
		Job   string
		After time.Time
	}
)

// Len is the number of rows.
func (b *Batch) Len() int { return len(b.rows) }

// Reset empties b for the next turn.
func (b *Batch) Reset() { b.rows, b.Durable = nil, false }

// PutRun writes a run as it now stands. Of several in a batch the last counts.
func (b *Batch) PutRun(r Run) {
	for i := len(b.rows) - 1; i >= 0 && i >= len(b.rows)-8; i-- {
		if before, is := b.rows[i].(Run); is && before.ID == r.ID {
			b.rows[i] = r
			return
		}
	}
	b.rows = append(b.rows, r)
}

// PutSlots writes what became of a slot or a stretch of slots. Written again for the same instant, the later word counts.
// A slot within a folded stretch keeps its outcome.
func (b *Batch) PutSlots(s Slot) {
	s.Count, s.Last = max(1, s.Count), later(s.At, s.Last)
	b.rows = append(b.rows, s)
}

// CutSlots forgets stretches that were called missed and reach beyond an instant.
func (b *Batch) CutSlots(job string, after time.Time) {
	b.rows = append(b.rows, cutSlots{job, after})
}

// PutJob writes the durable state of a job.
func (b *Batch) PutJob(j Job) { b.rows = append(b.rows, j) }

// RenameJob gives the history of a job to another name. What that name had before stays with it.
func (b *Batch) RenameJob(from, to string) { b.rows = append(b.rows, rename{from, to}) }

// PutOverride writes an override that is in force.
func (b *Batch) PutOverride(o Override) { b.rows = append(b.rows, o) }

// EndOverride ends one.
func (b *Batch) EndOverride(id string, at time.Time, why string) {
	b.rows = append(b.rows, endOverride{id, at, why})
}

// PutRequest writes a request that waits.
func (b *Batch) PutRequest(r Request) { b.rows = append(b.rows, r) }

// DropRequest ends one: its run, or its refusal, is in the same batch.
func (b *Batch) DropRequest(id string) { b.rows = append(b.rows, dropRequest{id}) }

// PutCommand writes that something asked from elsewhere is done. What it became is in the same batch. Of several the last counts.
func (b *Batch) PutCommand(c Command) { b.rows = append(b.rows, c) }

// AddGeneration writes an accepted configuration.
func (b *Batch) AddGeneration(g Generation) { b.rows = append(b.rows, g) }

// PutSource writes the verdict on the jobs file.
func (b *Batch) PutSource(s Source) { b.rows = append(b.rows, s) }

// AddEvent writes an event.
func (b *Batch) AddEvent(e Event) { b.rows = append(b.rows, e) }
