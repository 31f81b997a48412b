package journal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// Neither a kill nor a stop forgets what could not be written, and the next worker goes on from it though the disk is
// still full.
func TestRowsThatWaitOutliveTheWorker(t *testing.T) {
	onFullDisk(t, func(fill, free func()) {
		dir := t.TempDir()
		j := open(t, dir)
		put(j, func(b *journal.Batch) {
			b.PutJob(journal.Job{Name: "tick", Cursor: at(0)})
			b.PutOverride(journal.Override{ID: "o1", Job: "tick", Kind: "pause", Created: at(0)})
		})
		fill()
		for i := 0; j.OK(); i++ { // until it is full indeed
			put(j, func(b *journal.Batch) { b.PutSlots(slot(-1-i, "skipped", newID())) })
		}
		open1, ended := newID(), newID()
		put(j, func(b *journal.Batch) {
			b.PutRun(journal.Run{ID: open1, Job: "tick", State: "running", Scheduled: at(7), Live: []byte(`{"phase":2}`)})
			b.PutRun(journal.Run{ID: ended, Job: "tick", State: "failed", Scheduled: at(6), ExitCode: new(3), Duration: new(time.Second)})
			b.PutSlots(slot(6, "ran", "its slot is due"))
			b.PutSlots(slot(7, "ran", "its slot is due"))
			b.PutJob(journal.Job{Name: "tick", Cursor: at(7), LastRun: ended})
			b.EndOverride("o1", at(7), "resumed")
		})
		if s := j.State(); s.OK || s.Exposed != 0 {
			t.Fatalf("state is %+v", s)
		}
		// It is killed: nothing is closed.

		look := func(when string, j *journal.Journal) {
			b, err := j.Boot()
			check(t, b, err)
			if len(b.Jobs) != 1 || !b.Jobs[0].Cursor.Equal(at(7)) || len(b.Open) != 1 || b.Open[0].ID != open1 || string(b.Open[0].Live) != `{"phase":2}` {
				t.Errorf("%s a worker goes on from %+v and %+v", when, b.Jobs, b.Open)
			}
			if len(b.Overrides) != 0 || len(b.LastRuns) != 1 || *b.LastRuns[0].ExitCode != 3 || *b.LastRuns[0].Duration != time.Second {
				t.Errorf("%s a worker goes on from %+v and %+v", when, b.Overrides, b.LastRuns)
			}
		}
		again := open(t, dir)
		if again.OK() {
			t.Fatal("there is room")
		}
		look("on a full disk", again)
		if r, ok, err := again.Run(ended); err != nil || !ok || r.State != "failed" {
			t.Errorf("run is %+v, %v", r, err)
		}
		free()
		untilWritten(t, again)
		look("when there is room", again)
		again.Close()

		last := open(t, dir)
		look("later", last)
		if info, err := os.Stat(filepath.Join(dir, "journal.db.spill")); err != nil || info.Size() != 0 {
			t.Errorf("the spill is %+v, %v", info, err)
		}
	})
}
