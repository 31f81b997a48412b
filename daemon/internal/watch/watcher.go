package watch

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher says "look again" when anything that can change what a set of paths means may have changed.
// Its methods may be called from any goroutine.
type Watcher struct {
	log    *slog.Logger
	pace   pace
	mode   atomic.Pointer[mode]
	remode chan struct{} // wakes Run when Set has found that events are to be had no more, or again

	mu      sync.Mutex // held while arming, so that no event is judged by edges that are being replaced
	running bool
	paths   []string
	globs   []string
	events  *fsnotify.Watcher // nil outside Run, and when the system has none to give
	watched map[string]fs.FileInfo
	edges   edges
}

// pace is how long the watcher waits for what.
type pace struct {
	quiet   time.Duration // without an event, before changed is called
	patient time.Duration // from the first event, before changed is called though events go on
	safety  time.Duration // between polls, when events do the work
	polling time.Duration // between polls, when they cannot
}

type mode struct{ reason string } // empty: events do the work

// New returns a watcher of nothing. It reports on log when it has to fall back to polling, and when it need not any more.
func New(log *slog.Logger) *Watcher {
	w := &Watcher{
		log:    log,
		pace:   pace{quiet: 150 * time.Millisecond, patient: 2 * time.Second, safety: 10 * time.Second, polling: time.Second},
		remode: make(chan struct{}, 1),
		edges:  newEdges(),
	}
	w.mode.Store(&mode{})
	return w
}

// Set replaces what is watched: absolute paths, of files that exist or not, and absolute patterns (as of [filepath.Match])
// whose directories are watched so that a file that is added counts. When it returns, any later change is an event, so
// the caller reads after it, never before. Before Run it only remembers: Run starts with a call of changed.
func (w *Watcher) Set(paths, globs []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paths, w.globs = slices.Clone(paths), slices.Clone(globs)
	w.arm()
}

// Mode tells whether the files are polled every second because events cannot be relied on, and why.
func (w *Watcher) Mode() (polling bool, reason string) {
	m := w.mode.Load()
	return m.reason != "", m.reason
}

// Run watches until ctx is done, and then returns nil. It calls changed once at the start, 150 ms after the last of a
// series of events but at most 2 s after its first, when events were lost, and every 10 s (every second when polling);
// never twice at once, and with no lock held: changed may call Set. It owns all goroutines of the watcher.
func (w *Watcher) Run(ctx context.Context, changed func()) error {
	if !w.enter() {
		return errors.New("run watcher: it is running already")
	}
	defer w.leave()

	poll := time.NewTicker(w.interval())
	defer poll.Stop()
	due := time.NewTimer(0) // at once: what was read before the watches stood may be old
	defer due.Stop()
	var deadline time.Time // of the series of events in progress, zero between series
	for {
		events, failures := w.channels()
		matters := false
		select {
		case <-ctx.Done():
			return nil
		case <-due.C:
			deadline = time.Time{}
			changed()
		case <-poll.C:
			changed() // whose Set renews the watches
		case <-w.remode:
			poll.Reset(w.interval())
		case event := <-events:
			matters = w.judge(event)
		case err := <-failures:
			w.log.Debug("file events were lost", "err", err)
			w.renew()
			matters = true
		}
		if !matters {
			continue
		}
		now := time.Now()
		if deadline.IsZero() {
			deadline = now.Add(w.pace.patient)
		}
		due.Reset(min(w.pace.quiet, deadline.Sub(now)))
	}
}

func (w *Watcher) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running {
		return false
	}
	w.running = true
	w.arm()
	return true
}

func (w *Watcher) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.events != nil {
		_ = w.events.Close()
	}
	w.events, w.watched, w.edges, w.running = nil, nil, newEdges(), false
}

// channels are those of the event source; without one they are nil, and never ready.
func (w *Watcher) channels() (<-chan fsnotify.Event, <-chan error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.events == nil {
		return nil, nil
	}
	return w.events.Events, w.events.Errors
}

// judge tells whether an event matters. All but plain writes may have moved the path's meaning, which is followed at
// once: the next component may appear in a directory that was not there a moment ago.
func (w *Watcher) judge(event fsnotify.Event) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.edges.touchedBy(event.Name) {
		return false
	}
	if event.Op != fsnotify.Write {
		w.arm()
	}
	return true
}

func (w *Watcher) renew() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arm()
}

// arm brings watches and edges up to what the paths mean now. It needs mu, and does nothing outside Run.
func (w *Watcher) arm() {
	if !w.running {
		return
	}
	if w.events == nil {
		events, err := fsnotify.NewWatcher()
		if err != nil {
			w.setMode("watch files: " + limit(err, "fs.inotify.max_user_instances"))
			return
		}
		w.events = events
	}
	a := arm(w.events, w.watched, w.paths, w.globs)
	w.watched, w.edges = a.watched, a.edges
	w.setMode(a.trouble)
}

func (w *Watcher) setMode(reason string) {
	if w.mode.Load().reason == reason {
		return
	}
	w.mode.Store(&mode{reason})
	if reason == "" {
		w.log.Info("watching files by events")
	} else {
		w.log.Warn("polling files every second", "reason", reason)
	}
	select {
	case w.remode <- struct{}{}:
	default: // Run has yet to act on the last one, and will find this
	}
}

func (w *Watcher) interval() time.Duration {
	if polling, _ := w.Mode(); polling {
		return w.pace.polling
	}
	return w.pace.safety
}
