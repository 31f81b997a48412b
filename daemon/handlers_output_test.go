package daemon

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
)

// A run that waits, or was dropped while it did, has printed nothing: the last
// output is that of a run before it.
func TestTheLastRunIsOneThatWasBegun(t *testing.T) {
	j, err := journal.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	d := &Daemon{journal: j, table: &table{}}
	began := time.Date(2026, 3, 8, 2, 0, 0, 0, time.UTC)
	put := func(r journal.Run) {
		t.Helper()
		var b journal.Batch
		r.Job, r.Trigger, r.Attempt = "a", "schedule", 1
		b.PutRun(r)
		j.Write(&b)
	}
	const id = "00de540b-d000-7001-a144-10e5114ef17"
	for _, c := range []struct {
		next journal.Run
		want string // the last character of its id
	}{
		{journal.Run{ID: id + "1", State: ipc.RunQueued}, "1"}, // there is no other
		{journal.Run{ID: id + "2", State: ipc.RunFailed, Started: began}, "2"},
		{journal.Run{ID: id + "3", State: ipc.RunQueued}, "2"},
		{journal.Run{ID: id + "4", State: ipc.RunStopped}, "2"},
		{journal.Run{ID: id + "5", State: ipc.RunStopped, Started: began}, "5"},
		{journal.Run{ID: id + "6", State: ipc.RunFailed}, "6"}, // it could not start: that is news
	} {
		put(c.next)
		if got, err := d.outputOf(ipc.OutputParams{Job: "a"}); err != nil || got.ID != id+c.want {
			t.Errorf("after %s in state %s the last is %s: %v", c.next.ID, c.next.State, got.ID, err)
		}
	}
}

func TestARunIsNamedByTheEndOfItsID(t *testing.T) {
	j, err := journal.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	d := &Daemon{journal: j, table: &table{}}
	var b journal.Batch
	for id, job := range map[string]string{
		"00de540b-d000-7001-a144-10e5114ef171": "a",
		"00de540b-d000-7001-a144-20e5114ef171": "a",
		"00de540b-d000-7001-a144-30e5214ef171": "b",
	} {
		b.PutRun(journal.Run{ID: id, Job: job, State: ipc.RunSucceeded, Trigger: "manual", Attempt: 1})
	}
	j.Write(&b)
	for _, c := range []struct{ job, run, want string }{
		{"", "214ef171", "30e5214ef171"},
		{"", "214EF171", "30e5214ef171"},
		{"", "00de540b-d000-7001-a144-10e5114ef171", "10e5114ef171"},
		{"", "4ef171", "the ids of 3 runs end in 4ef171"},
		{"a", "4ef171", "the ids of 2 runs end in 4ef171"},
		{"b", "4ef171", "30e5214ef171"},
		{"a", "214ef171", "run 214ef171 is not one of a but of b"},
		{"", "0000", "no such run: 0000"},
		{"", "71", "no such run: 71"},
		{"", "not an id", "no such run: not an id"},
		{"c", "4ef171", "no such job: c"},
	} {
		row, err := d.outputOf(ipc.OutputParams{Job: c.job, Run: c.run})
		if refused, is := errors.AsType[*ipc.Error](err); is && refused.Message == c.want {
			continue
		}
		if err != nil || !strings.HasSuffix(row.ID, c.want) {
			t.Errorf("%s of %q is %s: %v; want %s", c.run, c.job, row.ID, err, c.want)
		}
	}
}
