package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func planCommand(a *app) *cobra.Command {
	var file string
	var exitChanges bool
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what applying the jobs file would change",
		Long: `Shows what applying the jobs file would change: which jobs, which of their
keys, when they would run instead, and what becomes of runs in progress.
Nothing is changed. While no daemon is running, the file is laid against what
the last one has left, and slots that were missed since are told too.

A change is "hot" when no process is touched, "next run" when the run in
progress finishes as it is and the next one is started anew, "restart" when it
is ended for that, "start" and "stop" when a job comes or goes.`,
		Example: `  lsh plan
  lsh plan -f ~/dotfiles/jobs.yaml
  lsh plan --exit-code && echo "nothing to apply"`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := a.namedFile(file)
			if err != nil {
				return err
			}
			plan, err := ask(cmd.Context(), a, ipc.ConfigPlan, ipc.PlanParams{File: file})
			if err != nil && a.withoutDaemon(err) {
				plan, err = planOffline(cmd.Context(), ipc.PlanParams{File: file})
			}
			if err != nil {
				return err
			}
			if a.json() {
				err = a.printJSON(plan)
			} else {
				a.planPrinter().plan(plan)
			}
			if err == nil && exitChanges && len(plan.Changes) > 0 {
				return exitCode(exitUsage)
			}
			return err
		},
	}
	fileFlag(cmd, &file)
	cmd.Flags().BoolVar(&exitChanges, "exit-code", false, "exit with 2 when there are changes")
	return cmd
}

// withoutDaemon tells whether err says that no daemon is running, where none was
// named that should.
func (a *app) withoutDaemon(err error) bool {
	absent, is := errors.AsType[*ipc.NotRunningError](err)
	return is && absent.Absent() && a.socket == ""
}

// planOffline has lshd make the plan of a file, or of its draft, from what the
// last daemon has left.
func planOffline(ctx context.Context, p ipc.PlanParams) (ipc.Plan, error) {
	args := []string{"plan"}
	for _, name := range []string{p.File, p.Draft, p.DraftOf} {
		if name != "" {
			args = append(args, name)
		}
	}
	answer, err := askLshd[struct {
		Plan  *ipc.Plan  `json:"plan"`
		Error *ipc.Error `json:"error"`
	}](ctx, args, nil)
	switch {
	case err != nil:
		return ipc.Plan{}, err
	case answer.Error != nil:
		return ipc.Plan{}, answer.Error
	case answer.Plan == nil:
		return ipc.Plan{}, errors.New("read answer of lshd plan: it holds no plan")
	}
	return *answer.Plan, nil
}

// fileFlag is -f of plan, diff and apply.
func fileFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "file", "f", "", "read `FILE` in place of the daemon's jobs file")
}

// namedFile is the path that the daemon understands of a file that -f names;
// "" stays. One that is not there is a slip of the fingers, and not the jobs
// file that is yet to be written.
func (a *app) namedFile(path string) (string, error) {
	path, err := a.absolute(path)
	if err != nil || path == "" {
		return path, err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", fail("no_file", a.short(path)+": there is no such file", "leave -f out for the daemon's jobs file")
	}
	return path, nil
}

// absolute is the path that the daemon understands, for one as it was typed; "" stays.
func (a *app) absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	abs, err := filepath.Abs(a.fromHome(path))
	if err != nil {
		return "", fmt.Errorf("resolve %s: %w", path, err)
	}
	return abs, nil
}
