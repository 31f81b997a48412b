package logfile

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestWriteAppends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	check(t, os.WriteFile(path, []byte("before\n"), 0o666))
	f := openFile(t, path, maxSize)
	slog.New(slog.NewTextHandler(f, nil)).Info("hello")
	if got := read(t, path); !strings.HasPrefix(got, "before\n") || !strings.HasSuffix(got, "msg=hello\n") {
		t.Errorf("log says %q", got)
	}
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode() != 0o600 {
		t.Errorf("log has mode %v, want 0600", info.Mode())
	}
	if err := f.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := f.Write([]byte("x\n")); err == nil {
		t.Error("a write after Close went well")
	}
	if err := f.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestReopenFollowsARename(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, maxSize)
	put(t, f, "one\n")
	check(t, os.Rename(path, path+".old"))
	put(t, f, "two\n")
	check(t, f.Reopen())
	put(t, f, "three\n")
	wantText(t, path+".old", "one\ntwo\n")
	wantText(t, path, "three\n")
}

func TestReopenKeepsTheFileWhenThePathIsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, maxSize)
	check(t, os.Rename(path, path+".old"))
	check(t, os.Mkdir(path, 0o700))
	if err := f.Reopen(); err == nil {
		t.Error("Reopen opened a directory")
	}
	put(t, f, "still here\n")
	wantText(t, path+".old", "still here\n")
}

func TestRenewAfterTmpWasCleaned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	f := openFile(t, path, maxSize)
	put(t, f, "one\n")
	check(t, f.Renew())
	wantText(t, path, "one\n")
	check(t, os.Remove(path))
	check(t, f.Renew())
	put(t, f, "two\n")
	wantText(t, path, "two\n")
}

func TestManyWritersLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lsh.log")
	const writers, lines = 8, 200
	f := openFile(t, path, 1<<20)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range lines {
				fmt.Fprintf(f, "%d %d\n", w, i)
				if i == lines/2 {
					f.Reopen()
				}
			}
		})
	}
	all.Wait()
	got := strings.Split(strings.TrimSuffix(read(t, path), "\n"), "\n")
	seen := map[string]bool{}
	for _, line := range got {
		seen[line] = true
	}
	if len(got) != writers*lines || len(seen) != writers*lines {
		t.Errorf("%d lines, %d different, want %d", len(got), len(seen), writers*lines)
	}
}

func openFile(t *testing.T, path string, limit int64) *File {
	t.Helper()
	f, err := open(path, limit)
	check(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func put(t *testing.T, f *File, text string) {
	t.Helper()
	_, err := f.Write([]byte(text))
	check(t, err)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	check(t, err)
	return string(text)
}

func wantText(t *testing.T, path, want string) {
	t.Helper()
	if got := read(t, path); got != want {
		t.Errorf("%s says %q, want %q", filepath.Base(path), got, want)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
