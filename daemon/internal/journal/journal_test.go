package journal_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

func open(tb testing.TB, dir string) *journal.Journal {
	tb.Helper()
	j, err := journal.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { j.Close() })
	return j
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// at is a second of an hour.
func at(second int) time.Time { return time.Unix(1_900_000_000+int64(second), 0) }

func put(j *journal.Journal, f func(b *journal.Batch)) {
	b := journal.Batch{Durable: true}
	f(&b)
	j.Write(&b)
}

func check[T any](t *testing.T, got T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestARunIsReadAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	code, took := 3, 1500*time.Millisecond
	r := journal.Run{
		ID: newID(), Job: "backup", State: "failed", Trigger: "schedule", Attempt: 2, Scheduled: at(0), Started: at(1), Ended: at(3),
		Duration: &took, Lateness: &took, ExitCode: &code, Pid: 77, Reason: "exit code 3", Generation: 4, SpecHash: strings.Repeat("ab", 32),
		CPU: &took, MaxRSS: 1 << 20, OutputBytes: 5, OutputDropped: 2, OutputLost: "full", Survivors: []int{8, 9},
	}
	put(j, func(b *journal.Batch) { b.PutRun(r) })
	j.Close()
	j = open(t, dir)
	got, ok, err := j.Run(r.ID)
	if err != nil || !ok || fmt.Sprintf("%+v %v %v", got.Survivors, *got.ExitCode, *got.CPU) != "[8 9] 3 1.5s" {
		t.Fatalf("run is %+v, %v, %v", got, ok, err)
	}
	r.Duration, got.Duration, r.Lateness, got.Lateness, r.ExitCode, got.ExitCode, r.CPU, got.CPU = nil, nil, nil, nil, nil, nil, nil, nil
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", r) {
		t.Errorf("run is\n%+v, want\n%+v", got, r)
	}
	if got, ok, _ := j.Run(r.ID[len(r.ID)-6:]); !ok || got.ID != r.ID {
		t.Errorf("the end of its id finds %+v", got)
	}
	if _, ok, _ := j.Run("ffff"); ok {
		t.Error("a wrong end finds a run")
	}
}

func TestRunsArePagedAndFiltered(t *testing.T) {
	j := open(t, t.TempDir())
	var ids []string
	put(j, func(b *journal.Batch) {
		for i := range 50 {
			id := newID()
			ids = append(ids, id)
			state := "succeeded"
			if i%10 == 0 {
				state = "failed"
			}
			b.PutRun(journal.Run{ID: id, Job: fmt.Sprintf("job-%d", i%2), State: state, Trigger: "manual", Attempt: 1})
		}
	})
	page, more, err := j.Runs(journal.RunFilter{Limit: 20})
	if check(t, page, err); !more || len(page) != 20 || page[0].ID != ids[49] {
		t.Errorf("a page of %d, more: %v", len(page), more)
	}
	page, more, err = j.Runs(journal.RunFilter{Limit: 100, After: page[19].ID})
	if check(t, page, err); more || len(page) != 30 || page[29].ID != ids[0] {
		t.Errorf("the rest is %d, more: %v", len(page), more)
	}
	page, _, err = j.Runs(journal.RunFilter{Limit: 100, States: []string{"failed", "lost"}, Job: "job-0"})
	if check(t, page, err); len(page) != 5 {
		t.Errorf("%d failed", len(page))
	}
	if page, _, _ = j.Runs(journal.RunFilter{Limit: 100, Since: time.Now().Add(time.Hour)}); len(page) != 0 {
		t.Errorf("%d runs of the future", len(page))
	}
	if page, _, _ = j.Runs(journal.RunFilter{Limit: 100, Since: time.Now().Add(-time.Hour)}); len(page) != 50 {
		t.Errorf("%d runs of the last hour", len(page))
	}
}

func slot(second int, outcome, reason string) journal.Slot {
	return journal.Slot{Job: "tick", At: at(second), Outcome: outcome, Reason: reason}
}

func ledger(t *testing.T, j *journal.Journal) string {
	t.Helper()
	slots, err := j.Slots("tick", at(0), at(3600), 0)
	check(t, slots, err)
	var text []string
	for _, s := range slots {
		run := ""
		if s.Run != "" {
			run = " run"
		}
		text = append(text, fmt.Sprintf("%s %d..%d ×%d%s", s.Outcome, s.At.Unix()-at(0).Unix(), s.Last.Unix()-at(0).Unix(), s.Count, run))
	}
	return strings.Join(text, ", ")
}

