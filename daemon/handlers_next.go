package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

const (
	slotsAPage  = 10
	slotsAtMost = 10_000
)

// coming is a slot and whose it is.
type coming struct {
	job string
	reconciler.Coming
}

// nextSlots are the coming slots of one job, or of all of them by time.
func (d *Daemon) nextSlots(_ context.Context, p ipc.NextParams) (ipc.NextResult, error) {
	if err := notNegative("limit", p.Limit); err != nil {
		return ipc.NextResult{}, err
	}
	entries := d.table.all()
	if p.Job != "" {
		var err error
		if entries, err = d.named([]string{p.Job}); err != nil {
			return ipc.NextResult{}, err
		}
	}
	n := pageOf(p.Limit, slotsAPage, slotsAtMost)
	from := p.From
	if from.IsZero() {
		from = time.Now()
	}
	result := ipc.NextResult{Slots: []ipc.Slot{}}
	for _, c := range firstOf(entries, from, n) {
		result.Slots = append(result.Slots, wireSlot(c))
	}
	return result, nil
}

// firstOf are the first n slots of all jobs. Only the n jobs that come first
// can have a part in them.
func firstOf(entries []*entry, from time.Time, n int) []coming {
	var firsts []coming
	byName := map[string]*entry{}
	for _, e := range entries {
		for _, c := range slotsOf(e, from, 1) {
			firsts = append(firsts, c)
			byName[e.name] = e
		}
	}
	firsts = earliestOf(firsts, n)
	var all []coming
	for _, c := range firsts {
		all = append(all, slotsOf(byName[c.job], from, n)...)
	}
	return earliestOf(all, n)
}

func earliestOf(slots []coming, n int) []coming {
	slices.SortFunc(slots, func(a, b coming) int {
		if order := a.Due.Compare(b.Due); order != 0 {
			return order
		}
		return strings.Compare(a.job, b.job)
	})
	return slots[:min(n, len(slots))]
}

// slotsOf are the first n slots of a job after a time. Skips are spent from
// where the job stands, so counting begins there when there are any.
func slotsOf(e *entry, from time.Time, n int) []coming {
	d := readerDesired(e)
	after := from
	if d.Job != nil {
		after = from.Add(-d.Job.Delay)
	}
	if cursor := e.view.Load().cursor; len(d.Skips) > 0 || cursor.After(after) {
		after = cursor
	}
	var slots []coming
	for c := range reconciler.Slots(d, after) {
		if !c.Due.After(from) {
			continue
		}
		slots = append(slots, coming{e.name, c})
		if len(slots) == n {
			break
		}
	}
	return slots
}

func wireSlot(c coming) ipc.Slot {
	notes := []string{}
	if c.Note != "" {
		notes = append(notes, c.Note)
	}
	if delay := c.Due.Sub(c.At); delay > 0 {
		notes = append(notes, fmt.Sprintf("jitter +%s", config.FormatDuration(delay)))
	}
	if c.Skip != "" {
		notes = append(notes, "will not run: "+c.Skip)
	}
	return ipc.Slot{Job: c.job, At: c.Due, Nominal: c.Nominal.String(), Note: strings.Join(notes, "; ")}
}
