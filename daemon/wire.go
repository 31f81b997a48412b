package daemon

import (
	"fmt"
	"slices"
	"syscall"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// wireJob is a job as it is answered. It reads nothing but what the loop has
// published.
func wireJob(e *entry) ipc.Job {
	job, v := e.job.Load(), e.view.Load()
	now := v.lives()
	w := ipc.Job{
		Name: e.name, State: jobState(job, now), Owner: ownerFile, AddedBy: v.addedBy, Next: v.next, Overrides: now.overrides,
		LastRun: current(v.last), Failures: v.failures, Generation: v.generation, SpecHash: v.spec,
	}
	for _, r := range now.running {
		w.Running = append(w.Running, *r)
		if job != nil && r.SpecHash != v.spec {
			w.Warnings = append(w.Warnings, "run "+shortID(r.ID)+" was started before its command, environment or directory changed")
		}
	}
	for _, r := range append(slices.Clip(now.running), v.last) {
		if r != nil && r.OutputLost != "" {
			w.Warnings = append(w.Warnings, "output of run "+shortID(r.ID)+": "+r.OutputLost)
		}
	}
	for _, r := range now.queued {
		w.Queued = append(w.Queued, *r)
	}
	switch {
	case v.broken != "":
		w.Owner, w.Warnings = ownerOperator, append(w.Warnings, v.broken+": lsh job add "+e.name+" gives it another")
		if w.State == ipc.JobRemoved {
			w.State = ipc.JobDisabled
		}
		return w
	case job == nil:
		return w
	}
	w.Description, w.Tags, w.Schedule, w.Timezone = job.Description, job.Tags, job.Schedule, job.Timezone
	if v.addedBy != nil {
		w.Owner = ownerOperator
		return w
	}
	w.Source = fmt.Sprintf("%s:%d", job.Source.File, job.Source.Line)
	return w
}

// Whose a job is.
const (
	ownerFile     = "file"
	ownerOperator = "operator"
)

// current is a run's record with those of its survivors that are still there.
func current(r *ipc.Run) *ipc.Run {
	if r == nil || len(r.Survivors) == 0 {
		return r
	}
	now := *r
	now.Survivors = slices.DeleteFunc(slices.Clone(r.Survivors), func(pid int) bool {
		group, err := syscall.Getpgid(pid)
		return err != nil || group != r.Pid
	})
	return &now
}

// jobState is the one word for how a job stands. What is going on comes
// before what may come.
func jobState(job *config.Job, now live) string {
	switch {
	case job == nil:
		return ipc.JobRemoved
	case len(now.running) > 0:
		return ipc.JobRunning
	case len(now.queued) > 0:
		return ipc.JobWaiting
	case !job.Here:
		return ipc.JobNotHere
	case !job.Enabled:
		return ipc.JobDisabled
	case paused(now.overrides):
		return ipc.JobPaused
	case len(job.Slots) == 0:
		return ipc.JobManual
	}
	return ipc.JobScheduled
}

func paused(overrides []ipc.Override) bool {
	return len(overrides) > 0 && overrides[0].Kind == ipc.OverridePause // the pause comes first
}

// readerDesired is what should be for a job, from what has been published.
func readerDesired(e *entry) reconciler.Desired {
	d := reconciler.Desired{Job: e.job.Load()}
	for _, o := range e.view.Load().lives().overrides {
		if o.Kind == ipc.OverridePause {
			d.Pause = new(asOverride(o))
		} else {
			d.Skips = append(d.Skips, asOverride(o))
		}
	}
	return d
}
