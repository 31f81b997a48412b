package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func writeLog(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTailOfALog(t *testing.T) {
	long := strings.Repeat("x", tailBlock)
	for name, c := range map[string]struct {
		text string
		tail int
		want string
	}{
		"all":                {"a\nb\nc\n", -1, "a\nb\nc\n"},
		"two":                {"a\nb\nc\n", 2, "b\nc\n"},
		"none":               {"a\nb\nc\n", 0, ""},
		"more than there is": {"a\nb\n", 9, "a\nb\n"},
		"an unfinished line": {"a\nb\nc", 2, "b\nc"},
		"empty":              {"", 3, ""},
		"beyond a block":     {"a\n" + long + "\nb\n", 2, long + "\nb\n"},
	} {
		path := filepath.Join(t.TempDir(), "log")
		writeLog(t, path, c.text)
		log, err := openLog(path, c.tail)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(log)
		log.Close()
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %d bytes, %v; want %d", name, len(got), err, len(c.want))
		}
	}
}

// logPatience bounds the wait for a follower; a busy machine needs much of it.
const logPatience = 60 * time.Second

// collected is what a follower has written, for several goroutines.
type collected struct {
	mu   sync.Mutex
	text strings.Builder
}

func (c *collected) write(data []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.text.Write(data)
	return err
}

func (c *collected) await(t *testing.T, want string) {
	t.Helper()
	for deadline := time.Now().Add(logPatience); ; time.Sleep(10 * time.Millisecond) {
		c.mu.Lock()
		got := c.text.String()
		c.mu.Unlock()
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestFollowedLogSurvivesRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	writeLog(t, path, "one\n")
	log, err := openLog(path, -1)
	if err != nil {
		t.Fatal(err)
	}
	var got collected
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	go func() {
		l := logFollower{path: path, log: log, write: got.write}
		ended <- l.follow(ctx)
	}()
	got.await(t, "one\n")
	writeLog(t, path, "two\n")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	writeLog(t, path, "three\n")
	got.await(t, "one\ntwo\nthree\n")
	cancel(interruption(syscall.SIGTERM))
	if code, ok := errors.AsType[exitCode](<-ended); !ok || code != 143 {
		t.Errorf("the follower ended with %v, want exit code 143", code)
	}
}

func TestLinesAreGivenWhole(t *testing.T) {
	var lines []string
	s := lineSplitter{each: func(line string) error {
		lines = append(lines, line)
		return nil
	}}
	for _, piece := range []string{"a", "b\nc\n", "", "d", "\n", "rest"} {
		if err := s.write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(lines, "|"); got != "ab|c|d" {
		t.Errorf("got %q", got)
	}
}