func TestEqualOutcomesAreOneRow(t *testing.T) {
	j := open(t, t.TempDir())
	put(j, func(b *journal.Batch) {
		for i := range 100 {
			b.PutSlots(slot(i, "skipped", "paused"))
		}
		b.PutSlots(slot(100, "skipped", "another reason"))
		s := slot(101, "missed", "away")
		s.Last, s.Count = at(200), 100
		b.PutSlots(s)
		b.PutSlots(slot(150, "ran", "it must not: it has its outcome"))
		b.PutSlots(slot(201, "missed", "away"))
	})
	if got := ledger(t, j); got != "skipped 0..99 ×100, skipped 100..100 ×1, missed 101..201 ×101" {
		t.Error(got)
	}
	if got, err := j.Slots("tick", at(50), at(50), 0); err != nil || len(got) != 1 || got[0].Count != 100 {
		t.Errorf("within the stretch: %+v, %v", got, err)
	}
	put(j, func(b *journal.Batch) { b.CutSlots("tick", at(150)) })
	if got := ledger(t, j); got != "skipped 0..99 ×100, skipped 100..100 ×1" {
		t.Error(got)
	}
}

func TestForgottenRunsStayInTheLedger(t *testing.T) {
	j := open(t, t.TempDir())
	var ids []string
	put(j, func(b *journal.Batch) {
		for i := range 10 {
			id := newID()
			ids = append(ids, id)
			state := "succeeded"
			if i == 9 {
				state = "running"
			}
			b.PutRun(journal.Run{ID: id, Job: "tick", State: state, Attempt: 1, Scheduled: at(i)})
			s := slot(i, "ran", "due")
			s.Run = id
			b.PutSlots(s)
		}
	})
	old, err := j.Expired("tick", 4, time.Time{}, 100)
	if check(t, old, err); len(old) != 5 || old[0].ID != ids[0] { // and one is in progress
		t.Fatalf("%d are beyond the newest four that have ended", len(old))
	}
	j.Forget(append(ids[:6:6], ids[9])) // the last one is in progress
	if got := ledger(t, j); got != "ran 0..5 ×6, ran 6..6 ×1 run, ran 7..7 ×1 run, ran 8..8 ×1 run, ran 9..9 ×1 run" {
		t.Error(got)
	}
	j.Forget(ids[6:7])
	if got := ledger(t, j); !strings.HasPrefix(got, "ran 0..6 ×7, ") {
		t.Error(got)
	}
}

func TestWhyASlotDidNotRunOutlivesItsRun(t *testing.T) {
	j := open(t, t.TempDir())
	var ids []string
	put(j, func(b *journal.Batch) {
		for i, reason := range []string{"another took its place", "another took its place", "the job was disabled"} {
			s := slot(i, "skipped", reason)
			s.Run = newID()
			ids = append(ids, s.Run)
			b.PutRun(journal.Run{ID: s.Run, Job: "tick", State: "stopped", Attempt: 1, Scheduled: at(i)})
			b.PutSlots(s)
		}
	})
	j.Forget(ids)
	slots, err := j.Slots("tick", at(0), at(3600), 0)
	check(t, slots, err)
	if len(slots) != 2 || slots[0].Count != 2 || slots[0].Reason != "another took its place" || slots[1].Reason != "the job was disabled" {
		t.Errorf("slots are %+v", slots)
	}
}

