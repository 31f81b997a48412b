package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/daemon/internal/process"
)

const (
	commandWithin = 10 * time.Second
	// commandPrints is more than any password or token is long, in bytes.
	commandPrints = 64 << 10
	// drainWithin is how long is waited for the end of what a command has printed, when it has ended and somebody that it has
	// left behind holds its stdout still, as an agent does that it has started.
	drainWithin = time.Second
)

// runCommand runs commands that are no runs of a job, such as the one that prints a password: with the daemon's own
// environment, for ten seconds at most. They are told to nobody but the caller: no run ends when they do.
//
// Neither what a command prints nor a word of it is in an error, since both may tell the secret: its stderr goes to
// /dev/null.
func runCommand(procs *process.Host) mirror.Run {
	return commands{procs, commandWithin}.run
}

type commands struct {
	procs  *process.Host
	within time.Duration
}

func (c commands) run(ctx context.Context, argv []string) (stdout string, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", fmt.Errorf("make pipe: %w", err)
	}
	defer r.Close()
	ended := make(chan process.Exit, 1)
	p, err := c.procs.Start(process.Spec{
		Argv: argv, Env: os.Environ(), Stdout: w, Ended: func(x process.Exit) { ended <- x },
	})
	w.Close()
	if err != nil {
		return "", withoutWords(err)
	}
	printed := make(chan string, 1)
	tooMuch := make(chan struct{})
	go func() {
		text, _ := io.ReadAll(io.LimitReader(r, commandPrints+1)) // it ends early when nobody waits for more
		if len(text) > commandPrints {
			close(tooMuch)
		}
		printed <- string(text)
	}()
	limit := time.NewTimer(c.within)
	defer limit.Stop()
	select {
	case x := <-ended:
		if err := endError(x); err != nil {
			return "", err
		}
	case <-tooMuch:
		return "", c.end(p, fmt.Errorf("it prints more than %d KiB", commandPrints>>10))
	case <-limit.C:
		return "", c.end(p, fmt.Errorf("it did not end within %v", c.within))
	case <-ctx.Done():
		return "", c.end(p, ctx.Err())
	}
	_ = r.SetReadDeadline(time.Now().Add(drainWithin))
	text := <-printed
	if len(text) > commandPrints {
		return "", fmt.Errorf("it prints more than %d KiB", commandPrints>>10)
	}
	return text, nil
}

// end ends a command with all of its group, for a reason.
func (c commands) end(p process.Proc, why error) error {
	if c.procs.Kill(p) != nil {
		return fmt.Errorf("%w, and cannot be killed", why)
	}
	return why
}

// endError is nil for a command that went well.
func endError(x process.Exit) error {
	switch {
	case x.Signal != 0:
		return errors.New("ended by signal " + signalName(x.Signal))
	case x.Code != 0:
		return fmt.Errorf("exit code %d", x.Code)
	}
	return nil
}

// withoutWords is why a command did not start, without its program: somebody may have written a password for it.
func withoutWords(err error) error {
	if start, ok := errors.AsType[*process.StartError](err); ok {
		return start.Err
	}
	return err
}
