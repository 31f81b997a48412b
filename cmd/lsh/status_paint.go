package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// statusPainter draws the status in place: when it changes, when the terminal
// does, and once a second, since times go by. The daemon is not asked for that.
type statusPainter struct {
	app    *app
	screen *screen
	poke   chan struct{}
	err    error // why it could not draw

	mu     sync.Mutex
	status ipc.Status // jobs by urgency
	any    bool       // there is one
	gone   bool       // the daemon is
}

func newStatusPainter(a *app) *statusPainter {
	return &statusPainter{app: a, screen: newScreen(a.stdout.(*os.File)), poke: make(chan struct{}, 1)}
}

// set gives another status to draw.
func (p *statusPainter) set(s ipc.Status, gone bool) {
	s.Jobs = slices.Clone(s.Jobs)
	slices.SortStableFunc(s.Jobs, byUrgency)
	p.mu.Lock()
	p.status, p.any, p.gone = s, true, gone
	p.mu.Unlock()
	p.look()
}

// setGone says that the status is an old one.
func (p *statusPainter) setGone() {
	p.mu.Lock()
	p.gone = true
	p.mu.Unlock()
	p.look()
}

func (p *statusPainter) look() {
	select {
	case p.poke <- struct{}{}:
	default:
	}
}

// run draws until ctx ends, and leaves the terminal as it was.
func (p *statusPainter) run(ctx context.Context) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGWINCH, syscall.SIGTSTP)
	defer signal.Stop(signals)
	defer p.screen.leave()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if p.err = p.paint(); p.err != nil {
			return p.err
		}
		select {
		case <-p.poke:
		case <-tick.C:
		case s := <-signals:
			if s == syscall.SIGTSTP { // Ctrl-Z: the shell is to find its own screen
				p.screen.leave()
				_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			}
			p.screen.forget()
		case <-ctx.Done():
			return nil
		}
	}
}

func (p *statusPainter) paint() error {
	p.mu.Lock()
	status, drawn, gone := p.status, p.any, p.gone
	p.mu.Unlock()
	if !drawn {
		return nil
	}
	width, height := p.screen.size()
	return p.screen.draw(p.app.statusScreen(status, gone, width, height))
}

// statusScreen is the status in as many lines as a screen has. Jobs that find no
// room are counted.
func (a *app) statusScreen(s ipc.Status, gone bool, width, height int) []string {
	on := *a
	on.columns = width
	head := on.printed(func(a *app) {
		if gone {
			a.printf("%s\n", a.style().yellow(fit("the daemon is gone; waiting for it", width)))
		}
		a.printDaemon(s.Daemon)
		a.printf("\n")
	})
	room := height - len(head)
	var table []string
	for n := min(len(s.Jobs), max(0, room)); ; {
		table = on.printed(func(a *app) { _ = a.printStatusJobs(slices.Clone(s.Jobs[:n])) })
		if len(s.Jobs) > 0 && n == 0 {
			table = nil
		}
		if n < len(s.Jobs) {
			table = append(table, a.style().dim(fit(fmt.Sprintf("and %s more", countOf(len(s.Jobs)-n, "job")), width)))
		}
		over := len(table) - room
		if over <= 0 || n == 0 {
			break
		}
		n = max(0, n-over) // notes take lines, too
	}
	lines := append(head, table...)
	return lines[:min(len(lines), height)]
}

// printed are the lines that f prints.
func (a *app) printed(f func(*app)) []string {
	var text bytes.Buffer
	to := *a
	to.out = bufio.NewWriter(&text)
	f(&to)
	_ = to.out.Flush() // to memory
	return strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
}
