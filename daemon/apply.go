package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/watch"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// ask is an explicit reload or apply: it passes the guard.
type ask struct {
	ipc.ApplyParams
	owner      *ipc.Owner          // who asks
	generation *journal.Generation // to go back to, in place of a file
	answer     chan answer
}

// origin is what the generation of an ask comes from.
func (a ask) origin() origin {
	switch {
	case a.generation != nil:
		return origin{fmt.Sprintf("rollback to generation %d", a.generation.Number), a.owner}
	case a.File != "":
		return origin{"lsh apply -f " + a.File, a.owner}
	}
	return origin{"asked for by the operator", a.owner}
}

// answer is what came of it.
type answer struct {
	result  ipc.ApplyResult
	settled <-chan struct{} // closed once the jobs stand as the file says
	err     error
}

// ask has a file applied and waits for the answer.
func (s *source) ask(ctx context.Context, a ask) (answer, error) {
	a.answer = make(chan answer, 1)
	select {
	case s.asks <- a:
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	select {
	case got := <-a.answer:
		return got, got.err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// apply answers an ask.
func (s *source) apply(a ask) {
	path := s.path
	if a.File != "" {
		path = a.File
	}
	own := path == s.path && a.generation == nil
	if own {
		s.watcher.Set(s.paths, s.globs)
	}
	if own && !a.DryRun {
		defer s.herald.reloading()()
	}
	f, err := s.readAsked(path, a.generation)
	if own && !a.DryRun {
		s.follow(f)
	}
	if err != nil {
		if own && !a.DryRun {
			s.mark(f, err)
		}
		a.answer <- answer{err: loadError(path, err)}
		return
	}
	var got answer
	var plan draft
	instead, by := a.instead(s.verdict), replaced{}
	if s.last != nil && s.hash == f.config.Hash {
		instead = ipc.Source{State: ipc.SourceAccepted, Path: s.verdict.Path, RealPath: s.verdict.RealPath} // the file says the same
	} else {
		by = replaced{s.hash, instead.Reason}
	}
	if !s.box.do(func(l *loop) {
		plan = l.draft(f, a.ApplyParams)
		got = l.apply(a, plan)
		switch {
		case got.err != nil || a.DryRun:
		case own:
			l.keepVerdict(f.sum, ipc.Source{State: ipc.SourceAccepted}, replaced{})
		case s.last != nil:
			l.keepVerdict(s.last.sum, instead, by)
		}
	}) {
		a.answer <- answer{err: stopping()}
		return
	}
	got.result.Plan = *plan.wire(s.table)
	got.result.Plan.Held = "" // this is the operator's word
	if a.ResetOverrides {
		got.result.Plan.Overrides = nil
	}
	if got.err == nil && !a.DryRun {
		if own {
			s.replaced = replaced{}
			s.conclude(f, ipc.Source{State: ipc.SourceAccepted})
		} else {
			s.verdict, s.replaced = instead, by
			s.state.Store(&instead)
		}
		s.rereadAdHoc()
	}
	a.answer <- got
}

// mark keeps the verdict on a file that an operator asked for and that is
// wrong, as if it had been looked at by itself.
func (s *source) mark(f *loaded, err error) {
	if soon, wait := s.hold(err); wait || soon {
		return
	}
	if s.last != nil && f.sum == s.last.sum {
		now := s.state.Load()
		s.tell(now.State, now.Reason) // somebody asked again
		return
	}
	s.wrong(f, err)
}

// readAsked reads what an ask is about.
func (s *source) readAsked(path string, g *journal.Generation) (*loaded, error) {
	if g != nil {
		return s.asked.generation(*g)
	}
	return s.asked.load(path)
}

// instead is the verdict on the jobs file when something else is applied in
// its place: it is held, until it changes or somebody applies it.
func (a ask) instead(before ipc.Source) ipc.Source {
	what := a.File + " is applied in its place"
	if a.generation != nil {
		what = fmt.Sprintf("generation %d was rolled back to", a.generation.Number)
	}
	before.State, before.Problems, before.Plan = ipc.SourceHeld, nil, nil
	before.Reason = what + "; lsh apply, or the next change of this file, goes back to it"
	return before
}

// apply takes over a file that an operator asked for.
func (l *loop) apply(a ask, d draft) answer {
	f, p := d.file, d.plan
	got := answer{result: ipc.ApplyResult{Generation: l.generation}}
	if a.Plan != "" && a.Plan != p.ID {
		got.err = ipc.Errorf(ipc.CodeStalePlan, "plan %s has gone stale: the plan is now %s", a.Plan, p.ID).
			WithHint("look at it again: lsh plan")
		return got
	}
	if a.DryRun {
		for _, e := range l.entries {
			if a.ResetOverrides {
				got.result.OverridesEnded += len(e.overrides())
			}
		}
		return got
	}
	if got.err = l.ending(); got.err != nil {
		return got
	}
	if l.applied == nil || f.config.Hash != l.applied.Hash || !p.Empty() {
		l.accept(f, p, a.origin())
		got.result.Applied = true
	} else {
		l.counts.reloads.add(ipc.ReloadUnchanged, 1)
	}
	if a.ResetOverrides {
		for _, e := range l.entries {
			got.result.OverridesEnded += l.resetOverrides(e)
		}
	}
	if a.StopRemoved {
		for _, e := range l.entries {
			if e.job.Load() != nil {
				continue
			}
			for _, r := range e.runs {
				if !r.Lingering {
					got.result.Stopped = append(got.result.Stopped, *r.record)
				}
			}
			l.halt(e, "the job is gone from the file (--stop-removed)")
		}
	}
	got.result.Generation = l.generation
	got.settled = l.whenSettled(p)
	return got
}

// whenSettled is closed once what the plan changed has come to rest, and what
// an earlier one changed and is still on its way.
func (l *loop) whenSettled(p reconciler.Plan) <-chan struct{} {
	s := &settling{done: make(chan struct{})}
	for _, c := range p.Changes {
		if c.Action != reconciler.ActionRemove {
			s.jobs = append(s.jobs, c.Job)
		}
	}
	for name := range l.entries {
		if !l.settled(name) {
			s.jobs = append(s.jobs, name)
		}
	}
	l.settling = append(l.settling, s)
	return s.done
}

// suspicious says why a change that came by itself waits for an operator's
// word; "" when it need not.
func (l *loop) suspicious(p reconciler.Plan, f *loaded) string {
	if why := p.Hold(); why != "" {
		return why
	}
	there := map[string]bool{}
	for _, file := range f.config.Files {
		there[file.Path] = true
	}
	for _, c := range p.Changes {
		if c.Action == reconciler.ActionRemove && !there[c.Before.Source.File] {
			return fmt.Sprintf("%s is gone, which removes %s", c.Before.Source.File, c.Job)
		}
	}
	return ""
}

// loadError is a reading's error as it is answered.
func loadError(path string, err error) error {
	if _, busy := errors.AsType[*watch.BusyError](err); busy {
		return ipc.Errorf(ipc.CodeBusy, "%s", err).WithHint("save it, then try again")
	}
	if problems, are := errors.AsType[config.Problems](err); are {
		e := ipc.Errorf(ipc.CodeInvalidConfig, "%s", problems)
		e.Data.Problems = wireProblems(err)
		return e.WithHint("mend it, then look: lsh check %s", path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return ipc.Errorf(ipc.CodeInvalidConfig, "%s", err).WithHint("write one: lsh init")
	}
	return ipc.Errorf(ipc.CodeInvalidConfig, "%s", err).WithHint("mend it, then look: lsh check %s", path)
}

// wireProblems are what is wrong with the files, as they are answered.
func wireProblems(err error) []ipc.Problem {
	problems, _ := errors.AsType[config.Problems](err)
	wire := make([]ipc.Problem, len(problems))
	for i, p := range problems {
		wire[i] = ipc.Problem(p)
	}
	return wire
}

// ending refuses what this worker would not look at any more; nil while it
// goes on. Whoever asked may ask the next one.
func (l *loop) ending() error {
	switch {
	case l.leaving:
		return ipc.Errorf(ipc.CodeStopping, "the daemon is being restarted").WithHint("try again in a moment")
	case l.shutdown:
		return stopping()
	}
	return nil
}

// stopping refuses what would begin anew.
func stopping() error {
	return ipc.Errorf(ipc.CodeStopping, "the daemon is stopping").WithHint("lsh daemon start, once it has stopped")
}
