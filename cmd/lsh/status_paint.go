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
	signals := make(chan os.Signal, 8) // none may be lost: they are of four kinds
	signal.Notify(signals, syscall.SIGWINCH, syscall.SIGTSTP, syscall.SIGCONT, syscall.SIGQUIT)
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
			p.signalled(ctx, s, signals)
		case <-ctx.Done():
			return nil
		}
	}
}

// signalled gives the shell its own screen back where a signal stops or ends lsh,
// and has all drawn anew where another may have drawn meanwhile.
func (p *statusPainter) signalled(ctx context.Context, s os.Signal, more <-chan os.Signal) {
	switch s {
	case syscall.SIGTSTP: // Ctrl-Z
		p.screen.leave()
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		// This goes on for a moment, and must not draw in it.
		for s != syscall.SIGCONT {
			select {
			case s = <-more:
			case <-ctx.Done():
				return
			}
		}
	case syscall.SIGCONT: // also after a stop that nobody could see coming
		p.screen.leave()
	case syscall.SIGQUIT: // which is to tell where lsh stands, on a screen that stays
		p.screen.leave()
		signal.Reset(s)
		_ = syscall.Kill(os.Getpid(), syscall.SIGQUIT)
		return
	}
	p.screen.forget()
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
			table = append(table, a.style().dim(fit(fmt.Sprintf("and %d more", len(s.Jobs)-n), width)))
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
