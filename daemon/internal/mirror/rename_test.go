package mirror

import (
	"testing"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// succeeded is a run of a job that has ended well.
func succeeded(job string, second int) journal.Run {
	return journal.Run{ID: newID(), Job: job, State: "succeeded", Trigger: "schedule", Attempt: 1, Scheduled: at(second), Ended: at(second + 1)}
}

// A row is sent as it now is, with its job's name of now. Renames that are sent after it must not give it another.
func TestRenamesThatWaitTogether(t *testing.T) {
	a := open(t)
	for name, doing := range map[string]func(m *machine){
		"a name is taken over": func(m *machine) {
			m.put(func(b *journal.Batch) {
				b.PutRun(succeeded("report", 0))
				b.PutOverride(journal.Override{ID: "o1", Job: "report", Kind: "pause", Created: at(0)})
			})
			m.put(func(b *journal.Batch) { b.RenameJob("backup", "archive") })
			m.put(func(b *journal.Batch) { b.RenameJob("report", "backup") })
		},
		"two swap their names": func(m *machine) {
			m.put(func(b *journal.Batch) { b.PutRun(succeeded("backup", 10)) })
			m.put(func(b *journal.Batch) { b.PutRun(succeeded("report", 10)) })
			m.put(func(b *journal.Batch) {
				b.RenameJob("backup", "between")
				b.RenameJob("report", "backup")
				b.RenameJob("between", "report")
			})
		},
		"two become one, and part": func(m *machine) {
			m.put(func(b *journal.Batch) { b.PutRun(succeeded("backup", 20)) })
			m.put(func(b *journal.Batch) { b.RenameJob("backup", "report") })
			m.put(func(b *journal.Batch) { b.PutRun(succeeded("backup", 30)) })
			m.put(func(b *journal.Batch) { b.RenameJob("backup", "report") })
			m.put(func(b *journal.Batch) { b.PutRun(succeeded("backup", 40)) })
		},
		"a name is used again in the same turn": func(m *machine) {
			m.put(func(b *journal.Batch) {
				b.PutJob(journal.Job{Name: "backup", Failures: 1})
				b.PutSlots(journal.Slot{Job: "backup", At: at(0), Outcome: "missed"})
				b.RenameJob("backup", "archive")
				b.PutJob(journal.Job{Name: "backup", Failures: 2})
				b.PutSlots(journal.Slot{Job: "backup", At: at(0), Outcome: "missed"})
				b.RenameJob("report", "backup")
				b.RenameJob("backup", "archive")
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := build(t, a, a.url(pgtest.Direct)).start()
			m.put(func(b *journal.Batch) {
				b.PutRun(succeeded("backup", 50))
				b.PutRun(succeeded("report", 50))
				b.PutSlots(journal.Slot{Job: "backup", At: at(50), Outcome: "ran"})
			})
			m.sync()
			doing(m)
			m.sync()
			m.equal()
		})
	}
}
