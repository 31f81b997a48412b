package daemon

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/config"
)

// print has each run of a job leave some output.
func (w *world) print(job string) (paths []string) {
	w.t.Helper()
	for _, r := range w.runs(job) {
		path := w.spawn.files.Path(job, r.ID)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("hello\n"), 0o600); err != nil {
			w.t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// left counts the files that are still there.
func left(paths []string) int {
	n := 0
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			n++
		}
	}
	return n
}

func TestRunsOfAFormerJobAreForgottenToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [1s], schedule: "* * * * *", output: {keep_runs: 500}}, b: {command: [1s]}}`)
		pass(4 * time.Hour)
		paths := w.print("a")
		w.load(`jobs: {b: {command: [1s]}}`)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go w.tidy.run(ctx)
		pass(tidyEvery)
		if got := len(w.runs("a")); len(paths) <= got || got != config.DefaultOutput().KeepRuns || left(paths) != got {
			t.Errorf("%d runs and %d outputs of %d are kept", got, left(paths), len(paths))
		}
	})
}

func TestOutputIsKeptWhileItsRunIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [1s], schedule: "* * * * *", output: {keep_runs: 500}}}`)
		pass(time.Hour)
		paths := w.print("a")
		db, err := sql.Open("sqlite", filepath.Join(w.dir, "journal.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("CREATE TRIGGER full BEFORE DELETE ON runs BEGIN SELECT raise(ABORT, 'no'); END"); err != nil {
			t.Fatal(err)
		}
		keep := config.Output{KeepRuns: 10, KeepFor: 1000 * time.Hour}
		w.tidy.expire(t.Context(), "a", keep)
		if got := len(w.runs("a")); got != len(paths) || left(paths) != got {
			t.Errorf("%d runs and %d outputs of %d are there, though none could be forgotten", got, left(paths), len(paths))
		}
		if _, err := db.Exec("DROP TRIGGER full"); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		w.tidy.expire(t.Context(), "a", keep)
		if got := left(paths); got == 0 || got > keep.KeepRuns || !w.loop.journal.OK() {
			t.Errorf("%d outputs are kept", got)
		}
	})
}

func TestARunInProgressTakesNoPlaceOfAnEndedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		w.load(`jobs: {a: {command: [5m30s], schedule: "* * * * *", overlap: allow, output: {keep_runs: 3}}}`)
		pass(9*time.Minute + 45*time.Second)
		w.tidy.job(t.Context(), w.entries["a"])
		ended, open := 0, 0
		for _, r := range w.runs("a") {
			if r.EndedAt.IsZero() {
				open++
			} else {
				ended++
			}
		}
		if ended != 3 || open < 5 {
			t.Errorf("%d that have ended are kept, and %d are in progress", ended, open)
		}
	})
}
