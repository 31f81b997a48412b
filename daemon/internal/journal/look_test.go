package journal_test

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// sums are those of the journal's files, but for the index of the log, which is no
// content.
func sums(t *testing.T, dir string) map[string][sha256.Size]byte {
	t.Helper()
	found := map[string][sha256.Size]byte{}
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if len(text) > 0 {
			found[name] = sha256.Sum256(text)
		}
	}
	return found
}

func TestALookChangesNothing(t *testing.T) {
	dir := t.TempDir()
	if b, at, err := journal.Look(dir); err != nil || b.Generation.Number != 0 || !at.IsZero() {
		t.Errorf("without a journal: %+v at %s: %v", b, at, err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("it has made %s", left[0].Name())
	}
	j := open(t, dir)
	accept := func(n int) {
		var b journal.Batch
		b.AddGeneration(journal.Generation{Number: n, Hash: "h", Accepted: time.Now(), Files: []journal.File{{Path: "/jobs.yaml", Text: "jobs: {}"}}})
		b.Durable = true
		j.Write(&b)
	}
	look := func(when string, dir string, want int) {
		t.Helper()
		before := sums(t, dir)
		b, at, err := journal.Look(dir)
		if err != nil || b.Generation.Number != want || time.Since(at) > time.Minute {
			t.Errorf("%s: generation %d as of %s, want %d: %v", when, b.Generation.Number, at, want, err)
		}
		if after := sums(t, dir); !maps.Equal(before, after) {
			t.Errorf("%s: the files have changed", when)
		}
	}
	accept(1)
	look("while a daemon has it open", dir, 1)
	accept(2)
	killed := t.TempDir()
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(killed, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	look("after a daemon was killed", killed, 2)
	accept(3)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	look("after a daemon has stopped", dir, 3)
	j = open(t, dir)
	accept(4)
	if got, err := j.Generations(0, 10); err != nil || len(got) != 4 {
		t.Errorf("%d generations: %v", len(got), err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}
