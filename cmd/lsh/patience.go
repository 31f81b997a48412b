package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// patience is how long lsh waits for an answer. A daemon that works on a long one answers others meanwhile.
type patience struct {
	look  time.Duration // until it asks whether anybody is there
	tell  time.Duration // until it says that it waits, where no terminal shows it
	limit time.Duration // until it gives up a daemon that answers nothing
}

func usualPatience() patience { return patience{2 * time.Second, 4 * time.Second, 30 * time.Second} }

// lookAgain is how often the service manager is asked meanwhile.
const lookAgain = time.Second

// awaiting is the context in which what goes over client is asked, until done: it ends, with the cause, when nobody is there to answer.
func (a *app) awaiting(ctx context.Context, client *ipc.Client, what string) (asking context.Context, done func()) {
	shown := a.waiting(what)
	asking, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		if err := a.watchSilence(asking, client.Socket()); err != nil {
			cancel(err)
		}
	})
	return asking, sync.OnceFunc(func() {
		cancel(nil)
		watching.Wait()
		shown()
	})
}

// watchSilence waits for the end of ctx, or for a reason to give up who listens at socket.
func (a *app) watchSilence(ctx context.Context, socket string) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(a.patience.look):
		}
		if err := a.silence(ctx, socket); err != nil {
			return err
		}
	}
}

// silence asks who listens at socket for a sign, and returns when it has come. The error says why there is none.
func (a *app) silence(ctx context.Context, socket string) error {
	p := a.patience
	ctx, cancel := context.WithTimeout(ctx, p.limit-p.look)
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel()
	answered := make(chan error, 1)
	asking.Go(func() { answered <- signOfLife(ctx, socket) })
	tell := time.NewTimer(p.tell - p.look)
	defer tell.Stop()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for {
		select {
		case err := <-answered:
			if errors.Is(err, context.DeadlineExceeded) {
				return &failure{
					exit: exitNotRunning, code: "no_answer", hint: "lsh doctor",
					message: fmt.Sprintf("the daemon is there and has not answered within %s", span(p.limit)),
				}
			}
			return nil
		case <-tell.C:
			if terminalWidth(a.stderr) == 0 && !a.json() {
				fmt.Fprintf(a.stderr, "the daemon does not answer; waiting for it, at most %s\n", span(p.limit))
			}
		case <-again.C:
			if err := a.notStarting(ctx, socket); err != nil {
				return err
			}
		}
	}
}

// signOfLife waits for any answer; an error that is one counts, and so does an end that the waiting will notice by itself.
func signOfLife(ctx context.Context, socket string) error {
	client, err := ipc.Dial(ctx, []string{socket})
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = ipc.DaemonStatus.Call(ctx, client, ipc.StatusParams{Limit: 1})
	return err
}

// triesBefore is how often a start has failed before that is no passing trouble.
const triesBefore = 2

// notStarting is the error of a service manager that listens at socket and whose starts of the daemon fail.
func (a *app) notStarting(ctx context.Context, socket string) error {
	m, err := newServiceManager(a)
	if err != nil {
		return nil
	}
	failing, tries := m.failing(ctx, socket)
	if !failing {
		return nil
	}
	f := &failure{
		exit: exitNotRunning, code: codeNotStarting, hint: "lsh doctor",
		message: "the service manager starts the daemon, and it fails",
	}
	_, wrong := askSettings(ctx, nil)
	if cause, is := errors.AsType[*failure](wrong); is {
		f.message += ": " + cause.message
		f.lines = cause.lines
		return f
	}
	if tries < triesBefore {
		return nil
	}
	return f
}

// codeNotStarting is the code of an error: there is no daemon, though its socket is there.
const codeNotStarting = "not_starting"

// noDaemon tells whether an error means that there is no daemon.
func noDaemon(err error) bool {
	if f, is := errors.AsType[*failure](err); is {
		return f.code == codeNotStarting
	}
	_, is := errors.AsType[*ipc.NotRunningError](err)
	return is
}
