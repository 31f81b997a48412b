package journal

import (
	"fmt"
	"time"
)

const (
	// keptAtMost bounds the rows in memory.
	keptAtMost = 10_000
	// retryEvery is how often a write that has failed is tried again.
	retryEvery = time.Second
)

// kept is a batch that could not be written.
type kept struct {
	durable bool
	rows    []any
}

// fail remembers why nothing can be written, and says so once.
func (j *Journal) fail(err error) {
	if j.wrong == nil {
		j.since = time.Now().Round(0)
		j.log.Error("journal cannot be written", "path", j.path, "err", err)
	}
	j.wrong, j.tried = err, time.Now()
	if isDamage(err) {
		j.mark(err)
	}
}

// keep holds a batch in memory. Beyond the bound events go first, the oldest before the others; then whatever is
// oldest is lost, and counted.
func (j *Journal) keep(k kept) {
	j.kept = append(j.kept, k)
	j.rows += len(k.rows)
	if j.rows <= keptAtMost {
		return
	}
	for i := range j.kept {
		whole := j.kept[i].rows
		var rest []any
		for _, row := range whole {
			if _, is := row.(Event); !is {
				rest = append(rest, row)
			}
		}
		j.lose(len(whole) - len(rest))
		j.kept[i].rows = rest
	}
	for j.rows > keptAtMost && len(j.kept) > 1 {
		j.lose(len(j.kept[0].rows))
		j.kept = j.kept[1:]
	}
}

func (j *Journal) lose(rows int) {
	j.rows -= rows
	j.losing += rows
}

// retry writes what is kept when enough time has passed since the last try.
func (j *Journal) retry() {
	if j.wrong != nil && time.Since(j.tried) >= retryEvery && !isDamage(j.wrong) {
		j.flush()
	}
}

// flush writes what is kept, in order and as far as it goes.
func (j *Journal) flush() {
	if j.wrong == nil || j.writer == nil {
		return
	}
	for len(j.kept) > 0 {
		k := j.kept[0]
		if err := j.writer.write(k.durable, k.rows); err != nil {
			j.fail(err)
			return
		}
		j.written += len(k.rows)
		j.rows -= len(k.rows)
		j.kept = j.kept[1:]
	}
	r := Recovery{Loss{j.since, time.Now().Round(0), j.losing}, j.written}
	if err := j.writer.write(true, r.rows()); err != nil {
		j.fail(err)
		return
	}
	j.lost = j.lost.and(r.Loss)
	j.wrong, j.kept, j.losing, j.written = nil, nil, 0, 0
	j.log.Warn("journal is written again", "path", j.path, "since", r.Since, "rows", r.Kept, "lost", r.Rows)
	if j.Recovered != nil {
		j.Recovered(r)
	}
}

// publish renews what readers see.
func (j *Journal) publish() {
	s := State{Path: j.path, OK: j.wrong == nil, Pending: j.rows, Lost: j.lost, SetAside: j.aside}
	if j.losing > 0 {
		s.Lost = s.Lost.and(Loss{j.since, time.Now().Round(0), j.losing})
	}
	if j.wrong != nil {
		s.Reason = fmt.Sprintf("%s; %d rows are in memory only, and a crash now would forget them: slots could run again, and ends be lost", cause(j.wrong), j.rows)
		memory := append([]kept(nil), j.kept...)
		j.memory.Store(&memory)
	} else {
		j.memory.Store(nil)
	}
	j.state.Store(&s)
}
