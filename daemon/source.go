package daemon

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/watch"
	"github.com/lsh-project/lsh/ipc"
)

const (
	// missingGrace is how long a file may be away before it is called
	// missing: an editor's delete and re-create is no news.
	missingGrace = 2 * time.Second
	// busyGrace is how long a writer may have the file open before status
	// says so.
	busyGrace = 10 * time.Second
	// comeBack is when a file that is away or busy is looked at again.
	comeBack = 200 * time.Millisecond
	// manyJobs is from where the memory of a reading is returned at once.
	manyJobs = 5000
)

// source follows the jobs file: one evaluation path for its events, the
// safety poll, the start, SIGHUP and requests. Only its own goroutine (run)
// evaluates, so that two readings never cross.
type source struct {
	log     *slog.Logger
	path    string
	manual  bool // apply: manual
	watcher *watch.Watcher
	box     *mailbox
	counts  *counts
	table   *table
	herald  *herald
	former  *formerSource // what an earlier worker thought of the file; nil once that is settled
	quiet   reader        // reads as the watcher must: never a file being written
	asked   reader        // reads for an operator who waits
	poke    chan struct{}
	asks    chan ask

	state atomic.Pointer[ipc.Source] // what status shows
	gone  atomic.Pointer[[]string]   // env files that are missing

	looked chan struct{} // closed after the first look

	verdict  ipc.Source // on the content that was last judged
	hash     string     // of the configuration that it was about; "" when it was none
	replaced replaced   // zero when the file is what is applied, or would be
	paths    []string
	globs    []string
	last     *loaded   // what was last judged, without its jobs; nil before the first time
	stamp    string    // of its files, "" when it cannot be trusted
	absent   time.Time // since when the file is away
	busy     time.Time // since when a writer has it open
}

// look says that the file may have changed.
func (s *source) look() {
	select {
	case s.poke <- struct{}{}:
	default: // a look is due already
	}
}

// run evaluates until ctx ends.
func (s *source) run(ctx context.Context) {
	again := time.NewTimer(0)
	defer again.Stop()
	first := true
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-s.asks:
			s.apply(a)
			continue
		case <-s.poke:
		case <-again.C:
		}
		soon := s.evaluate()
		if first {
			first = false
			close(s.looked)
		}
		if soon {
			again.Reset(comeBack)
		}
	}
}

// evaluate looks at the file as the guard must: only new and good content
// is applied. It tells whether to come back soon.
func (s *source) evaluate() (soon bool) {
	s.watcher.Set(s.paths, s.globs) // first: what changes from here on is told
	stamp := stampOf(s.paths, s.globs, time.Now())
	if s.last != nil && s.known(stamp) {
		s.busy, s.absent = time.Time{}, time.Time{}
		s.back()
		return false
	}
	f, err := s.quiet.load(s.path)
	s.follow(f)
	if soon, wait := s.hold(err); wait {
		return soon
	}
	if s.recall(f) {
		return false
	}
	if s.last != nil && f.sum == s.last.sum {
		s.back()
		return false
	}
	defer s.herald.reloading()()
	if err != nil {
		s.wrong(f, err)
		return false
	}
	s.judge(f)
	return false
}

// known tells whether the files hold what was last judged: by their stamp,
// else by their content.
func (s *source) known(stamp string) bool {
	if stamp != "" && stamp == s.stamp {
		return true
	}
	s.stamp = ""
	real, same := s.quiet.again(s.last)
	if !same {
		return false
	}
	if real != s.verdict.RealPath { // the links lead elsewhere, to the same text
		s.verdict.RealPath, s.last.real = real, real
		now := *s.state.Load()
		now.RealPath = real
		s.state.Store(&now)
	}
	s.stamp = stamp
	return true
}

// follow watches what a reading has named.
func (s *source) follow(f *loaded) {
	s.paths, s.globs = f.paths, f.globs
	s.watcher.Set(s.paths, s.globs)
}

// hold waits for a file that is away or being written, for a while.
func (s *source) hold(err error) (soon, wait bool) {
	now := time.Now()
	_, busy := errors.AsType[*watch.BusyError](err)
	absent := errors.Is(err, fs.ErrNotExist)
	s.busy, s.absent = began(s.busy, busy, now), began(s.absent, absent, now)
	switch {
	case busy && now.Sub(s.busy) >= busyGrace:
		s.note(ipc.SourceBusy, "a writer has the file open")
		return false, true // the safety poll comes back
	case absent && (s.last == nil || now.Sub(s.absent) >= missingGrace):
		s.note(ipc.SourceMissing, err.Error())
		return false, true
	}
	return busy || absent, busy || absent
}

