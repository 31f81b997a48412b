package watch

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestRead(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, os.WriteFile(dir+"/file", []byte("text"), 0o600))
	must(t, os.Symlink("file", dir+"/link"))

	content, err := Read(dir + "/link")
	must(t, err)
	if string(content.Text) != "text" || content.Sum != sha256.Sum256([]byte("text")) || content.Missing {
		t.Errorf("read %q, sum %x, missing %v", content.Text, content.Sum, content.Missing)
	}
	if content.Real != dir+"/file" {
		t.Errorf("real path is %s, want %s/file", content.Real, dir)
	}
}

// TestReadRefuses lists what is not a file one can read, and the words for it.
func TestReadRefuses(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, syscall.Mkfifo(dir+"/fifo", 0o600))
	must(t, os.Symlink("loop", dir+"/loop"))
	must(t, os.Symlink("away/file", dir+"/dangling"))
	must(t, os.WriteFile(dir+"/big", nil, 0o600))
	must(t, os.Truncate(dir+"/big", maxSize+1))
	for name, want := range map[string]string{
		"":           "it is not a regular file",
		"/fifo":      "it is not a regular file",
		"/loop":      "too many levels of symbolic links",
		"/big":       "it has 64 MiB, more than the 64 MiB allowed",
		"/none":      "it does not exist",
		"/none/file": dir + "/none does not exist",
		"/dangling":  dir + "/away does not exist",
		"/big/file":  "it does not exist",
	} {
		content, err := Read(dir + name)
		_, missing := errors.AsType[*MissingError](err)
		_, unfit := errors.AsType[*UnfitError](err)
		if full := "read " + dir + name + ": " + want; err == nil || err.Error() != full {
			t.Errorf("got %v, want %s", err, full)
		}
		if gone := strings.HasSuffix(want, "not exist"); missing != gone || content.Missing != gone || unfit == gone {
			t.Errorf("%s: missing %v (%v), unfit %v", name, missing, content.Missing, unfit)
		}
	}
}

// TestReadAgainstWriters reads while others replace the file and the link to it every millisecond: whatever is returned is
// whole, and is what was there under that path.
func TestReadAgainstWriters(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	for _, label := range []string{"a", "b"} {
		must(t, os.WriteFile(dir+"/"+label, []byte(document(label)), 0o600))
	}
	must(t, os.Symlink("a", dir+"/jobs"))

	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	defer writers.Wait()
	defer stop()
	writers.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			_ = os.Symlink([]string{"a", "b"}[i%2], dir+"/next")
			_ = os.Rename(dir+"/next", dir+"/jobs")
			time.Sleep(time.Millisecond)
		}
	})
	writers.Go(func() {
		for ctx.Err() == nil {
			_ = os.WriteFile(dir+"/fresh", []byte(document("b")), 0o600)
			_ = os.Rename(dir+"/fresh", dir+"/b")
			time.Sleep(time.Millisecond)
		}
	})
	for whole, limit := 0, time.Now().Add(patience); whole < 15; {
		content, err := Read(dir + "/jobs")
		if _, busy := errors.AsType[*BusyError](err); busy && time.Now().Before(limit) {
			continue
		}
		must(t, err)
		if want := document(filepath.Base(content.Real)); string(content.Text) != want {
			t.Fatalf("read %d bytes that are not the content of %s", len(content.Text), content.Real)
		}
		whole++
	}
}

func TestPatiently(t *testing.T) {
	t.Run("until the writer is done", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			must(t, Patiently(t.Context(), func() error {
				if time.Since(start) < 3*time.Second {
					return &BusyError{Path: "/f", Reason: "a writer has it open"}
				}
				return nil
			}))
			if took := time.Since(start); took != 3*time.Second {
				t.Errorf("came back after %v, want 3 s", took)
			}
		})
	})
	t.Run("at most 10 s", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			err := Patiently(t.Context(), func() error { return &BusyError{Path: "/f", Reason: "a writer has it open"} })
			if took := time.Since(start); err == nil || took < 10*time.Second || took > 11*time.Second {
				t.Errorf("gave up after %v with %v, want 10 s and a BusyError", took, err)
			}
		})
	})
	t.Run("not for other errors", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			err := Patiently(t.Context(), func() error { return &MissingError{Path: "/f", Component: "/f"} })
			if err == nil || time.Since(start) != 0 {
				t.Errorf("took %v over %v", time.Since(start), err)
			}
		})
	})
	t.Run("until the context ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := Patiently(ctx, func() error { return &BusyError{Path: "/f", Reason: "a writer has it open"} })
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	})
}
