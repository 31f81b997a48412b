package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
			if strings.HasPrefix(e.draft, "-") { // a flag in the place of the file
				return usage(fmt.Sprintf("--draft needs the name of a draft; got %q", e.draft), cmd.CommandPath()+" --draft FILE")
			}
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
