package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func editCommand(a *app) *cobra.Command {
	var e editing
	cmd := &cobra.Command{
		Use:   "edit [FILE]",
		Short: "Edit the jobs file: checked, and its plan shown, before it counts",
		Long: `Opens a copy of the jobs file in your editor. When the editor ends, the copy is
checked and the plan of the change is shown, as lsh plan does; once you agree it
takes the file's place and is applied. Until then nothing is touched. Where the
file is a link, what it leads to is replaced. A draft that you keep lies beside
the file, and --draft goes on with it. With FILE it edits a file that the jobs
file includes, or begins one that it would.

The editor is VISUAL, or EDITOR, as a shell reads it. One that opens a window
and returns at once must be told to wait: EDITOR="code --wait".`,
		Example: `  lsh edit
  EDITOR="vim -u NONE" lsh edit
  lsh edit ~/.config/lsh/jobs.d/mail.yaml
  lsh edit --yes      apply what is valid without asking`,
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			e.app = a
			return e.edit(cmd.Context(), first(args))
		},
	}
	cmd.Flags().BoolVarP(&e.yes, "yes", "y", false, "apply what is valid without asking")
	cmd.Flags().StringVar(&e.draft, "draft", "", "go on with the draft in `FILE`")
	return cmd
}

// editing is one lsh edit.
type editing struct {
	*app
	yes    bool
	jobs   string // the jobs file
	draft  string // the copy; before it is made, the one to go on with
	before original
	blank  string // what a file begins with that is not there yet
	made   string // the directory of the file, where there was none before
	editor string
}

func (e *editing) edit(ctx context.Context, file string) error {
	var err error
	if e.jobs, err = e.daemonsFile(ctx); err != nil {
		return err
	}
	path := e.jobs
	e.blank = starter
	if file != "" {
		if path, err = e.included(file); err != nil {
			return err
		}
	}
	if path != e.jobs {
		e.blank = "jobs:\n"
	}
	if e.before, err = readOriginal(path); err != nil {
		return err
	}
	if e.editor, err = e.app.editor(); err != nil {
		return err
	}
	if err := e.copy(); err != nil {
		return err
	}
	for again := true; again; {
		if err := e.runEditor(e.editor, e.draft); err != nil {
			return e.editorFailed(err)
		}
		if again, err = e.decide(e.interruptible(ctx)); err != nil {
			return err
		}
		e.close() // Ctrl-C is the editor's again
	}
	return nil
}

// daemonsFile is the jobs file of the daemon that is asked, else of one that
// would be started now.
func (e *editing) daemonsFile(ctx context.Context) (string, error) {
	status, err := ask(ctx, e.app, ipc.DaemonStatus, ipc.StatusParams{Limit: 1})
	if err == nil {
		return status.Daemon.Config.Path, nil
	}
	if !e.withoutDaemon(err) {
		return "", err
	}
	return e.jobsFile(ctx)
}

// copy makes the draft. It lies beside the file, where all that is relative
// means the same, under a name that neither the daemon nor an include takes
// for a jobs file.
func (e *editing) copy() error {
	text := e.before.text
	if e.before.info == nil {
		text = e.blank
	}
	if e.draft != "" {
		var err error
		if e.draft, err = absolute(e.draft); err != nil {
			return err
		}
		if _, err := os.Stat(e.draft); err != nil {
			return fail("no_file", fmt.Sprintf("read draft %s: %s", e.short(e.draft), bare(err)), "lsh edit begins a new one")
		}
		return e.writable(e.before)
	}
	dir := filepath.Dir(e.before.path)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		e.made = dir
	}
	if err := e.makeDir(dir); err != nil {
		return err
	}
	if err := e.writable(e.before); err != nil {
		return err
	}
	name := filepath.Base(e.before.path)
	kind := filepath.Ext(name)
	f, err := os.CreateTemp(dir, "."+strings.TrimSuffix(name, kind)+".draft-*"+kind) // for its user alone
	if err != nil {
		return e.notWritten(dir, err)
	}
	e.draft = f.Name()
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return errors.Join(e.notWritten(dir, err), os.Remove(e.draft))
	}
	return nil
}

