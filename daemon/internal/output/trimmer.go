package output

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

const (
	// lookEvery is how often the files of runs in progress are looked at, and lookOften when one grows fast.
	lookEvery = 500 * time.Millisecond
	lookOften = 50 * time.Millisecond
)

// Trimmer keeps the files of runs in progress within their limits, and sees when there is no room for them. While nothing is
// watched it sleeps.
type Trimmer struct {
	log  *slog.Logger
	full func(run string)
	mu   sync.Mutex
	runs map[string]*watched
	wake chan struct{}
	quit chan struct{}
	wg   sync.WaitGroup
}

type watched struct {
	path  string
	limit int64
	size  int64
	full  bool // it has been told
}

// NewTrimmer starts one. It tells of a run, once, that there is no room for what it prints.
func NewTrimmer(log *slog.Logger, full func(run string)) *Trimmer {
	t := &Trimmer{log: log, full: full, runs: map[string]*watched{}, wake: make(chan struct{}, 1), quit: make(chan struct{})}
	t.wg.Go(t.run)
	return t
}

// Watch keeps a run's file within a limit from now on.
func (t *Trimmer) Watch(run, path string, limit int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs[run] = &watched{path: path, limit: limit}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Forget ends that.
func (t *Trimmer) Forget(run string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.runs, run)
}

// Close stops the trimmer.
func (t *Trimmer) Close() {
	close(t.quit)
	t.wg.Wait()
}

func (t *Trimmer) run() {
	for {
		select {
		case <-t.quit:
			return
		case <-t.wake:
		}
		for t.work() {
		}
	}
}

// work sleeps for a while and looks at every file. It tells whether there is more to do.
func (t *Trimmer) work() bool {
	pause := time.NewTimer(lookEvery)
	defer pause.Stop()
	for {
		select {
		case <-t.quit:
			return false
		case <-pause.C:
		}
		runs := t.all()
		if len(runs) == 0 {
			return false
		}
		next := lookEvery
		for id, w := range runs {
			if t.look(id, w) {
				next = lookOften
			}
		}
		pause.Reset(next)
	}
}

func (t *Trimmer) all() map[string]*watched {
	t.mu.Lock()
	defer t.mu.Unlock()
	runs := make(map[string]*watched, len(t.runs))
	for id, w := range t.runs {
		runs[id] = w
	}
	return runs
}

// look trims one file and tells whether it grows fast.
func (t *Trimmer) look(id string, w *watched) bool {
	info, err := os.Stat(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Forget(id) // it never was, or is kept no longer
	}
	if err != nil {
		return false
	}
	if !w.full && Full(w.path) {
		w.full = true
		t.full(id)
	}
	grown := info.Size() - w.size
	w.size = info.Size()
	if info.Size() > w.limit {
		if _, err := Trim(w.path, w.limit); err != nil {
			level := slog.LevelWarn
			if errors.Is(err, ErrNoHoles) {
				level = slog.LevelInfo // it is shortened at the run's end
			}
			t.log.Log(context.Background(), level, "output is not trimmed", "run", id, "err", err)
			t.Forget(id)
		}
	}
	return grown > w.limit/4
}
