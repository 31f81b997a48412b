package daemon

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"syscall"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/keeper"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// former is what an earlier worker has left: in the journal, and in the plain
// files that were written where the journal could not be waited for.
type former struct {
	boot    journal.Boot
	forking map[string]bool                 // by run: was about to be started, as noted
	begun   map[string]process.Proc         // by run: started, as noted or as found by its mark
	ends    map[string]process.Exit         // by run: ended, as noted
	orphan  map[child]process.Exit          // by process: ended, as the keeper has seen
	leaders map[uint64][]process.Proc       // of those: first processes of sessions, by tag
	settled int64                           // how much of the keeper's record was read first, in bytes
	read    func() ([]keeper.Record, int64) // the keeper's record as it is now; nil when there is none
}

// child is a process of this boot.
type child struct {
	pid   int
	start uint64
}

// recall takes up what earlier workers have left, before the first turn. It
// starts and stops nothing: that is for the first look at each job to decide.
func (l *loop) recall(f *former, output func(job, run string) string) {
	l.readClock()
	l.awake = l.now
	l.seq = f.boot.EventSeq
	runs := map[string]*ipc.Run{}
	for _, r := range f.boot.LastRuns {
		runs[r.Job] = wireRun(r)
	}
	for _, row := range f.boot.Jobs {
		l.recallJob(row, runs[row.Name])
	}
	for _, o := range f.boot.Overrides {
		if e := l.entries[o.Job]; e != nil {
			e.lay(wireOverride(o))
		} else {
			l.batch.EndOverride(o.ID, l.now, "the job is gone")
		}
	}
	for _, q := range f.boot.Requests {
		if e := l.entries[q.Job]; e != nil {
			e.requests = append(e.requests, request{Request: reconciler.Request{
				ID: q.ID, Trigger: reconciler.Trigger(q.Trigger), Slot: q.Slot, Why: q.Why, Reason: q.Reason,
			}})
		} else {
			l.batch.DropRequest(q.ID)
		}
	}
	l.recallRuns(f, output)
	for _, row := range f.boot.LastRuns {
		if len(row.Survivors) > 0 {
			l.recallSurvivors(row, output(outputJob(row), row.ID))
		}
	}
	l.recallAhead(f.boot.Ahead)
	for _, e := range l.entries {
		if e.cursor.After(l.now.Add(setBack)) {
			l.clockSetBack(e)
		}
		l.tellMissed(e)
		l.mark(e)
	}
	l.listed = true
}

// recallRuns goes on with the runs that had not ended, in the order in which
// they waited.
func (l *loop) recallRuns(f *former, output func(job, run string) string) {
	open := slices.Clone(f.boot.Open)
	slices.SortFunc(open, func(a, b journal.Run) int { return cmp.Compare(a.ID, b.ID) })
	var line []*run
	for _, row := range open {
		e := l.entries[row.Job]
		if e == nil {
			e = newEntry(row.Job)
			l.entries[row.Job] = e
			e.view.Store(newView(e))
			e.saved = e.row()
		}
		r, facts := restored(row, output(outputJob(row), row.ID))
		e.runs = append(e.runs, r)
		l.live[r.ID] = e
		if facts.Boot == l.boot && f.unbegun(r) {
			l.unbegin(r)
		}
		if r.Phase == reconciler.Queued {
			line = append(line, r)
			continue
		}
		l.places.take(r, facts.Group)
		l.recallProcess(e, r, facts, f)
	}
	// In line stands first what was first ready, not what was first asked for.
	slices.SortStableFunc(line, func(a, b *run) int { return later(a.waited, a.NotBefore).Compare(later(b.waited, b.NotBefore)) })
	for _, r := range line {
		l.line(l.live[r.ID])
	}
}

// unbegun tells whether a run was to be started and certainly was not.
func (f *former) unbegun(r *run) bool {
	_, begun := f.begun[r.ID]
	return r.Phase == reconciler.Starting && !r.started && !begun && !f.forking[r.ID]
}

// unbegin lets such a run wait for its turn again.
func (l *loop) unbegin(r *run) {
	_ = os.Remove(r.output) // it may have been made, and nothing has been written to it
	if r.waited.IsZero() {
		r.waited = r.Admitted // it was to begin at once
	}
	r.Phase, r.Again, r.Admitted = reconciler.Queued, true, l.now
	l.change(r, func(rec *ipc.Run) {
		rec.Reason = r.because("the daemon was killed before it began: it waits for its turn again")
	})
}

