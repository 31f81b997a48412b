package journal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

func result(t *testing.T, j *journal.Journal, id string) string {
	t.Helper()
	text, done, err := j.Command(id)
	if err != nil || done != (text != "") {
		t.Fatalf("command %s is %q, %v, %v", id, text, done, err)
	}
	return text
}

func TestACommandIsKnownToBeDone(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	if got := result(t, j, "a"); got != "" {
		t.Errorf("result is %q before it is done", got)
	}
	put(j, func(b *journal.Batch) {
		b.PutCommand(journal.Command{ID: "a", Done: time.Now(), Result: "asked for"})
		b.PutCommand(journal.Command{ID: "a", Done: time.Now(), Result: "paused"})
	})
	j.Close()
	if got := result(t, open(t, dir), "a"); got != "paused" {
		t.Errorf("the next worker knows of %q", got)
	}
}

func TestCommandsAreForgottenAfterAMonth(t *testing.T) {
	j := open(t, t.TempDir())
	day := 24 * time.Hour
	put(j, func(b *journal.Batch) {
		b.PutCommand(journal.Command{ID: "old", Done: time.Now().Add(-31 * day), Result: "paused"})
		b.PutCommand(journal.Command{ID: "new", Done: time.Now().Add(-29 * day), Result: "resumed"})
	})
	j.Maintain(t.Context())
	if got := result(t, j, "old"); got != "" {
		t.Errorf("one of 31 days ago is still there: %q", got)
	}
	if got := result(t, j, "new"); got != "resumed" {
		t.Errorf("one of 29 days ago is %q", got)
	}
}

func TestACommandIsKnownThoughItCannotBeWritten(t *testing.T) {
	onFullDisk(t, func(fill, free func()) {
		dir := t.TempDir()
		j := open(t, dir)
		fill()
		for i := 0; j.OK() && i < 1000; i++ {
			put(j, func(b *journal.Batch) {
				b.PutRun(journal.Run{ID: newID(), Job: "a", Reason: strings.Repeat("x", 1000)})
			})
		}
		put(j, func(b *journal.Batch) { b.PutCommand(journal.Command{ID: "a", Done: time.Now(), Result: "asked for"}) })
		put(j, func(b *journal.Batch) { b.PutCommand(journal.Command{ID: "a", Done: time.Now(), Result: "paused"}) })
		if s := j.State(); s.OK || s.Exposed > 0 {
			t.Fatalf("state is %+v", s)
		}
		if got := result(t, j, "a"); got != "paused" {
			t.Errorf("in memory it is %q", got)
		}
		again := open(t, dir) // as after kill -9
		if got := result(t, again, "a"); got != "paused" {
			t.Errorf("the next worker knows of %q", got)
		}
		free()
		untilWritten(t, again)
		if got := result(t, again, "a"); got != "paused" {
			t.Errorf("once written it is %q", got)
		}
	})
}
