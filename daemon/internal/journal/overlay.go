package journal

import (
	"cmp"
	"slices"
	"time"
)

// inMemory are the runs that could not be written yet and that a filter
// takes, each as it was last given.
func (j *Journal) inMemory(take func(Run) bool) map[string]Run {
	memory := j.memory.Load()
	if memory == nil {
		return nil
	}
	runs := map[string]Run{}
	for _, k := range *memory {
		for _, row := range k.rows {
			if r, is := row.(Run); is && take(r) {
				runs[r.ID] = r
			}
		}
	}
	return runs
}

// overlay lays the runs in memory over a page of the written ones.
func (j *Journal) overlay(written []Run, f RunFilter) []Run {
	news := j.inMemory(func(r Run) bool { return true })
	if len(news) == 0 {
		return written
	}
	all := slices.DeleteFunc(written, func(r Run) bool { _, newer := news[r.ID]; return newer })
	for _, r := range news {
		switch {
		case f.Job != "" && r.Job != f.Job:
		case len(f.States) > 0 && !slices.Contains(f.States, r.State):
		case f.After != "" && r.ID >= f.After:
		case !f.Since.IsZero() && r.ID < runID(lowest(f.Since)):
		case !f.Until.IsZero() && r.ID >= runID(lowest(f.Until)):
		default:
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b Run) int { return cmp.Compare(b.ID, a.ID) })
	return all
}

// overlaySlots lays the slots in memory over the written ones.
func (j *Journal) overlaySlots(written []Slot, job string, from, to time.Time) []Slot {
	memory := j.memory.Load()
	if memory == nil {
		return written
	}
	for _, k := range *memory {
		for _, row := range k.rows {
			s, is := row.(Slot)
			if !is || s.Job != job || s.At.After(to) || s.Last.Before(from) {
				continue
			}
			written = slices.DeleteFunc(written, func(w Slot) bool { return w.At.Equal(s.At) })
			written = append(written, s)
		}
	}
	slices.SortFunc(written, func(a, b Slot) int { return a.At.Compare(b.At) })
	return written
}

// commandInMemory is the last word on a command among what could not be written yet.
func (j *Journal) commandInMemory(id string) (last Command, waits bool) {
	memory := j.memory.Load()
	if memory == nil {
		return Command{}, false
	}
	for _, k := range *memory {
		for _, row := range k.rows {
			if c, is := row.(Command); is && c.ID == id {
				last, waits = c, true
			}
		}
	}
	return last, waits
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
