package mirror

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// A row that the database can never take is set aside and told of. The others arrive.
func TestRowsThatTheDatabaseNeverTakes(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.db.Superuser(t, `alter table lsh.runs add constraint unlucky_run check (reason is null or reason <> 'unlucky');
		alter table lsh.events add constraint unlucky_event check (kind <> 'unlucky');
		alter table lsh.slots add constraint unlucky_slot check (outcome <> 'unlucky')`)
	for name, trimmed := range map[string]bool{"as changes": false, "in a snapshot": true} {
		t.Run(name, func(t *testing.T) {
			m := build(t, a, a.url(pgtest.Transaction)).start()
			m.sync()
			m.live(dice(1), 30, nil)
			bad := succeeded("backup", 30000)
			bad.Reason = "unlucky"
			second := succeeded("backup", 30001)
			second.State, second.Reason = "failed", "unlucky"
			m.source.printed(second.ID, "its output goes with it")
			heads, err := m.journal.Heads()
			m.check(err)
			m.put(func(b *journal.Batch) {
				b.PutRun(bad)
				b.PutSlots(journal.Slot{Job: "sweep", At: at(30000), Outcome: "unlucky"})
				b.AddEvent(journal.Event{Seq: heads.NewestEvent + 1, Time: at(0), Kind: "unlucky", Message: "with " + token})
				b.AddEvent(journal.Event{Seq: heads.NewestEvent + 2, Time: at(0), Kind: "lucky"})
			})
			m.live(dice(2), 10, nil)
			m.put(func(b *journal.Batch) { b.PutRun(second) })
			m.live(dice(3), 10, nil)
			if trimmed {
				m.trim()
			}
			m.sync()
			event := fmt.Sprint(heads.NewestEvent+1, " ", stamp(at(0)), " unlucky")
			var slot string
			for key := range m.inJournal()["slots"] {
				if strings.HasSuffix(key, fmt.Sprint(stamp(at(30000)))) {
					slot = key
				}
			}
			spared := []string{bad.ID, second.ID, event, slot}
			m.equal(spared...)
			s := m.mirror.Status()
			if s.SetAside != 4 || s.Err != nil || s.Backlog != 0 {
				t.Errorf("the status is %+v", s)
			}
			if !strings.Contains(s.LastAside, "violates check constraint") || !strings.Contains(s.LastAside, "(23514)") {
				t.Errorf("the last that was set aside is %q", s.LastAside)
			}
			if log := m.log.String(); !strings.Contains(log, bad.ID) || strings.Contains(log, token) {
				t.Errorf("the log is\n%s", log)
			}
			m.live(dice(4), 30, nil)
			m.sync()
			m.equal(spared...)
		})
	}
}

// What was set aside is sent again when somebody asks for it: the cause may be mended.
func TestRowsThatAreTakenAfterAll(t *testing.T) {
	a := open(t)
	a.db.Superuser(t, `alter table lsh.runs add constraint unlucky_run check (reason is null or reason <> 'unlucky');
		alter table lsh.run_output add constraint unlucky_output check (tail not like '%unlucky%');
		create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'no sweep here'; end $$;
		create trigger refuse before insert on lsh.slots for each row when (new.job = 'sweep') execute function public.refuse()`)
	m := build(t, a, a.url(pgtest.Direct)).start()
	run, printed := succeeded("backup", 1), succeeded("backup", 2)
	run.Reason, printed.State = "unlucky", "failed"
	m.source.printed(printed.ID, "an unlucky word")
	m.put(func(b *journal.Batch) {
		b.PutRun(run)
		b.PutRun(printed)
		b.PutSlots(journal.Slot{Job: "sweep", At: at(3), Outcome: "ran"})
	})
	m.sync()
	if got := m.query("select id::text from lsh.runs"); len(got) != 1 || got[0] != printed.ID {
		t.Errorf("the runs are %v: the one whose output alone is refused is there", got)
	}
	if s := m.mirror.Status(); s.SetAside != 3 || len(s.Warnings) != 1 {
		t.Errorf("the status is %+v", s)
	}
	a.db.Superuser(t, "alter table lsh.runs drop constraint unlucky_run; alter table lsh.run_output drop constraint unlucky_output; drop trigger refuse on lsh.slots")
	m.sync()
	m.equal()
	if s := m.mirror.Status(); s.SetAside != 0 || s.LastAside != "" || len(s.Warnings) != 0 {
		t.Errorf("the status is %+v", s)
	}
}

