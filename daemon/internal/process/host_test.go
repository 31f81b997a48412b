package process

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must come. Only a broken program makes it wait that long.
const patience = 30 * time.Second

const path = "PATH=/usr/local/bin:/usr/bin:/bin"

// room is a Host whose exits can be waited for.
type room struct {
	*Host
	t   testing.TB
	dir string

	mu    sync.Mutex
	exits map[string][]Exit
	seen  chan struct{} // something was added to exits
}

func newRoom(t testing.TB) *room {
	t.Helper()
	r := &room{t: t, dir: t.TempDir(), exits: map[string][]Exit{}, seen: make(chan struct{}, 1)}
	h, err := NewHost(slog.New(slog.DiscardHandler), r.record)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	r.Host = h
	// Past the tick of its birth the Host tells its own runs from older ones, as it does for all of a daemon's life.
	r.eventually("the clock ticks", func() bool { return kernelClock() > h.born })
	return r
}

func (r *room) record(e Exit) {
	r.mu.Lock()
	r.exits[e.ID] = append(r.exits[e.ID], e)
	r.mu.Unlock()
	select {
	case r.seen <- struct{}{}:
	default:
	}
}

// sh is a run of a shell script.
func (r *room) sh(id, script string) Spec {
	return Spec{
		ID: id, Argv: []string{"/bin/sh", "-c", script}, Dir: r.dir, Env: []string{path},
		Output: filepath.Join(r.dir, id+".out"),
	}
}

// start starts s and sees to it that nothing of it outlives the test.
func (r *room) start(s Spec) Proc {
	r.t.Helper()
	p, err := r.Start(s)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := r.Kill(p); err != nil {
			r.t.Error(err)
		}
	})
	return p
}

// exit waits for the end of a run.
func (r *room) exit(id string) Exit {
	r.t.Helper()
	var exits []Exit
	r.eventually(fmt.Sprintf("run %s ends", id), func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		exits = r.exits[id]
		return len(exits) > 0
	})
	if len(exits) > 1 {
		r.t.Fatalf("run %s ended %d times", id, len(exits))
	}
	return exits[0]
}

// run starts s, waits for its end and gives what it wrote.
func (r *room) run(s Spec) (Exit, string) {
	r.t.Helper()
	r.start(s)
	exit := r.exit(s.ID)
	return exit, r.output(s.ID)
}

func (r *room) output(id string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, id+".out"))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// prints waits until the run has written text.
func (r *room) prints(id, text string) {
	r.t.Helper()
	r.eventually(fmt.Sprintf("run %s prints %q", id, text), func() bool {
		return strings.Contains(r.output(id), text)
	})
}

func (r *room) eventually(what string, ok func() bool) {
	r.t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	late := time.After(patience)
	for !ok() {
		select {
		case <-r.seen:
		case <-poll.C:
		case <-late:
			r.t.Fatalf("in vain waited until %s", what)
		}
	}
}