// editorFailed keeps what has been typed, if anything has.
func (e *editing) editorFailed(err error) error {
	f := explain(err)
	f.message += "; the jobs file is as it was"
	if text, err := os.ReadFile(e.draft); err == nil && !e.same(string(text)) {
		return e.kept(f)
	}
	if f.hint == "" {
		f.hint = "lsh edit begins anew"
	}
	e.dropDraft()
	return f
}

// same tells whether a draft says what the file says.
func (e *editing) same(text string) bool {
	if e.before.info == nil {
		return text == e.blank
	}
	return text == e.before.text
}

// decide looks at the draft once the editor has ended. It tells whether to
// open it again.
func (e *editing) decide(ctx context.Context) (again bool, err error) {
	text, err := os.ReadFile(e.draft)
	if errors.Is(err, fs.ErrNotExist) {
		return false, fail("no_file", "the draft is gone; the jobs file is as it was", "lsh edit begins a new one")
	}
	if err != nil {
		return false, fmt.Errorf("read draft: %w", err)
	}
	if e.same(string(text)) {
		return false, e.unchanged()
	}
	plan, err := e.plan(ctx)
	if ctx.Err() != nil {
		return false, e.left(ctx)
	}
	if err != nil {
		f := explain(err)
		if f.code == "invalid_config" {
			return e.invalid(ctx, f)
		}
		return false, e.kept(f)
	}
	return e.valid(ctx, plan, text)
}

func (e *editing) unchanged() error {
	e.dropDraft()
	if e.json() {
		return e.printJSON(editJSON{Path: e.before.path})
	}
	if e.before.info == nil && e.before.path == e.jobs {
		e.printf("nothing changed: there is no jobs file yet; lsh init writes this one as it is\n")
		return nil
	}
	e.printf("nothing changed\n")
	return nil
}

// editJSON is the answer for programs.
type editJSON struct {
	Path    string           `json:"path"`
	Saved   bool             `json:"saved"`
	Plan    *ipc.Plan        `json:"plan,omitempty"`    // of a file that no daemon has applied
	Applied *ipc.ApplyResult `json:"applied,omitempty"` // absent when no daemon is running
}

// plan is what the draft would change. Who makes it also says what is wrong
// with the draft: variables are those of the daemon's environment.
func (e *editing) plan(ctx context.Context) (ipc.Plan, error) {
	p := ipc.PlanParams{File: e.jobs, Draft: e.draft, DraftOf: e.before.path}
	plan, err := ask(ctx, e.app, ipc.ConfigPlan, p)
	if err != nil && e.withoutDaemon(err) {
		return planOffline(ctx, p)
	}
	return plan, err
}

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

// dropDraft takes the draft away, and a directory that was made for nothing. What
// an editor may still do with the draft is no concern of the file's.
func (e *editing) dropDraft() {
	_ = os.Remove(e.draft)
	if e.made != "" {
		_ = os.Remove(e.made) // it stays when there is a file in it now
	}
}

// kept is a failure that says how to go on with the draft.
func (e *editing) kept(f *failure) error {
	f.message += "; the draft is kept"
	f.hint = e.goOn() + " goes on with it"
	return f
}

// goOn is what to type to go on with the draft.
func (e *editing) goOn() string {
	text := "lsh edit --draft " + e.typed(e.draft)
	if e.before.path != e.jobs {
		text += " " + e.typed(e.before.path)
	}
	return text
}

// left is the end by a signal.
func (e *editing) left(ctx context.Context) error {
	e.note("the jobs file is as it was; the draft is kept: " + e.goOn() + " goes on with it")
	return endOf(ctx)
}
