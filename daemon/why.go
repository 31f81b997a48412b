package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

const (
	whyAPage  = 100
	whyAtMost = 10_000
)

// why says what became of a job's slots.
func (d *Daemon) why(_ context.Context, p ipc.WhyParams) (ipc.WhyResult, error) {
	if err := notNegative("limit", p.Limit); err != nil {
		return ipc.WhyResult{}, err
	}
	e, known := d.table.find(p.Job)
	if !known {
		if _, ran, err := d.journal.LastRun(p.Job); err != nil || !ran {
			return ipc.WhyResult{}, d.unknownJob(p.Job)
		}
		e = newEntry(p.Job)
		e.view.Store(newView(e))
	}
	now := time.Now().Round(0)
	zone := time.Local
	if job := e.job.Load(); job != nil && job.Timezone != "" {
		if loc, err := schedule.LoadLocation(job.Timezone); err == nil {
			zone = loc
		}
	}
	q, err := parseWhen(p.Time, now, zone)
	if err != nil {
		return ipc.WhyResult{}, err
	}
	limit := pageOf(p.Limit, whyAPage, whyAtMost)
	rows, err := d.journal.Slots(p.Job, q.from, q.to, limit)
	if err != nil {
		return ipc.WhyResult{}, err
	}
	result := ipc.WhyResult{Slots: []ipc.Ledger{}}
	for _, s := range rows {
		result.Slots = append(result.Slots, d.wireLedger(e, s, zone))
	}
	result.Slots = append(result.Slots, q.unanswered(e, rows, now)...)
	slices.SortStableFunc(result.Slots, func(a, b ipc.Ledger) int { return a.At.Compare(b.At) })
	if q.note != "" {
		for i := range result.Slots {
			q.explain(&result.Slots[i])
		}
	}
	if over := len(result.Slots) - limit; over > 0 {
		result.Slots = result.Slots[over:]
	}
	return result, nil
}

// wireLedger is a ledger entry as it is answered, with its run as it stands.
func (d *Daemon) wireLedger(e *entry, s journal.Slot, zone *time.Location) ipc.Ledger {
	w := ipc.Ledger{
		Job: s.Job, Nominal: s.Nominal, At: s.At.In(zone), Outcome: s.Outcome, Reason: s.Reason, RunID: s.Run, Count: s.Count, Note: s.Note,
	}
	if s.Count > 1 {
		w.Last = s.Last.In(zone)
	}
	if w.Nominal == "" {
		w.Nominal = w.At.Format("2006-01-02T15:04:05")
	}
	if s.Run == "" {
		return w
	}
	row, ok, err := d.journal.Run(s.Run)
	if err != nil || !ok {
		return w
	}
	w.Run = wireRun(row)
	if w.Run.State == ipc.RunQueued {
		w.Outcome = ipc.OutcomePending
	}
	return w
}

// moment is the stretch of time that somebody asks about.
type moment struct {
	from, to time.Time
	text     string // the wall clock's words
	note     string // why from is not what was typed: it does not exist
}

// unanswered are the slots of the stretch that no entry is about: those to
// come, and those from before the job was there.
func (q moment) unanswered(e *entry, rows []journal.Slot, now time.Time) []ipc.Ledger {
	const most = 100
	d := readerDesired(e)
	if d.Job == nil {
		return nil
	}
	// Before the cursor the schedule was another, or the job was not there.
	after := later(q.from.Add(-time.Nanosecond), e.view.Load().cursor)
	var open []ipc.Ledger
	for c := range reconciler.Slots(d, after) {
		if c.At.After(q.to) || len(open) == most {
			break
		}
		if slices.ContainsFunc(rows, func(s journal.Slot) bool { return !c.At.Before(s.At) && !c.At.After(s.Last) }) {
			continue
		}
		w := ipc.Ledger{
			Job: e.name, Nominal: c.Nominal.String(), At: c.At, Outcome: ipc.OutcomePending, Count: 1, Note: c.Note,
			Reason: "it is due " + c.Due.Format("2006-01-02 15:04:05 -07:00"),
		}
		switch {
		case c.Skip != "":
			w.Reason = "it will not run: " + c.Skip
		case !c.Due.After(now):
			w.Reason = "it is due and waits for its turn"
		}
		open = append(open, w)
	}
	return open
}