// What is at a limit, or odd, is taken as it is, or as much of it as can be stored.
func TestOddRows(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Transaction)).start()
	month, code := 30*24*time.Hour, math.MaxInt32
	early := time.Date(1970, time.January, 1, 0, 0, 3, 7, time.UTC)
	bytes := make([]byte, 256)
	for i := range bytes {
		bytes[i] = byte(i)
	}
	m.put(func(b *journal.Batch) {
		for i, r := range []journal.Run{
			{Reason: "a NUL \x00 in it", OutputLost: "\x00"},
			{Reason: "no UTF-8 \xff\xfe, half a rune \xe2\x82", Signal: "SIGKILL"},
			{Reason: string(bytes)},
			{Reason: `\u0000 as JSON has it, "quoted" \`},
			{Reason: strings.Repeat("é", longestText)},
			{Started: early, Ended: early.Add(time.Second), Scheduled: early, NotBefore: early},
			{Duration: &month, Lateness: &month, CPU: &month},
			{ExitCode: &code, Pid: math.MaxInt64, MaxRSS: math.MaxInt64, OutputBytes: math.MaxInt64, OutputDropped: math.MaxInt64, Attempt: math.MaxInt32},
			{ExitCode: new(-code), Attempt: 0, Generation: math.MaxInt64, Survivors: []int{math.MaxInt64}},
			{ID: "00000000-0bb8-7000-8000-000000000000", Scheduled: early}, // admitted in 1970
		} {
			if r.ID == "" {
				r.ID = newID()
			}
			r.Job, r.State, r.Trigger = "backup", "failed", "schedule"
			b.PutRun(r)
			m.source.printed(r.ID, string(bytes)+fmt.Sprint(i))
		}
		b.PutSlots(journal.Slot{Job: "backup", At: early, Last: early.Add(month), Count: math.MaxInt64, Outcome: "missed", Reason: "\x00"})
		b.PutSlots(journal.Slot{Job: "backup", At: time.Unix(0, math.MaxInt64), Outcome: "skipped"})
		b.PutJob(journal.Job{Name: "odd/näme with spaces@1", Cursor: early, Failures: math.MaxInt64, Owner: []byte(`{"user": "\u0000\ud800"}`)})
		b.PutSlots(journal.Slot{Job: "odd/näme with spaces@1", At: at(1).Add(999), Outcome: "ran"})
		b.PutOverride(journal.Override{ID: "o\x01", Job: "backup", Kind: "pause", Owner: []byte(`{"user": "a\u0000b"}`), Reason: "\x00\xff", Created: early})
		b.AddGeneration(journal.Generation{Number: math.MaxInt64, Accepted: early, Summary: []byte(`{"text": "\u0000"}`), Reason: "\x00", Owner: []byte("null")})
		b.AddEvent(journal.Event{Seq: 1, Time: time.Now(), Kind: "odd", Message: string(bytes), Count: math.MaxInt64, Slot: early})
	})
	m.sync()
	if s := m.mirror.Status(); s.SetAside != 0 {
		t.Errorf("%d are set aside: %s", s.SetAside, s.LastAside)
	}
	var long []string
	for key, w := range m.inDatabase(m.id())["runs"] {
		if reason, _ := w["reason"].(string); len(reason) > 1000 {
			long = append(long, key)
			if len(reason) > longestText+len("…") || !strings.HasSuffix(reason, "é…") {
				t.Errorf("a long text has %d bytes and ends in %q", len(reason), reason[len(reason)-6:])
			}
		}
	}
	if len(long) != 1 {
		t.Errorf("long texts are %v", long)
	}
	m.equal(long...)

	// An id that is none of ours cannot be a column's.
	m.put(func(b *journal.Batch) {
		b.PutRun(journal.Run{ID: "handmade", Job: "backup", State: "failed"})
		b.PutRun(journal.Run{ID: uuid.NewString(), Job: "backup", State: "failed", Reason: "it has"})
	})
	m.sync()
	if s := m.mirror.Status(); s.SetAside != 1 || !strings.HasPrefix(s.LastAside, "run handmade: ") {
		t.Errorf("%d are set aside: %s", s.SetAside, s.LastAside)
	}
	if len(m.query("select from lsh.runs where reason = 'it has'")) != 1 {
		t.Error("what came with it did not arrive")
	}
}
