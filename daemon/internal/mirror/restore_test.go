package mirror

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// lostHour is what happens after a copy of the journal was taken and before it is put in the journal's place. All of it is in the database.
type lostHour struct {
	before   replica
	open     journal.Run // ran at the time of the copy, and ended after it
	newRun   journal.Run
	override journal.Override // ended after the copy
}

// loseAnHour has a machine live, copies its journal, has it live on, and restores the copy.
// The worker lives through the copy, or is another then.
func loseAnHour(t *testing.T, m *machine, alive bool) lostHour {
	t.Helper()
	copied := t.TempDir()
	h := lostHour{
		open:     journal.Run{ID: newID(), Job: "backup", State: "running", Trigger: "schedule", Attempt: 1, Scheduled: at(25000), Started: at(25000), Live: []byte(`{}`)},
		override: journal.Override{ID: "o9", Job: "backup", Kind: "pause", Created: at(25000)},
	}
	m.start()
	m.live(dice(1), 40, nil)
	m.put(func(b *journal.Batch) {
		b.PutRun(h.open)
		b.PutSlots(journal.Slot{Job: "backup", At: at(25000), Outcome: "ran", Run: h.open.ID})
		b.PutOverride(h.override)
	})
	m.sync()
	if alive {
		m.copyTo(copied)
	} else {
		m.end()
		m.copyTo(copied)
		m.start()
	}
	h.newRun = succeeded("report", 26000)
	m.put(func(b *journal.Batch) {
		b.PutRun(ended(dice(1), m, h.open))
		b.EndOverride("o9", at(25001), "over")
		b.PutRun(h.newRun)
		b.PutSlots(journal.Slot{Job: "report", At: at(26000), Outcome: "ran", Run: h.newRun.ID})
		b.AddEvent(journal.Event{Seq: 1000, Time: at(26000), Kind: "ran", Job: "report", Message: "in the lost hour"})
	})
	m.live(dice(2), 40, nil)
	m.sync()
	m.end()
	h.before = m.inDatabase(hostIn(t, m.dir))
	m.restore(copied)
	m.doings = steady()
	return h
}

// hostIn is the host's id in a state directory.
func hostIn(t *testing.T, dir string) string {
	t.Helper()
	id, why, err := identify(dir, "machine-1", true)
	if err != nil || why != "" {
		t.Fatal(err, why)
	}
	return id.ID
}

// goOn is what a daemon does that has a restored journal: it takes what ran as lost, and slots after the copy as missed.
func (h lostHour) goOn(m *machine) {
	r := h.open
	r.State, r.Reason, r.Live = "lost", "its process is gone", nil
	m.put(func(b *journal.Batch) {
		b.PutRun(r)
		b.PutSlots(journal.Slot{Job: "report", At: at(26000), Outcome: "missed", Reason: "the daemon was not running"})
		b.PutRun(succeeded("backup", 27000))
		b.PutSlots(journal.Slot{Job: "backup", At: at(27000), Outcome: "ran"})
		b.AddEvent(journal.Event{Seq: 1000, Time: at(27000), Kind: "started", Message: "after the restore"})
	})
}

// check tells whether the database still knows the lost hour.
func (h lostHour) check(t *testing.T, m *machine) {
	t.Helper()
	now := m.inDatabase(m.id())
	for name, rows := range h.before {
		for key, was := range rows {
			is, there := now[name][key]
			switch {
			case !there:
				t.Errorf("%s %s is lost", name, key)
			case name == "runs" && was["state"] != "queued" && was["state"] != "running" && is["state"] != was["state"]:
				t.Errorf("run %s has ended as %v and is %v now", key, was["state"], is["state"])
			case name == "slots" && (was["outcome"] == "ran" || was["outcome"] == "caught_up") && is["outcome"] != was["outcome"]:
				t.Errorf("slot %s has %v and is %v now", key, was["outcome"], is["outcome"])
			case name == "events" && encode(is) != encode(was):
				t.Errorf("event %s says %v and said %v", key, is["message"], was["message"])
			case name == "overrides" && was["ended_at"] != nil && is["ended_at"] == nil:
				t.Errorf("override %s had ended", key)
			}
		}
	}
}