// explain makes an entry the answer to a time of the day that did not exist.
func (q moment) explain(w *ipc.Ledger) {
	if w.Outcome != ipc.OutcomePending {
		w.Reason = fmt.Sprintf("%s; its slot is that of %s, which %s: %s", q.note, w.At.Format("15:04 MST"), w.Outcome, w.Reason)
		w.Outcome = ipc.OutcomeCollapsed
	}
	w.Nominal, w.Note = q.text, q.note
}

// forms are how a time may be written, the finest first; span is how much
// time it means.
func forms() []form {
	return []form{
		{"2006-01-02 15:04:05", time.Second, false},
		{"2006-01-02T15:04:05", time.Second, false},
		{"2006-01-02 15:04", time.Minute, false},
		{"2006-01-02T15:04", time.Minute, false},
		{"2006-01-02", 0, false},
		{"15:04:05", time.Second, true},
		{"15:04", time.Minute, true},
	}
}

type form struct {
	layout string
	span   time.Duration // 0: the day
	today  bool          // without a date: the last one before now
}

// parseWhen reads a time as somebody types it, in a job's zone.
func parseWhen(text string, now time.Time, zone *time.Location) (moment, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return moment{from: time.Unix(0, 0), to: now}, nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return moment{from: at, to: at, text: text}, nil
	}
	for _, f := range forms() {
		wall, err := time.ParseInLocation(f.layout, text, time.UTC)
		if err != nil {
			continue
		}
		if f.today {
			y, m, d := now.In(zone).Date()
			wall = time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), 0, time.UTC)
			if q := momentOf(wall, f.span, zone); q.from.After(now) {
				wall = wall.AddDate(0, 0, -1)
			}
		}
		return momentOf(wall, f.span, zone), nil
	}
	err := ipc.Errorf(ipc.CodeInvalidParams, "time is not one: %q", text)
	return moment{}, err.WithHint(`write 02:30, "2026-03-08 02:30", 2026-03-08 or 2026-03-08T02:30:00-05:00`)
}

// momentOf is the stretch of a wall clock's time. A time in a gap means the
// gap's end, one that comes twice means both.
func momentOf(wall time.Time, span time.Duration, zone *time.Location) moment {
	at := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
	}
	if span == 0 {
		return moment{from: at(wall), to: at(wall.AddDate(0, 0, 1)).Add(-time.Nanosecond), text: wall.Format(time.DateOnly)}
	}
	q := moment{from: at(wall), text: wall.Format("2006-01-02T15:04:05")}
	if got := q.from.Format(time.DateTime); got != wall.Format(time.DateTime) {
		start, end := q.from.ZoneBounds()
		edge := start
		if q.from.Format(time.DateTime) < wall.Format(time.DateTime) {
			edge = end // resolved to before the gap
		}
		q.from, q.to = edge, edge
		q.note = fmt.Sprintf("%s does not exist on %s (the clock is set forward)", wall.Format("15:04"), wall.Format("2 January 2006"))
		return q
	}
	// The other pass of a doubled hour is within three hours, see config/schedule.
	const widest = 3 * time.Hour
	first, last := q.from, q.from
	for d := -widest; d <= widest; d += 30 * time.Minute {
		if t := q.from.Add(d); t.Format(time.DateTime) == wall.Format(time.DateTime) {
			first, last = earlier(first, t), later(last, t)
		}
	}
	q.from, q.to = first, last.Add(span-time.Nanosecond)
	return q
}