// began is when a condition began to hold.
func began(before time.Time, holds bool, now time.Time) time.Time {
	switch {
	case !holds:
		return time.Time{}
	case before.IsZero():
		return now
	}
	return before
}

// judge applies new and good content, unless it must wait for an operator.
// The first file is applied in any case: there is nothing that it could hurt.
func (s *source) judge(f *loaded) {
	var verdict ipc.Source
	again := false // it is what runs already
	still := s.replaced
	var plan draft
	turned := s.box.do(func(l *loop) {
		plan = l.draft(f, ipc.ApplyParams{})
		p := plan.plan
		verdict = ipc.Source{State: ipc.SourceAccepted}
		why := still.Reason
		if still.Hash != f.config.Hash {
			why = l.suspicious(p, f)
		}
		if s.manual && why == "" && !p.Empty() {
			why = "apply is manual"
		}
		switch {
		case l.applied != nil && why != "":
			verdict.State, verdict.Reason = ipc.SourceHeld, why
		case l.applied == nil:
			l.accept(f, p, origin{reason: "the first file"})
		case f.config.Hash != l.applied.Hash || !p.Empty():
			l.accept(f, p, origin{reason: "the file has changed"})
		default:
			again = true
		}
		if verdict.State != ipc.SourceHeld {
			still = replaced{}
		}
		l.keepVerdict(f.sum, verdict, still)
	})
	if !turned {
		return // the daemon has stopped
	}
	s.replaced = still
	if verdict.State == ipc.SourceHeld {
		verdict.Plan = plan.wire(s.table)
		verdict.Plan.Held = verdict.Reason
	}
	before := s.state.Load().State
	s.conclude(f, verdict)
	if verdict.State == ipc.SourceAccepted {
		s.rereadAdHoc()
	}
	if again && before != ipc.SourceAccepted {
		s.mended()
	}
}

// wrong keeps what is wrong with new content; the last good file stays.
func (s *source) wrong(f *loaded, err error) {
	verdict := ipc.Source{State: ipc.SourceInvalid, Reason: err.Error(), Problems: wireProblems(err)}
	still := s.replaced
	s.box.post(func(l *loop) { l.keepVerdict(f.sum, verdict, still) })
	s.conclude(f, verdict)
}

// conclude makes a verdict on new content the state of the file.
func (s *source) conclude(f *loaded, verdict ipc.Source) {
	verdict.Path, verdict.RealPath = s.path, f.real
	s.last = &loaded{path: f.path, real: f.real, sum: f.sum, paths: f.paths, globs: f.globs, plain: f.plain}
	s.verdict, s.hash = verdict, ""
	s.state.Store(&verdict)
	if f.config != nil {
		s.hash = f.config.Hash
		s.gone.Store(&f.gone)
	}
	s.tell(verdict.State, verdict.Reason)
	if f.config != nil && len(f.config.Jobs) >= manyJobs {
		debug.FreeOSMemory() // a reading takes several times what it leaves
		process.ForgetPeak() // the peak would hide that of the runs
	}
}

// describe is the file as status shows it.
func (s *source) describe(acceptedAt time.Time) ipc.Source {
	now := *s.state.Load()
	now.AcceptedAt = acceptedAt
	return now
}

// note says that the content cannot be judged now. The verdict on the
// former content stays in force.
func (s *source) note(state, reason string) {
	if before := s.state.Load(); before.State == state && before.Reason == reason {
		return
	}
	now := s.verdict
	now.State, now.Reason, now.Problems, now.Plan = state, reason, nil, nil
	s.state.Store(&now)
	s.tell(state, reason)
}

// back says that the file is there again as it was last judged.
func (s *source) back() {
	if s.state.Load().State != s.verdict.State {
		verdict := s.verdict
		s.state.Store(&verdict)
		s.tell(verdict.State, verdict.Reason)
		if verdict.State == ipc.SourceAccepted {
			s.mended()
		}
	}
}

// mended says that the file says again what runs already.
func (s *source) mended() {
	s.log.Info("jobs file is as it was accepted", "path", s.path)
	s.box.post(func(l *loop) { l.emit(ipc.Event{Kind: "config.accepted", Message: "it says again what runs already"}) })
}

// tell puts a new state into log and events. What was accepted has been told
// by the loop, with its plan.
func (s *source) tell(state, reason string) {
	if state == ipc.SourceAccepted {
		return
	}
	s.counts.reloads.add(state, 1)
	s.log.Warn("jobs file is not applied", "state", state, "path", s.path, "reason", reason)
	s.box.post(func(l *loop) { l.emit(ipc.Event{Kind: "config." + state, Message: reason}) })
}