func TestBootHasWhatAWorkerNeeds(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	last, queued := newID(), newID()
	put(j, func(b *journal.Batch) {
		for n := range 3 {
			b.AddGeneration(journal.Generation{Number: n + 1, Hash: "h", Accepted: at(n), Jobs: 1, Files: []journal.File{{Path: "/a", Text: fmt.Sprint("text", n/2)}, {Path: "/b", Text: "same"}}})
		}
		b.PutRun(journal.Run{ID: last, Job: "a", State: "succeeded", Attempt: 1})
		b.PutRun(journal.Run{ID: queued, Job: "a", State: "queued", Attempt: 1, Live: []byte(`{"x":1}`)})
		b.PutJob(journal.Job{Name: "a", Cursor: at(9), Failures: 2, LastRun: last, Generation: 3, SpecHash: "s"})
		b.PutJob(journal.Job{Name: "mine", Owner: []byte("{}"), Definition: "command: x"})
		b.PutOverride(journal.Override{ID: "o1", Job: "a", Kind: "pause", Created: at(1), Until: at(5), Owner: []byte("{}"), Reason: "why"})
		b.PutOverride(journal.Override{ID: "o2", Job: "a", Kind: "skip", Created: at(2)})
		b.EndOverride("o2", at(3), "done")
		b.PutRequest(journal.Request{ID: "q1", Job: "a", Trigger: "manual", Created: at(1)})
		b.PutRequest(journal.Request{ID: "q2", Job: "a", Trigger: "manual", Created: at(2)})
		b.DropRequest("q1")
		b.PutSource(journal.Source{Data: []byte("seen")})
		b.AddEvent(journal.Event{Seq: 12, Time: at(0), Kind: "k", Job: "a", Run: last, Message: "m"})
	})
	j.Close()
	b, err := open(t, dir).Boot()
	if err != nil {
		t.Fatal(err)
	}
	if b.Generation.Number != 3 || len(b.Generation.Files) != 2 || b.Generation.Files[0].Text != "text1" || b.Generation.Files[1].Text != "same" {
		t.Errorf("generation is %+v", b.Generation)
	}
	if len(b.Jobs) != 2 || b.Jobs[0].Failures != 2 || !b.Jobs[0].Cursor.Equal(at(9)) || b.Jobs[1].Definition != "command: x" {
		t.Errorf("jobs are %+v", b.Jobs)
	}
	if len(b.LastRuns) != 1 || b.LastRuns[0].ID != last || len(b.Open) != 1 || b.Open[0].ID != queued || string(b.Open[0].Live) != `{"x":1}` {
		t.Errorf("runs are %+v and %+v", b.LastRuns, b.Open)
	}
	if len(b.Overrides) != 1 || b.Overrides[0].Reason != "why" || len(b.Requests) != 1 || b.Requests[0].ID != "q2" || string(b.Source.Data) != "seen" || b.EventSeq != 12 {
		t.Errorf("boot is %+v", b)
	}
}

func TestARenamedJobKeepsItsHistory(t *testing.T) {
	j := open(t, t.TempDir())
	id := newID()
	put(j, func(b *journal.Batch) {
		b.PutRun(journal.Run{ID: id, Job: "old", State: "succeeded", Attempt: 1})
		b.PutJob(journal.Job{Name: "new", Gone: true}) // there was one of that name
		b.RenameJob("old", "new")
	})
	got, ok, err := j.Run(id)
	if err != nil || !ok || got.Job != "new" || got.OutputJob != "old" {
		t.Errorf("run is %+v, %v", got, err)
	}
}

func TestAReplicaFollowsTheChanges(t *testing.T) {
	j := open(t, t.TempDir())
	id := newID()
	for range 3 {
		put(j, func(b *journal.Batch) {
			b.PutRun(journal.Run{ID: id, Job: "a", State: "running"})
			b.PutSlots(slot(1, "ran", ""))
		})
	}
	all, err := j.Changes(0, 100)
	if check(t, all, err); len(all) != 8 { // the two jobs are new, and the rest is written three times
		t.Fatalf("changes are %+v", all)
	}
	rest, err := j.Changes(all[2].Seq, 2)
	if check(t, rest, err); len(rest) != 2 || rest[0] != all[3] {
		t.Errorf("after the third come %+v", rest)
	}
}

// damages are ways in which a file is not whole.
var damages = map[string]func(text []byte) []byte{
	"garbage in the header": func(b []byte) []byte { return append(bytes.Repeat([]byte("x"), 200), b[200:]...) },
	"garbage in the middle": func(b []byte) []byte {
		for i := 4096; i < len(b)-4096; i += 512 {
			copy(b[i:], "garbage garbage garbage")
		}
		return b
	},
	"empty":     func([]byte) []byte { return nil },
	"truncated": func(b []byte) []byte { return b[:len(b)/2-100] },
	"not a database": func([]byte) []byte {
		return []byte("this is a text of somebody, long enough to be looked at as if it were a header of a database, which it is not\n")
	},
}

