package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"

	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

const (
	// newsAfter is how long news is gathered before the service manager is told.
	newsAfter = time.Second
	// extendEvery is how often a stop that takes long says so, and extendBy how much time it asks for.
	extendEvery = 5 * time.Second
	extendBy    = 30 * time.Second
)

// herald tells the service manager how the daemon stands, see sd_notify(3). The keeper, where there is one, pings the watchdog. A nil herald is silent:
// nobody listens.
type herald struct {
	log    *slog.Logger
	news   chan struct{} // holds one token while there is something to tell
	ending chan struct{} // closed once the daemon stops
	up     atomic.Bool   // the daemon answers
	stops  atomic.Bool
	mute   atomic.Bool // it could not be told, which is in the log once
}

// newHerald is nil where nobody listens.
func newHerald(log *slog.Logger) *herald {
	if os.Getenv("NOTIFY_SOCKET") == "" {
		return nil
	}
	return &herald{log: log, news: make(chan struct{}, 1), ending: make(chan struct{})}
}

func (h *herald) tell(assignments ...string) {
	if h == nil {
		return
	}
	_, err := systemd.SdNotify(false, strings.Join(assignments, "\n"))
	if err != nil && !h.mute.Swap(true) {
		h.log.Warn("tell the service manager", "err", err)
	}
	if err == nil {
		h.mute.Store(false)
	}
}

// ready says that the daemon answers.
func (h *herald) ready() {
	if h == nil {
		return
	}
	h.up.Store(true)
	h.tell(systemd.SdNotifyReady)
}

// reloading says that the jobs file is read on somebody's word, or has something new, until done is called. The first reading is
// part of the start, which must not seem over before it is.
func (h *herald) reloading() (done func()) {
	if h == nil || !h.up.Load() {
		return func() {}
	}
	h.tell(systemd.SdNotifyReloading, strings.TrimSpace(systemd.SdNotifyMonotonicUsec()))
	return h.ready
}

// stopping says that the daemon is to end.
func (h *herald) stopping() {
	if h == nil || h.stops.Swap(true) {
		return
	}
	h.tell(systemd.SdNotifyStopping)
	close(h.ending)
}

// changed says that there may be news.
func (h *herald) changed() {
	if h == nil {
		return
	}
	select {
	case h.news <- struct{}{}:
	default:
	}
}

// run tells news until ctx ends. How the daemon stands is asked for at most once in newsAfter.
func (h *herald) run(ctx context.Context, status func() string) {
	told, ending := "", h.ending
	var extend <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ending:
			ending = nil
			tick := time.NewTicker(extendEvery)
			defer tick.Stop()
			extend = tick.C
			h.changed()
			continue
		case <-extend:
			h.tell(fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", extendBy.Microseconds()))
			continue
		case <-h.news:
		}
		if text := status(); text != "" && text != told {
			h.tell("STATUS=" + text)
			told = text
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(newsAfter):
		}
	}
}

// pingAlone tells the service manager that the loop goes round, where there is no keeper to see to that.
func (d *Daemon) pingAlone(ctx context.Context) {
	limit, err := systemd.SdWatchdogEnabled(false)
	if err != nil {
		d.log.Warn("read watchdog's time", "err", err)
	}
	if limit <= 0 {
		return
	}
	tick := time.NewTicker(limit / 3)
	defer tick.Stop()
	for d.box.do(func(*loop) {}) {
		d.herald.tell(systemd.SdNotifyWatchdog)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// standing is how the daemon stands, in a line; "" before it is ready and when its loop has ended.
func (d *Daemon) standing() (text string) {
	select {
	case <-d.ready:
	default:
		return ""
	}
	file := d.source.state.Load().State
	d.box.do(func(l *loop) {
		running := 0
		for id, e := range l.live {
			if r := e.find(id); r != nil && (r.Phase == reconciler.Running || r.Phase == reconciler.Stopping) {
				running++
			}
		}
		text = fmt.Sprintf("%s, %d running, generation %d", counted(len(l.entries), "job"), running, l.generation)
		if l.shutdown {
			text = fmt.Sprintf("stopping: %s in progress", counted(running, "run"))
		}
	})
	if text != "" && file != ipc.SourceAccepted {
		text += "; jobs file " + file + ": see lsh status"
	}
	return text
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
