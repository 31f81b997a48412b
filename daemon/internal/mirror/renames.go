package mirror

import (
	"slices"
	"strings"
)

// renames are those that come after a row, in order. The row is sent as it now is, and they are carried out on it in the database
// once more: it must go by a name of which they make its own.
type renames []renameRow

// renamesAfter are those after a change.
func (m *Mirror) renamesAfter(change int64) (all renames, err error) {
	changes, err := m.view.Renames(change)
	for _, c := range changes {
		from, to, _ := strings.Cut(c.Key, " ")
		all = append(all, renameRow{from, to})
	}
	return all, err
}

// undo gives a row a name of before. There is none where the row came to be after one of them had taken its name away: its own change is
// still to come.
func (r renames) undo(name *string) bool {
	if len(r) == 0 {
		return true
	}
	names := map[string]bool{*name: true}
	for _, one := range slices.Backward(r) {
		if names[one.To] {
			names[one.From] = true
		} else {
			delete(names, one.From)
		}
	}
	if names[*name] {
		return true
	}
	for former := range names {
		*name = former
		return true
	}
	return false
}

// rename gives runs and overrides the names of before. What else has a job's name comes again after a rename.
func (f found) rename(names renames) {
	if len(names) == 0 {
		return
	}
	for id, run := range f.runs {
		if !names.undo(&run.Job) {
			delete(f.runs, id)
			continue
		}
		f.runs[id] = run
	}
	for id, o := range f.overrides {
		if !names.undo(&o.Job) {
			delete(f.overrides, id)
			continue
		}
		f.overrides[id] = o
	}
}
