package watch

import (
	"errors"
	"os"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"
)

// TestReadWhileWriterHasFileOpen shows that an open writer is enough: it need not be writing.
func TestReadWhileWriterHasFileOpen(t *testing.T) {
	path := t.TempDir() + "/jobs.yaml"
	writer, err := os.Create(path)
	must(t, err)
	_, err = writer.WriteString("half")
	must(t, err)

	_, err = Read(path)
	if _, busy := errors.AsType[*BusyError](err); !busy {
		t.Errorf("writer open: got %v, want a BusyError", err)
	}
	must(t, writer.Close())
	if _, err := Read(path); err != nil {
		t.Errorf("writer done: %v", err)
	}
}

// TestReadStable shows what an explicit apply adds: a writer that only sits on the file is no hindrance.
func TestReadStable(t *testing.T) {
	open := func(t *testing.T) (path string, writer *os.File) {
		path = t.TempDir() + "/jobs.yaml"
		writer, err := os.Create(path)
		must(t, err)
		t.Cleanup(func() { writer.Close() })
		_, err = writer.WriteString("text")
		must(t, err)
		return path, writer
	}
	t.Run("the writer sits", func(t *testing.T) {
		path, _ := open(t)
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			content, err := ReadStable(path)
			must(t, err)
			if string(content.Text) != "text" || time.Since(start) != time.Second {
				t.Errorf("read %q after %v", content.Text, time.Since(start))
			}
		})
	})
	t.Run("the writer writes", func(t *testing.T) {
		path, writer := open(t)
		synctest.Test(t, func(t *testing.T) {
			time.AfterFunc(500*time.Millisecond, func() { _, _ = writer.WriteString(" and more") })
			_, err := ReadStable(path)
			if _, busy := errors.AsType[*BusyError](err); !busy {
				t.Errorf("got %v, want a BusyError", err)
			}
		})
	})
	t.Run("no writer, no wait", func(t *testing.T) {
		path, writer := open(t)
		must(t, writer.Close())
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			if _, err := ReadStable(path); err != nil || time.Since(start) != 0 {
				t.Errorf("took %v over %v", time.Since(start), err)
			}
		})
	})
}

// TestLeaseIsHarmless lets a writer run into a lease: it waits, this process survives the kernel's signal, and the writer
// goes on when the lease is released.
func TestLeaseIsHarmless(t *testing.T) {
	path := t.TempDir() + "/jobs.yaml"
	must(t, os.WriteFile(path, []byte("old"), 0o600))
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	release, free := lease(file)
	if !free {
		t.Fatal("the lease is not to be had though nobody writes")
	}
	writer := exec.Command("sh", "-c", `printf new > "$0"`, path)
	must(t, writer.Start())
	done := make(chan error, 1)
	go func() { done <- writer.Wait() }()
	select {
	case err := <-done:
		t.Errorf("the writer did not wait: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	release()
	select {
	case err := <-done:
		must(t, err)
	case <-time.After(patience):
		t.Fatal("the writer still waits after the release")
	}
	if content, err := Read(path); err != nil || string(content.Text) != "new" {
		t.Errorf("read %q, %v", content.Text, err)
	}
}
