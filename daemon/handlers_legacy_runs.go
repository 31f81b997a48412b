package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

const (
	// legacyPatience is how long a command may take: clients wait for ten
	// seconds.
	legacyPatience = 9 * time.Second
	// legacyTurn is how long the commands behind it wait for one.
	legacyTurn = time.Second
)

// busy tells whether runs of a job are in progress or wait.
func (l *legacy) busy(e *entry) bool {
	now := e.view.Load().lives()
	return len(now.running)+len(now.queued) > 0
}

// running tells whether a run of a job is in progress.
func (l *legacy) running(e *entry) bool { return len(e.view.Load().lives().running) > 0 }

// legacyYield lets the commands behind one begin after so long, unless the
// function that it returns is called before.
func legacyYield(ctx context.Context, after time.Duration) (stop func()) {
	next := time.AfterFunc(after, ipc.ConnFrom(ctx).Next)
	return func() { next.Stop() }
}

// begin starts a run of a job.
func (l *legacy) begin(ctx context.Context, id string) (*entry, ipc.Run, error) {
	e, ok := l.find(id)
	if !ok {
		return nil, ipc.Run{}, legacyNotFound(id)
	}
	if l.running(e) {
		return nil, ipc.Run{}, ipc.Errorf(ipc.CodeRefused, "Job %s is already running", id)
	}
	ctx, cancel := context.WithTimeout(ctx, legacyPatience)
	defer cancel()
	defer legacyYield(ctx, legacyTurn)()
	begun, err := l.runJob(ctx, ipc.RunParams{Job: e.name})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, ipc.Run{}, ipc.Errorf(ipc.CodeBusy, "Job %s has not begun yet", id).WithHint("it has been asked for")
	case err != nil:
		return nil, ipc.Run{}, err
	}
	return e, begun.Run, nil
}

// startJob starts a job and answers once it has begun.
func (l *legacy) startJob(ctx context.Context, args legacyJobArgs) (any, error) {
	e, run, err := l.begin(ctx, args.JobID)
	if err != nil {
		return nil, err
	}
	switch {
	case ended(run.State) && run.Pid == 0:
		return nil, ipc.Errorf(ipc.CodeRefused, "Job %s did not start: %s", args.JobID, strings.TrimPrefix(run.Reason, "start job: "))
	case run.Pid == 0:
		return nil, ipc.Errorf(ipc.CodeBusy, "Job %s has not begun yet: %s", args.JobID, run.Reason).WithHint("it will by itself")
	}
	j := l.job(e) // its run may have ended since
	j.Status, j.Pid, j.StartedAt = legacyRunning, run.Pid, legacyTime{run.StartedAt}
	j.CompletedAt, j.ExitCode, j.Error, j.last = legacyTime{}, nil, "", nil
	return l.withOutput(j), nil
}

// legacyResult is the data of triggerJob.
type legacyResult struct {
	Success  bool     `json:"success"`
	Output   string   `json:"output,omitempty"`
	Error    string   `json:"error,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// triggerJob runs a job and answers with what it printed, once it has ended
// or has taken too long to wait for. That it cannot be run is a result too.
func (l *legacy) triggerJob(ctx context.Context, args legacyJobArgs) (any, error) {
	limit := time.NewTimer(legacyPatience)
	defer limit.Stop()
	_, run, err := l.begin(ctx, args.JobID)
	if bad, is := errors.AsType[*ipc.Error](err); is {
		return legacyResult{Error: bad.Line()}, nil
	}
	if err != nil {
		return nil, err
	}
	ipc.ConnFrom(ctx).Next()
	select {
	case <-l.finished(run.ID):
	case <-limit.C:
	case <-l.stopped:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if row, there, err := l.journal.Run(run.ID); err == nil && there {
		run = *wireRun(row)
	}
	return l.result(args.JobID, run), nil
}

// result is what has come of a run.
func (l *legacy) result(id string, run ipc.Run) legacyResult {
	r := legacyResult{Success: run.State == ipc.RunSucceeded, Output: l.tailOf(&run, legacyOutput)}
	switch {
	case !ended(run.State):
		r.Success = true
		goesOn := fmt.Sprintf("Job %s is still running after %v: it goes on", id, legacyPatience)
		if run.State == ipc.RunQueued {
			goesOn = fmt.Sprintf("Job %s has not begun after %v: %s", id, legacyPatience, run.Reason)
		}
		r.Warnings = []string{goesOn}
		r.Output = strings.TrimPrefix(strings.TrimSuffix(r.Output, "\n")+"\n"+goesOn, "\n")
	case !r.Success:
		r.Error = "Command failed: " + cmp.Or(run.Reason, run.State)
	case r.Output == "":
		r.Output = "Job completed with no output"
	}
	return r
}

// stopJob stops what is in progress of a job, and waits for its end a while.
func (l *legacy) stopJob(ctx context.Context, args legacyJobArgs) (any, error) {
	e, ok := l.find(args.JobID)
	if !ok {
		return nil, legacyNotFound(args.JobID)
	}
	signal, err := legacySignal(args.Signal)
	if err != nil {
		return nil, err
	}
	if !l.busy(e) {
		return nil, ipc.Errorf(ipc.CodeRefused, "Job %s is not running", args.JobID)
	}
	var ends []<-chan struct{}
	err = l.live([]string{e.name}, func(loop *loop, entries []*entry) {
		for _, r := range entries[0].runs {
			ends = append(ends, r.finished)
		}
		loop.haltWith(entries[0], signal, "stopped by the operator")
	})
	if err != nil {
		return nil, err
	}
	l.awaitAll(ctx, ends)
	j := l.job(e)
	j.Status, j.Pid = legacyStopped, 0
	if j.CompletedAt.IsZero() {
		j.CompletedAt = legacyTime{time.Now()}
	}
	return l.withOutput(j), nil
}

// awaitAll waits for the ends of runs, as long as a client does.
func (l *legacy) awaitAll(ctx context.Context, ends []<-chan struct{}) {
	limit := time.NewTimer(legacyPatience)
	defer limit.Stop()
	defer legacyYield(ctx, legacyTurn)()
	for _, end := range ends {
		select {
		case <-end:
		case <-limit.C:
			return
		case <-l.stopped:
			return
		case <-ctx.Done():
			return
		}
	}
}

// legacySignal is the signal that is asked for; "" is the job's own. TERM is
// what clients say who mean none in particular.
func legacySignal(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	name, ok := config.ParseSignal(text)
	switch {
	case !ok:
		return "", ipc.Errorf(ipc.CodeInvalidParams, "Unknown signal: %s", text)
	case name == "TERM":
		return "", nil
	}
	return name, nil
}

// haltWith is halt by another signal than the job's own; "" is that. KILL
// leaves no time.
func (l *loop) haltWith(e *entry, signal, reason string) {
	if signal != "" {
		for _, r := range e.runs {
			r.Stop.Signal = signal
			if signal == "KILL" {
				r.Stop.Grace, r.StopBy = 0, l.now
			}
		}
	}
	l.halt(e, reason)
}
