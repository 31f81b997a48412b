package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/ipc"
)

// lost are the nominal times of the stretch that gaps of the clock swallow, as the
// job's schedule names them since it was there.
func (d *Daemon) lost(e *entry, q moment) ([]schedule.Lost, error) {
	job := e.job.Load()
	if job == nil || q.wall == "" {
		return nil, nil
	}
	lost := slices.DeleteFunc(job.Slots.Lost(q.from, later(q.from, q.to)), func(l schedule.Lost) bool { return !q.names(l.Nominal.String()) })
	if len(lost) == 0 || lost[0].End.After(e.view.Load().cursor) {
		return lost, nil
	}
	before, err := d.journal.Slots(e.name, time.Unix(0, 0), lost[0].End, 1)
	if err != nil || len(before) > 0 {
		return lost, err
	}
	g, known, err := d.journal.Generation(e.view.Load().generation)
	if err != nil || !known || g.Accepted.After(lost[0].End) {
		return nil, err
	}
	return lost, nil
}

// gapped lays what gaps have swallowed over the slots that answer the stretch. A time
// that did not exist is answered by the slot that it collapsed into, and by no other.
func (q moment) gapped(e *entry, slots []ipc.Ledger, lost []schedule.Lost) []ipc.Ledger {
	answer := []ipc.Ledger{}
	collapses := slices.ContainsFunc(lost, func(l schedule.Lost) bool { return l.Why == "" })
	for _, w := range slots {
		switch {
		case q.note == "":
			answer = append(answer, w)
		case collapses || q.names(w.Nominal):
			q.explain(&w)
			answer = append(answer, w)
		}
	}
	for _, l := range lost {
		if l.Why == "" {
			continue
		}
		n := l.Nominal
		wall := time.Date(n.Year, n.Month, n.Day, n.Hour, n.Minute, n.Second, 0, time.UTC)
		answer = append(answer, ipc.Ledger{
			Job: e.name, Nominal: n.String(), At: l.End, Outcome: ipc.OutcomeSkipped, Count: 1, Reason: nonexistent(wall) + ", and " + l.Why,
		})
	}
	return answer
}

// nonexistent says of a wall clock's time that it does not exist.
func nonexistent(wall time.Time) string {
	clock := "15:04"
	if wall.Second() != 0 {
		clock = "15:04:05"
	}
	return fmt.Sprintf("%s does not exist on %s (the clock is set forward)", wall.Format(clock), wall.Format("2 January 2006"))
}

// explain makes an entry the answer to a time of the day that did not exist.
func (q moment) explain(w *ipc.Ledger) {
	if w.Outcome != ipc.OutcomePending {
		became := strings.ReplaceAll(w.Outcome, "_", " ")
		if w.Reason != "" {
			became += ": " + w.Reason
		}
		w.Reason = fmt.Sprintf("%s; its slot is that of %s: %s", q.note, w.At.Format("15:04 MST"), became)
		w.Outcome = ipc.OutcomeCollapsed
	}
	w.Nominal, w.Note = q.wall, q.note
}
