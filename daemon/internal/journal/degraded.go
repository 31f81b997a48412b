package journal

import (
	"errors"
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
	spilled bool // it is in the spill as well
}

// takeUp writes what an earlier worker could not.
func (j *Journal) takeUp() {
	j.kept = j.spill.read()
	for _, k := range j.kept {
		j.rows += len(k.rows)
	}
	if j.rows == 0 {
		j.kept = nil
		j.spill.clear()
		return
	}
	j.wrong, j.since = errors.New("rows of an earlier worker wait"), time.Now().Round(0)
	if j.flush(); j.wrong != nil {
		j.log.Error("journal cannot be written", "path", j.path, "rows", j.rows, "err", j.wrong)
	}
}

// exposed counts the rows that a crash would forget.
func (j *Journal) exposed() int {
	n := 0
	for _, k := range j.kept {
		if !k.spilled {
			n += len(k.rows)
		}
	}
	return n
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

// keep holds a batch in memory, and in the spill as far as there is room. Beyond the bound events go first, the oldest before the others; then whatever is
// oldest is lost, and counted.
func (j *Journal) keep(k kept) {
	k.spilled = j.spill.add(k)
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
	j.spill.clear()
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
		s.Exposed = j.exposed()
		s.Reason = fmt.Sprintf("%s; %d rows wait beside it until it can", cause(j.wrong), j.rows)
		if s.Exposed > 0 {
			s.Reason = fmt.Sprintf("%s; %d rows wait, %d of them in memory only: a crash or a stop now would forget those, so that slots could run again, and ends be lost",
				cause(j.wrong), j.rows, s.Exposed)
		}
		memory := append([]kept(nil), j.kept...)
		j.memory.Store(&memory)
	} else {
		j.memory.Store(nil)
	}
	j.state.Store(&s)
}
