package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// manager is the socket of a service manager. What is told is there when the sender goes on, so that no clock is needed.
type manager int

func newManager(t *testing.T) manager {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	path := filepath.Join(t.TempDir(), "notify")
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	return manager(fd)
}

// told is what the manager has been told since this was asked last.
func (m manager) told() (notices []string) {
	buf := make([]byte, 4096)
	for {
		n, _, err := unix.Recvfrom(int(m), buf, unix.MSG_DONTWAIT)
		if err != nil {
			return notices
		}
		notices = append(notices, string(buf[:n]))
	}
}

func TestHeraldWithoutAManagerIsSilent(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	h := newHerald(slog.New(slog.DiscardHandler))
	if h != nil {
		t.Fatal("there is a herald")
	}
	h.ready()
	h.reloading()()
	h.changed()
	h.stopping()
}

// The first reading of the jobs file is part of the start: what ends it must not seem to be the end of the start.
func TestReloadIsToldOnceTheDaemonIsReady(t *testing.T) {
	m := newManager(t)
	h := newHerald(slog.New(slog.DiscardHandler))
	h.reloading()()
	if got := m.told(); got != nil {
		t.Errorf("before it is ready it tells %q", got)
	}
	h.ready()
	if got := m.told(); !slices.Equal(got, []string{"READY=1"}) {
		t.Errorf("once it is ready it tells %q", got)
	}
	done := h.reloading()
	if got := m.told(); len(got) != 1 || !regexp.MustCompile(`^RELOADING=1\nMONOTONIC_USEC=[0-9]+$`).MatchString(got[0]) {
		t.Errorf("when a reload begins it tells %q", got)
	}
	done()
	if got := m.told(); !slices.Equal(got, []string{"READY=1"}) {
		t.Errorf("when a reload has ended it tells %q", got)
	}
}

func TestHeraldTellsNews(t *testing.T) {
	m := newManager(t)
	synctest.Test(t, func(t *testing.T) {
		h := newHerald(slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		status, asked := "one", 0
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			h.run(ctx, func() string { asked++; return status })
		}()
		expect := func(when string, want ...string) {
			t.Helper()
			synctest.Wait()
			if got := m.told(); !slices.Equal(got, want) {
				t.Errorf("%s it tells %q, want %q", when, got, want)
			}
		}
		expect("without news")
		h.changed()
		expect("with news", "STATUS=one")
		status = "two"
		for range 100 {
			h.changed()
		}
		expect("right after", []string(nil)...)
		time.Sleep(newsAfter)
		expect("some time after", "STATUS=two")
		time.Sleep(newsAfter)
		h.changed()
		expect("when nothing is new")
		if asked != 3 {
			t.Errorf("it was asked %d times how the daemon stands, want 3", asked)
		}

		// A stop says so once, and asks for time for as long as it takes.
		time.Sleep(time.Minute)
		status = "stopping"
		h.stopping()
		h.stopping()
		expect("when it stops", "STOPPING=1", "STATUS=stopping")
		for range 3 {
			time.Sleep(extendEvery)
			expect("while it stops", "EXTEND_TIMEOUT_USEC=30000000")
		}
		cancel()
		<-ended
	})
}
