package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// child is a program that runs in the foreground.
type child struct {
	name string
	log  string // the file of what it says
	cmd  *exec.Cmd
	gone chan struct{} // closed at its end
}

// run starts a program under the server's account.
func (c *cluster) run(name, program string, args ...string) (*child, error) {
	p := &child{name: name, log: filepath.Join(c.dir, name+".log"), gone: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = c.account.command(context.Background(), c.dir, program, args...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		defer close(p.gone)
		p.cmd.Wait()
	}()
	return p, nil
}

// await tries until it succeeds, the program has ended or ctx is over.
func (p *child) await(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-p.gone:
			return fmt.Errorf("start %s: it has ended\n%s", p.name, p.said())
		case <-ctx.Done():
			return fmt.Errorf("start %s: it does not answer: %w\n%s", p.name, err, p.said())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// said is the end of the log.
func (p *child) said() string {
	text, _ := os.ReadFile(p.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

func (p *child) signal(s syscall.Signal) { p.cmd.Process.Signal(s) }

func (p *child) ended(within time.Duration) bool {
	select {
	case <-p.gone:
		return true
	case <-time.After(within):
		return false
	}
}