func TestADamagedJournalIsSetAside(t *testing.T) {
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := open(t, dir)
			put(j, func(b *journal.Batch) {
				for range 2000 {
					b.PutRun(journal.Run{ID: newID(), Job: "a", State: "succeeded", Reason: "some reason or other"})
				}
			})
			j.Close()
			path := filepath.Join(dir, "journal.db")
			text, err := os.ReadFile(path)
			check(t, text, err)
			text = damage(text)
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			j = open(t, dir)
			s := j.State()
			if s.SetAside == "" || !s.OK {
				t.Fatalf("state is %+v", s)
			}
			if kept, err := os.ReadFile(s.SetAside); err != nil || !bytes.Equal(kept, text) {
				t.Errorf("the damaged file is not as it was: %v", err)
			}
			put(j, func(b *journal.Batch) { b.PutRun(journal.Run{ID: newID(), Job: "a", State: "queued"}) })
			if b, err := j.Boot(); err != nil || len(b.Open) != 1 {
				t.Errorf("the new one has %+v, %v", b, err)
			}
			j.Close()
			j = open(t, dir)
			if again := j.State().SetAside; again != s.SetAside {
				t.Errorf("when it is opened again it names %q, want %q", again, s.SetAside)
			}
			if err := os.Remove(s.SetAside); err != nil {
				t.Fatal(err)
			}
			if again := j.State().SetAside; again != "" {
				t.Errorf("it names %q, which is gone", again)
			}
		})
	}
}

func TestWhatIsNotOursIsRefused(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"a link":      func(path string) error { return os.Symlink("/etc/passwd", path) },
		"a directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"a fifo":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a database of another program": func(path string) error {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				return err
			}
			_, err = db.Exec("CREATE TABLE notes (text)")
			return errors.Join(err, db.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := make(filepath.Join(dir, "journal.db")); err != nil {
				t.Fatal(err)
			}
			_, err := journal.Open(dir, slog.New(slog.DiscardHandler))
			if foreign, is := errors.AsType[*journal.ForeignError](err); !is || foreign.Hint() == "" {
				t.Errorf("it is opened: %v", err)
			}
		})
	}
}

func TestANewerJournalIsRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	open(t, dir).Close()
	path := filepath.Join(dir, "journal.db")
	text, err := os.ReadFile(path)
	check(t, text, err)
	text[63] = 99 // the last byte of user_version, see the file format
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = journal.Open(dir, slog.New(slog.DiscardHandler))
	newer, is := errors.AsType[*journal.NewerError](err)
	if !is || newer.Has != 99 || !strings.Contains(newer.Hint(), path) {
		t.Fatalf("it is opened: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, text) {
		t.Errorf("it was changed: %v", err)
	}
}

// A power cut leaves the database with some prefix of its write-ahead log. What had been
// committed durably before is there, a transaction whole or not at all.
func TestAnyPrefixOfTheLogIsAJournal(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	for i := range 60 {
		put(j, func(b *journal.Batch) {
			id := newID()
			s := slot(i, "ran", "due")
			s.Run = id
			b.PutSlots(s)
			b.PutRun(journal.Run{ID: id, Job: "tick", State: "succeeded", Attempt: 1, Scheduled: at(i)})
			b.PutJob(journal.Job{Name: "tick", Cursor: at(i), LastRun: id})
		})
	}
	main, err := os.ReadFile(filepath.Join(dir, "journal.db"))
	check(t, main, err)
	wal, err := os.ReadFile(filepath.Join(dir, "journal.db-wal"))
	check(t, wal, err)
	if len(wal) < 100_000 {
		t.Fatalf("the log has %d bytes: there is nothing to cut", len(wal))
	}
	before := -1
	for i := range 41 {
		cut := t.TempDir()
		n := len(wal) * i / 40
		if err := errors.Join(os.WriteFile(filepath.Join(cut, "journal.db"), main, 0o600), os.WriteFile(filepath.Join(cut, "journal.db-wal"), wal[:n], 0o600)); err != nil {
			t.Fatal(err)
		}
		k := open(t, cut)
		if s := k.State(); s.SetAside != "" || !s.OK {
			t.Fatalf("with %d bytes of the log: %+v", n, s)
		}
		b, err := k.Boot()
		check(t, b, err)
		slots, err := k.Slots("tick", at(0), at(3600), 0)
		check(t, slots, err)
		runs, _, err := k.Runs(journal.RunFilter{Job: "tick", Limit: 1000})
		check(t, runs, err)
		if len(slots) != len(runs) || len(slots) < before {
			t.Errorf("with %d bytes of the log: %d slots, %d runs, %d before", n, len(slots), len(runs), before)
		}
		if len(slots) > 0 && (!b.Jobs[0].Cursor.Equal(slots[len(slots)-1].At) || b.Jobs[0].LastRun != runs[0].ID) {
			t.Errorf("with %d bytes of the log: the cursor is %s, the last slot %s", n, b.Jobs[0].Cursor, slots[len(slots)-1].At)
		}
		before = len(slots)
		k.Close()
	}
	if before != 60 {
		t.Errorf("with all of the log there are %d slots", before)
	}
}
