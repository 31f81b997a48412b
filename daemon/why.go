package daemon

import (
	"cmp"
	"context"
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
	now, zone := time.Now().Round(0), zoneOf(e)
	q, err := parseWhen(p.Time, now, zone)
	if err != nil {
		return ipc.WhyResult{}, err
	}
	limit := pageOf(p.Limit, whyAPage, whyAtMost)
	rows, err := d.journal.Slots(p.Job, q.from, q.to, limit+1)
	if err != nil {
		return ipc.WhyResult{}, err
	}
	result := ipc.WhyResult{Slots: []ipc.Ledger{}, Note: q.note}
	if over := len(rows) - limit; over > 0 {
		rows, result.Older = rows[over:], true
	}
	for _, s := range rows {
		if q.about(e, s) {
			result.Slots = append(result.Slots, d.wireLedger(e, s, zone))
		}
	}
	if err := d.attempted(p.Job, result.Slots); err != nil {
		return ipc.WhyResult{}, err
	}
	coming, more := q.unanswered(e, rows, now, limit)
	result.Slots, result.Later = append(result.Slots, coming...), more
	lost, err := d.lost(e, q)
	if err != nil {
		return ipc.WhyResult{}, err
	}
	result.Slots = q.gapped(e, result.Slots, lost)
	slices.SortStableFunc(result.Slots, func(a, b ipc.Ledger) int { return a.At.Compare(b.At) })
	if len(result.Slots) == 0 {
		result.Note = cmp.Or(result.Note, q.without(e))
	}
	return result, nil
}

// without says why the stretch has no slots, where there is more to say than that the
// schedule names none.
func (q moment) without(e *entry) string {
	job := e.job.Load()
	switch {
	case job == nil:
		return ""
	case len(job.Slots) == 0:
		return "it has no schedule"
	case !reconciler.Scheduled(job):
		return "it is disabled, or not for this host"
	}
	if next, ok := job.Slots.Next(q.from.Add(-time.Nanosecond)); q.wall != "" && ok && !next.At.After(q.to) {
		return "the job, or its schedule as it is now, was not there yet"
	}
	return ""
}

// zoneOf is the time zone by which a job's slots go.
func zoneOf(e *entry) *time.Location {
	name := ""
	if job := e.job.Load(); job != nil {
		name = job.Timezone
	}
	zone, err := schedule.LoadLocation(name)
	if err != nil {
		return time.Local
	}
	return zone
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

// attempted puts the last attempt in place of the first where a slot was tried again.
func (d *Daemon) attempted(job string, slots []ipc.Ledger) error {
	tried := map[int64][]*ipc.Ledger{}
	first, last := "", ""
	for i := range slots {
		s := &slots[i]
		if s.Run == nil || s.Run.ScheduledAt.IsZero() || !mayHaveMore(s.Run.State) {
			continue
		}
		at := s.Run.ScheduledAt.UnixNano()
		tried[at] = append(tried[at], s)
		if first == "" || s.RunID < first {
			first = s.RunID
		}
		last = max(last, s.RunID)
	}
	if first == "" {
		return nil
	}
	runs, err := d.journal.Attempts(job, first, last)
	if err != nil {
		return err
	}
	for _, r := range runs {
		for _, s := range tried[r.Scheduled.UnixNano()] {
			if r.Attempt > s.Run.Attempt {
				s.Run, s.Attempts = wireRun(r), r.Attempt
			}
		}
	}
	return nil
}

// mayHaveMore tells whether other attempts can follow one in a state: after a failure, and after on_change: restart.
func mayHaveMore(state string) bool {
	return state != ipc.RunQueued && state != ipc.RunRunning && state != ipc.RunSucceeded
}

// moment is the stretch of time that somebody asks about.
type moment struct {
	from, to    time.Time
	wall, until string // the stretch on the job's clock; "" when an instant was named, or nothing
	point       bool   // one time, not a day or all there is
	note        string // of a time that does not exist
}

// names tells whether the wall clock's time was asked for.
func (q moment) names(nominal string) bool { return q.wall <= nominal && nominal < q.until }

// about tells whether an entry that touches the stretch answers it. One that stands for
// many slots says nothing of the times between them.
func (q moment) about(e *entry, s journal.Slot) bool {
	within := func(at time.Time) bool { return !at.Before(q.from) && !at.After(q.to) }
	if !q.point || within(s.At) || within(s.Last) {
		return true
	}
	_, first := nominal(e, s.At)
	_, last := nominal(e, s.Last)
	if !first || !last {
		return true // they are of another schedule than the one there is now
	}
	next, ok := e.job.Load().Slots.Next(q.from.Add(-time.Nanosecond))
	return ok && within(next.At)
}

// unanswered are the slots of the stretch that no entry is about: those to
// come, and those from before the job was there. It tells whether there are more.
func (q moment) unanswered(e *entry, rows []journal.Slot, now time.Time, most int) (open []ipc.Ledger, more bool) {
	d := readerDesired(e)
	if d.Job == nil {
		return nil, false
	}
	skips := skipped(d, e.view.Load().cursor)
	d.Skips = nil
	// Before that the schedule was another, or the job was not there.
	after := later(q.from.Add(-time.Nanosecond), e.view.Load().settled)
	rows = slices.DeleteFunc(slices.Clone(rows), func(s journal.Slot) bool { return !s.Last.After(after) })
	for c := range reconciler.Slots(d, after) {
		if c.At.After(q.to) {
			break
		}
		if slices.ContainsFunc(rows, func(s journal.Slot) bool { return !c.At.Before(s.At) && !c.At.After(s.Last) }) {
			continue
		}
		if len(open) == most {
			return open, true
		}
		w := ipc.Ledger{
			Job: e.name, Nominal: c.Nominal.String(), At: c.At, Outcome: ipc.OutcomePending, Count: 1, Note: c.Note,
			Reason: "it is due " + c.Due.Format("2006-01-02 15:04:05 -07:00"),
		}
		switch skip := cmp.Or(c.Skip, skips[c.At.UnixNano()]); {
		case skip != "":
			w.Reason = "it will not run: " + skip
		case !c.Due.After(now):
			w.Reason = "it is due and waits for its turn"
		}
		open = append(open, w)
	}
	return open, false
}

// skipped are the coming slots that the operator's skips are spent on, and why. They
// are spent from where the job stands, one a slot that no pause takes.
func skipped(d reconciler.Desired, cursor time.Time) map[int64]string {
	if p := d.Pause; p != nil {
		if p.Until.IsZero() {
			return nil
		}
		cursor = later(cursor, p.Until.Add(-d.Job.Delay-time.Nanosecond))
		d.Pause = nil
	}
	slots := make(map[int64]string, len(d.Skips))
	for c := range reconciler.Slots(d, cursor) {
		if c.Skip == "" {
			break
		}
		slots[c.At.UnixNano()] = c.Skip
	}
	return slots
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
		q := moment{from: at, to: at, point: true}
		if at.Nanosecond() == 0 {
			q.to = at.Add(time.Second - time.Nanosecond)
		}
		return q, nil
	}
	text = dated(text, now, zone)
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
	err := ipc.Errorf(ipc.CodeInvalidParams, "%q is no time", text)
	return moment{}, err.WithHint(`write 02:30, yesterday, "2026-03-08 02:30", 2026-03-08 or 2026-03-08T02:30:00-05:00`)
}

