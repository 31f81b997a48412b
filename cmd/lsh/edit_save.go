package main

import (
	"context"
	"path/filepath"

	"github.com/lsh-project/lsh/ipc"
)

// editJSON is the answer for programs.
type editJSON struct {
	Path    string           `json:"path"`
	Saved   bool             `json:"saved"`
	Plan    *ipc.Plan        `json:"plan,omitempty"`    // of a file that no daemon has applied
	Applied *ipc.ApplyResult `json:"applied,omitempty"` // absent when no daemon is running
}

// save puts the draft in the file's place, unless somebody else has changed
// the file meanwhile.
func (e *editing) save(text []byte) error {
	now, err := readOriginal(e.before.path)
	if err != nil {
		return e.kept(explain(err))
	}
	if now.real != e.before.real || now.text != e.before.text || (now.info == nil) != (e.before.info == nil) {
		f := e.kept(fail("changed", e.short(e.before.path)+" has been changed meanwhile, and was not overwritten", ""))
		explain(f).hint = "diff " + e.typed(e.before.path) + " " + e.typed(e.draft) + "; then " + e.goOn()
		return f
	}
	if err := e.before.replace(text); err != nil {
		return e.kept(explain(e.notWritten(e.before.real, err)))
	}
	e.dropDraft()
	if e.before.info == nil && e.before.path == e.jobs {
		// Editors do without it; lsh init says what is in its way.
		_, _ = refreshSchema(filepath.Dir(e.before.path))
	}
	return nil
}

// saved tells what is to be done without a daemon.
func (e *editing) saved(plan ipc.Plan) error {
	if e.json() {
		return e.printJSON(editJSON{Path: e.before.path, Saved: true, Plan: &plan})
	}
	e.printf("saved; the daemon is not running: lsh daemon start\n")
	return nil
}

// applied has the daemon apply the file, also what it would hold: somebody has
// seen the plan. The daemon may have done it by itself by now.
func (e *editing) applied(ctx context.Context) error {
	result, err := ask(ctx, e.app, ipc.ConfigApply, ipc.ApplyParams{})
	if err != nil {
		f := explain(err)
		f.message = "the file is saved, but it could not be applied: " + f.message
		return f
	}
	if e.json() {
		err = e.printJSON(editJSON{Path: e.before.path, Saved: true, Applied: &result})
	} else {
		e.printf("saved and applied: generation %d\n", result.Generation)
	}
	if err == nil && !result.Converged {
		err = notConverged(result.Generation)
	}
	return err
}