func TestJournalThatWasRestored(t *testing.T) {
	t.Parallel()
	a := open(t)
	for name, goOn := range map[string]func(t *testing.T, m *machine, h lostHour){
		"and is synced at once": func(_ *testing.T, m *machine, h lostHour) {
			m.start()
			m.sync()
			h.goOn(m)
			m.live(dice(3), 30, nil)
		},
		"and goes on for long before": func(_ *testing.T, m *machine, h lostHour) {
			m.database.URL = "postgres://127.0.0.1:1/nowhere?sslmode=disable"
			for i := range 4 {
				m.start()
				if i == 0 {
					h.goOn(m)
				}
				m.live(dice(uint64(10+i)), 60, nil) // more than the lost hour had
				m.end()
			}
			m.database.URL = a.url(pgtest.Direct)
			m.start()
		},
		"and once more": func(t *testing.T, m *machine, h lostHour) {
			again := t.TempDir()
			m.copyTo(again)
			m.start()
			h.goOn(m)
			m.sync()
			m.live(dice(4), 20, nil)
			m.sync()
			m.end()
			m.restore(again)
			m.start()
			m.live(dice(5), 20, nil)
			m.sync()
			h.check(t, m)
			h.goOn(m)
		},
		"and is broken off while it is sent": func(t *testing.T, m *machine, h lostHour) {
			for _, name := range []string{"jobs", "overrides", "runs", "slots"} {
				mend := a.refuse(t, name)
				m.start()
				if m.now() {
					t.Error("it says that all has arrived")
				}
				m.live(dice(6), 5, nil)
				m.crash()
				mend()
			}
			m.start()
			h.goOn(m)
		},
	} {
		for _, alive := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, alive %v", name, alive), func(t *testing.T) {
				m := build(t, a, a.url(pgtest.Direct))
				h := loseAnHour(t, m, alive)
				goOn(t, m, h)
				m.sync()
				h.check(t, m)
				m.equal()
				m.live(dice(8), 20, nil)
				m.sync()
				h.check(t, m)
				m.equal()
				if want := "all its rows are sent anew"; !strings.Contains(m.log.String(), want) {
					t.Errorf("the log does not say %q", want)
				}
				if lives := m.query("select distinct life > 0 from lsh.events where host_id = $1::uuid order by 1", m.id()); len(lives) != 2 {
					t.Errorf("events are of lives %v", lives)
				}
			})
		}
	}
}

// A row that has nothing to do with the copy is what it was. The same where only events came after the copy.
func TestJournalThatLostOnlyEvents(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Direct)).start()
	say := func(seq int64, what string) {
		m.put(func(b *journal.Batch) {
			b.AddEvent(journal.Event{Seq: seq, Time: time.Now(), Kind: "said", Message: what})
		})
	}
	r := succeeded("backup", 0)
	r.State, r.Ended, r.Live = "running", time.Time{}, []byte(`{}`)
	m.put(func(b *journal.Batch) {
		b.PutRun(r)
		b.PutSlots(journal.Slot{Job: "backup", At: at(0), Outcome: "ran", Run: r.ID})
	})
	say(1, "before the copy")
	m.sync()
	copied := t.TempDir()
	m.copyTo(copied)
	say(2, "lost")
	m.sync()
	m.end()

	m.restore(copied)
	mend := a.refuse(t, "slots")
	m.start()
	if m.now() || len(m.query("select from lsh.runs where host_id = $1::uuid and seq > 1000000", m.id())) != 1 {
		t.Fatal("the snapshot was not broken off between runs and slots")
	}
	m.crash()
	mend()

	m.restore(copied)
	m.start()
	m.put(func(b *journal.Batch) { b.PutRun(succeeded("backup", 9)); b.PutRun(ended(dice(1), m, r)) })
	say(2, "after the copy")
	m.sync()
	m.equal()
	want := "before the copy lost after the copy"
	if got := strings.Join(m.query("select message from lsh.events where host_id = $1::uuid order by seq, at", m.id()), " "); got != want {
		t.Errorf("events are %s, want %s", got, want)
	}
}

// What an operator said in the lost hour is no more in force: the restored journal does not know it.
func TestPauseOfTheLostHour(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Direct)).start()
	m.put(func(b *journal.Batch) { b.PutJob(journal.Job{Name: "backup", Cursor: at(0)}) })
	m.sync()
	copied := t.TempDir()
	m.copyTo(copied)
	m.put(func(b *journal.Batch) {
		b.PutOverride(journal.Override{ID: "lost", Job: "backup", Kind: "pause", Created: at(1)})
		b.PutJob(journal.Job{Name: "added", Cursor: at(1)})
	})
	m.sync()
	m.end()
	m.restore(copied)
	m.start().sync()
	want := "lost true the restored journal does not know it"
	if got := strings.Join(m.query("select id || ' ' || (ended_at is not null) || ' ' || ended_reason from lsh.overrides"), "; "); got != want {
		t.Errorf("overrides are %q, want %q", got, want)
	}
	if got := strings.Join(m.query("select name from lsh.jobs where not gone"), " "); got != "backup" {
		t.Errorf("jobs that are not gone: %q", got)
	}
}
