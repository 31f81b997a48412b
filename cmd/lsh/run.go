package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func runCommand(a *app) *cobra.Command {
	var p ipc.RunParams
	var wait bool
	cmd := &cobra.Command{
		Use:   "run JOB",
		Short: "Run a job now",
		Long: `Runs a job now, beside its schedule. The job's overlap policy and its group hold
here too, so that the run may have to wait, or be refused.

With --wait the output is shown as it comes, and lsh exits with the job's own
code: 1 when the job calls its code 0 a failure, or could not start, and 128 +
the number of the signal that ended it. Ctrl-C then leaves the run alone.`,
		Example: `  lsh run backup
  lsh run backup --wait --reason "before the update"`,
		Args:              oneJob,
		ValidArgsFunction: completeJob(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.Job = args[0]
			if wait {
				return a.runAndWait(a.interruptible(cmd.Context()), p)
			}
			result, err := ask(cmd.Context(), a, ipc.JobsRun, p)
			if err != nil {
				return err
			}
			return a.printStarted(result)
		},
	}
	cmd.Flags().BoolVar(&wait, "wait", false, "show the output, and exit with the job's code")
	cmd.Flags().StringVar(&p.Reason, "reason", "", "say why: a `TEXT` for history and log")
	return cmd
}

// printStarted says what became of a request to run. A run that has failed
// without a process is an error: nothing was started.
func (a *app) printStarted(result ipc.RunResult) error {
	r := result.Run
	failed := r.State == ipc.RunFailed && !hadProcess(r)
	switch {
	case a.json():
		if err := a.printJSON(result); err != nil {
			return err
		}
		if failed {
			return exitCode(exitFailed)
		}
	case failed:
		return fail("not_started", endedText(r), notStartedHint(r))
	default:
		a.printf("%s\n", oneLine(startedText(r)))
	}
	return nil
}

// notStartedHint is where to look when a run could not start. One that was ended
// while it waited may have lost its job.
func notStartedHint(r ipc.Run) string {
	if r.State == ipc.RunStopped {
		return "lsh history " + r.Job + "; lsh list shows the jobs that there are"
	}
	return "lsh show " + r.Job + " shows what is started, and where"
}

// startedText says what became of a request to run.
func startedText(r ipc.Run) string {
	switch r.State {
	case ipc.RunQueued:
		return fmt.Sprintf("%s %s: run %s", r.Job, cmp.Or(r.Reason, "waits for its turn"), shortRun(r.ID))
	case ipc.RunRunning:
		return fmt.Sprintf("%s started: run %s, pid %d", r.Job, shortRun(r.ID), r.Pid)
	}
	return fmt.Sprintf("%s: run %s %s", r.Job, shortRun(r.ID), runResult(r))
}

// runAndWait runs the job and stays with it to its end.
func (a *app) runAndWait(ctx context.Context, p ipc.RunParams) error {
	result, err := ask(ctx, a, ipc.JobsRun, p)
	if err != nil {
		return err
	}
	if result.Run.State == ipc.RunQueued {
		a.note(startedText(result.Run))
	}
	run, err := a.stayWith(ctx, result.Run)
	if code, ok := interruptedBy(ctx); ok {
		a.pastInterrupt()
		a.note(fmt.Sprintf("run %s goes on; lsh logs -f %s shows it, lsh stop %s stops it", shortRun(result.Run.ID), p.Job, p.Job))
		return code
	}
	if err != nil {
		return err
	}
	if a.json() {
		result.Run = run
		if err := a.printJSON(result); err != nil {
			return err
		}
	}
	code := runExit(run)
	if run.State != ipc.RunSucceeded {
		a.note("lsh: " + endedText(run))
		if !hadProcess(run) {
			a.note("hint: " + notStartedHint(run))
		}
	}
	if code != exitFine {
		return exitCode(code)
	}
	return nil
}

// endedText says how a run ended that did not succeed, and why where no
// process can tell.
func endedText(r ipc.Run) string {
	text := fmt.Sprintf("%s %s: run %s", r.Job, runResult(r), shortRun(r.ID))
	if !hadProcess(r) && r.Reason != "" {
		text += ": " + r.Reason
	}
	return text
}

// hadProcess says whether the end of a run is that of its process.
func hadProcess(r ipc.Run) bool { return r.ExitCode != nil || r.Signal != "" }

// stayWith shows the output of r until it has ended, over a restart of the
// daemon too. Programs get the run alone: its output is what lsh logs is for.
func (a *app) stayWith(ctx context.Context, r ipc.Run) (ipc.Run, error) {
	reader := outputReader{write: func(_ int64, data []byte) error { return a.writeNow(data) }}
	err := a.persist(ctx, func(f *feed) (err error) {
		if !a.json() {
			reader.feed = f
			if r, err = reader.read(ctx, ipc.OutputParams{Run: r.ID, Follow: true}); err != nil {
				r.ID = cmp.Or(r.ID, reader.run)
				return err
			}
		}
		if a.json() || r.State == ipc.RunRunning || r.State == ipc.RunQueued || r.State == "" {
			id := cmp.Or(r.ID, reader.run)
			if r, err = ipc.RunsWait.Call(ctx, f.client, ipc.RunGetParams{Run: id}); err != nil {
				r.ID = id
			}
		}
		return err
	})
	return r, err
}

// note says something beside the output, to people only.
func (a *app) note(text string) {
	if a.json() {
		return
	}
	// The job's output comes first.
	if err := a.out.Flush(); err == nil {
		fmt.Fprintln(a.stderr, oneLine(text))
	}
}

// aside is a note that is less than what the output tells.
func (a *app) aside(text string) {
	if !a.json() && a.out.Flush() == nil {
		fmt.Fprintln(a.stderr, a.errStyle().dim(oneLine(text)))
	}
}

// pastInterrupt goes to a new line: the terminal has shown ^C on this one.
func (a *app) pastInterrupt() {
	if terminalWidth(a.stderr) > 0 {
		fmt.Fprintln(a.stderr)
	}
}

// runExit is the exit code of lsh for a run that has ended: the job's own, as
// a shell would give it. Code 0 is for runs that succeeded alone: a script
// that goes on after it must be right to.
func runExit(r ipc.Run) int {
	switch {
	case r.ExitCode != nil && (*r.ExitCode != 0 || r.State == ipc.RunSucceeded):
		return *r.ExitCode
	case r.Signal != "":
		return 128 + signalNumber(r.Signal)
	case r.State == ipc.RunSucceeded:
		return exitFine
	}
	return exitFailed
}
