package daemon

import (
	"fmt"
	"math/rand/v2"

	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// retry admits the next attempt of a run that has failed. Both are in one
// turn, so that no end of the worker comes between them. One that is admitted
// while the daemon stops is made by the next one.
func (l *loop) retry(e *entry, r *run, state string) {
	job := e.job.Load()
	if job == nil || (state != ipc.RunFailed && state != ipc.RunTimedOut) {
		return
	}
	delay, ok := reconciler.RetryAfter(job, r.Run, r.record.ExitCode, state == ipc.RunTimedOut, rand.Float64())
	if !ok {
		return
	}
	at := l.now.Add(delay)
	next := l.admit(e, reconciler.Action{
		Op: reconciler.Enqueue, Trigger: reconciler.TriggerRetry, Slot: r.Slot, Attempt: r.Attempt + 1, Retries: r.Retries + 1,
		Reason: fmt.Sprintf("attempt %d of %d, at %s (retry)", r.Attempt+1, r.Attempt+job.Retry.Max-r.Retries, at.Format("15:04:05")),
	})
	next.NotBefore, next.said = at, r.said
	next.record.NotBefore = at // not published yet: the record may still be changed
	next.record.Reason = next.because(next.record.Reason)
	next.waited = l.now
	l.save(next)
	l.log.Info("run will be tried again", "job", e.name, "run", next.ID, "reason", next.record.Reason)
	l.emit(ipc.Event{Kind: "run.queued", Job: e.name, Run: next.record, Message: next.record.Reason})
}
