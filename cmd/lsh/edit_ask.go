package main

import (
	"context"
	"os"

	"github.com/lsh-project/lsh/ipc"
)

// invalid shows what is wrong with the draft, and asks what to do.
func (e *editing) invalid(ctx context.Context, f *failure) (again bool, err error) {
	if n := len(f.problems); n > 0 {
		f.message = "the draft has " + countOf(n, "problem")
	}
	f.hint = ""
	if !e.interactive() {
		f.message += "; the jobs file is as it was"
		return false, e.kept(f)
	}
	e.showFailure(f)
	answer, err := e.choose(ctx, "What now?", editAgain, throwAway, keepDraft)
	return e.heed(ctx, answer, err)
}

// The choices of who is asked.
var (
	applyIt   = choice{"yes", "(y)es"}
	editAgain = choice{"edit", "(e)dit again"}
	throwAway = choice{"throw", "(t)hrow it away"}
	keepDraft = choice{"keep", "(k)eep the draft"}
	notNow    = choice{"no", "(n)o, keep the draft"}
)

// heed does what was answered, but for yes.
func (e *editing) heed(ctx context.Context, answer string, err error) (again bool, _ error) {
	switch {
	case ctx.Err() != nil:
		return false, e.left(ctx)
	case err != nil:
		return false, e.kept(explain(err))
	case answer == editAgain.word:
		return true, nil
	case answer == throwAway.word:
		e.dropDraft()
		e.note("the draft is gone; the jobs file is as it was")
		return false, exitCode(exitFailed)
	}
	return false, e.kept(fail("kept", "the jobs file is as it was", ""))
}

// valid shows the plan of the draft, asks, and carries it out.
func (e *editing) valid(ctx context.Context, plan ipc.Plan, text []byte) (again bool, err error) {
	if !e.json() {
		e.planPrinter().plan(plan)
	}
	if !e.yes {
		if !e.interactive() {
			return false, e.kept(fail("not_asked", "there is nobody to ask whether to apply this; the jobs file is as it was", ""))
		}
		question := "Apply it?"
		if len(plan.Changes) == 0 {
			question = "No job changes. Save it?"
		}
		answer, err := e.choose(ctx, question, applyIt, editAgain, throwAway, notNow)
		if err != nil || answer != applyIt.word {
			return e.heed(ctx, answer, err)
		}
		if e.stale(ctx, plan, text) {
			e.note("the draft, or what applying it would do, has changed meanwhile")
			return e.decide(ctx)
		}
	}
	if err := e.save(text); err != nil {
		return false, err
	}
	if plan.Offline {
		return false, e.saved(plan)
	}
	return false, e.applied(ctx)
}

// stale tells whether what was agreed to is not what would be applied now.
func (e *editing) stale(ctx context.Context, plan ipc.Plan, text []byte) bool {
	now, err := os.ReadFile(e.draft)
	if err != nil || string(now) != string(text) {
		return true
	}
	again, err := e.plan(ctx)
	return err != nil || again.ID != plan.ID
}