// recallProcess finds out what has become of a run that had begun, or was
// about to.
func (l *loop) recallProcess(e *entry, r *run, facts liveFacts, f *former) {
	lost := func(why string) {
		l.over(e, r, process.Exit{ID: r.ID, Pid: r.proc.Pid}, ipc.RunLost, why)
	}
	if facts.Boot != "" && facts.Boot != l.boot {
		lost("the machine went down while it was in progress")
		return
	}
	if !r.started {
		p, known := f.begun[r.ID]
		if !known {
			lost("the daemon was killed while it was being started: whether it began is not known")
			return
		}
		l.begun(e, r, p)
	}
	if x, ok := f.endOf(r); ok {
		l.witnessed(e, r, x)
		return
	}
	if !l.procs.Lives(r.proc) {
		// The keeper writes before it reaps: if it has seen this end, then by now it is in the record.
		if f.read != nil {
			f.review()
		}
		if x, ok := f.endOf(r); ok {
			l.witnessed(e, r, x)
			return
		}
		lost("it ended while nobody watched: how is not known")
		return
	}
	l.log.Info("run goes on", "job", e.name, "run", r.ID, "pid", r.proc.Pid)
	if r.maxOutput > 0 {
		l.trimmer.Watch(r.ID, r.output, r.maxOutput)
	}
	// The signal that was decided may not have been sent.
	r.Killed = false
	if r.Phase == reconciler.Stopping {
		l.signal(e, r, r.Stop.Signal)
	}
	id := r.ID
	l.procs.Watch(r.proc, func() { l.box.post(func(l *loop) { l.vanished(id) }) })
}

// recallSurvivors keeps in mind what lives on of a run that has ended, so that a stop reaches it. What was being stopped
// with its run has had its time.
func (l *loop) recallSurvivors(row journal.Run, output string) {
	e := l.entries[row.Job]
	if e == nil || e.job.Load() == nil {
		return
	}
	r, _ := restored(row, output)
	r.Phase, r.Stop = reconciler.Running, e.job.Load().Stop
	if len(l.procs.Alive(r.proc)) == 0 {
		return
	}
	if row.State != ipc.RunStopped && row.State != ipc.RunTimedOut {
		e.survivors = append(e.survivors, r)
		return
	}
	r.Phase, r.Lingering, r.StopBy = reconciler.Stopping, true, l.now
	e.runs = append(e.runs, r)
	l.live[r.ID] = e
}

// begun takes in the start of a run that an earlier worker could not record.
func (l *loop) begun(e *entry, r *run, p process.Proc) {
	r.proc, r.started, r.Phase = p, true, max(r.Phase, reconciler.Running)
	r.Pid, r.Started = p.Pid, p.Started.Round(0)
	if r.timeout > 0 {
		r.Timeout = r.Started.Add(r.timeout)
	}
	l.change(r, func(rec *ipc.Run) {
		rec.State, rec.StartedAt, rec.Pid = ipc.RunRunning, r.Started, p.Pid
		if !r.due.IsZero() {
			rec.Lateness = ipc.InSeconds(since(r.due, rec.StartedAt))
		}
	})
}

// endOf is the end of a run as somebody has noted it.
func (f *former) endOf(r *run) (process.Exit, bool) {
	if x, ok := f.ends[r.ID]; ok && x.Pid == r.proc.Pid {
		return x, true
	}
	x, ok := f.orphan[child{r.proc.Pid, r.proc.StartTime}]
	x.ID = r.ID
	return x, ok
}

// witnessed ends a run as it was noted.
func (l *loop) witnessed(e *entry, r *run, x process.Exit) {
	x.Survivors = len(l.procs.Alive(r.proc)) > 0
	state, why := outcome(r, x)
	l.over(e, r, x, state, why)
}

// lastEnd is how the worker before this one ended, for the log.
func lastEnd(code int, signal syscall.Signal) string {
	if signal != 0 {
		return "ended by signal " + signalName(signal)
	}
	return fmt.Sprintf("exit code %d", code)
}