// dated puts the date in place of the name of a day.
func dated(text string, now time.Time, zone *time.Location) string {
	name, clock, _ := strings.Cut(text, " ")
	shift, is := map[string]int{"yesterday": -1, "today": 0, "tomorrow": 1}[strings.ToLower(name)]
	if !is {
		return text
	}
	return strings.TrimSpace(now.In(zone).AddDate(0, 0, shift).Format(time.DateOnly) + " " + strings.TrimSpace(clock))
}

// momentOf is the stretch of a wall clock's time. A time in a gap means the
// gap's end, one that comes twice means both.
func momentOf(wall time.Time, span time.Duration, zone *time.Location) moment {
	const layout = "2006-01-02T15:04:05"
	q := moment{wall: wall.Format(layout), point: span != 0}
	if span == 0 {
		next := wall.AddDate(0, 0, 1)
		q.until = next.Format(layout)
		var end time.Time
		q.from, _ = instantOf(wall, zone)
		end, _ = instantOf(next, zone)
		q.to = end.Add(-time.Nanosecond)
		return q
	}
	q.until = wall.Add(span).Format(layout)
	at, shown := instantOf(wall, zone)
	if !shown {
		q.from, q.to = at, at
		q.note = nonexistent(wall)
		return q
	}
	// The other pass of a doubled hour is within three hours, see config/schedule.
	const widest = 3 * time.Hour
	first, last := at, at
	for d := -widest; d <= widest; d += 30 * time.Minute {
		if t := at.Add(d); t.Format(time.DateTime) == wall.Format(time.DateTime) {
			first, last = earlier(first, t), later(last, t)
		}
	}
	q.from, q.to = first, last.Add(span-time.Nanosecond)
	return q
}

// instantOf is when a wall clock shows a time; where none does, the end of the gap
// that swallows it.
func instantOf(wall time.Time, zone *time.Location) (at time.Time, shown bool) {
	at = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	got, want := at.Format(time.DateTime), wall.Format(time.DateTime)
	if got == want {
		return at, true
	}
	start, end := at.ZoneBounds()
	if got < want {
		return end, false // resolved to before the gap
	}
	return start, false
}
