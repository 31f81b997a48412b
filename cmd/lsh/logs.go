package main

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func logsCommand(a *app) *cobra.Command {
	var run string
	var follow bool
	var tail int
	cmd := &cobra.Command{
		Use:   "logs JOB",
		Short: "Show the output of a job's last run",
		Long: `Shows what the last run of a job has printed, the one in progress if there is
one, or another run that --run names: by its id, or the end of it that lsh
history shows. With -f it goes on until that run has ended; a daemon that is
restarted, or stopped and started again, is waited for, and nothing is left out
or told twice. Of an output longer than the job's output.max_size the middle is
dropped, and a line says how much.

With -o json the output is text in "output". Where it is not UTF-8 that loses
bytes, and "data_base64" has them all.`,
		Example: `  lsh logs backup
  lsh logs backup -f --tail 20
  lsh logs --run 5e01a9c4`,
		Args:              atMostOne,
		ValidArgsFunction: completeJob(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := ipc.OutputParams{Job: first(args), Run: run, Follow: follow}
			if p.Job == "" && p.Run == "" {
				return oneJob(cmd, args)
			}
			if cmd.Flags().Changed("tail") {
				if tail < 0 {
					return usage("--tail must not be negative", "lsh logs JOB --tail 20")
				}
				p.Tail = &tail
			}
			return a.logs(cmd, p)
		},
	}
	flags := cmd.Flags()
	flags.BoolVarP(&follow, "follow", "f", false, "go on until the run has ended")
	flags.StringVar(&run, "run", "", "the run with this `ID`, or whose id ends in it")
	flags.IntVar(&tail, "tail", 0, "only the last `N` lines")
	return cmd
}

// logsJSON is the answer for programs. With --follow each line is one of it,
// and the last has the run.
type logsJSON struct {
	Offset *int64   `json:"offset,omitempty"`
	Output *string  `json:"output,omitempty"`
	Data   []byte   `json:"data_base64,omitempty"` // of an output that is not UTF-8
	Run    *ipc.Run `json:"run,omitempty"`
}

// withOutput is l with an output.
func (l logsJSON) withOutput(data []byte) logsJSON {
	text := string(data)
	l.Output = &text
	if !utf8.Valid(data) {
		l.Data = data
	}
	return l
}

func (a *app) logs(cmd *cobra.Command, p ipc.OutputParams) error {
	ctx := cmd.Context()
	if p.Follow {
		ctx = a.following(ctx)
	}
	var whole bytes.Buffer
	reader := outputReader{}
	reader.write = func(offset int64, data []byte) error {
		switch {
		case !a.json():
			return a.writeNow(data)
		case p.Follow:
			return a.printJSONLine(logsJSON{Offset: &offset}.withOutput(data))
		}
		whole.Write(data)
		return nil
	}
	var result ipc.Run
	attend := a.persist
	if p.Follow {
		attend = a.follow
	}
	err := attend(ctx, func(f *feed) (err error) {
		reader.feed = f
		result, err = reader.read(ctx, p)
		return err
	})
	if err != nil {
		return err
	}
	if a.json() {
		answer := logsJSON{Run: &result}
		if !p.Follow {
			answer = answer.withOutput(whole.Bytes())
		}
		return a.printJSON(answer)
	}
	if result.OutputLost != "" {
		a.note(fmt.Sprintf("run %s: output is missing: %s", shortRun(result.ID), result.OutputLost))
	}
	if reader.offset == 0 && a.width() > 0 {
		fmt.Fprintf(a.stderr, "run %s has printed nothing\n", shortRun(result.ID))
	}
	return nil
}

// writeNow writes output as it is, and at once.
func (a *app) writeNow(data []byte) error {
	if _, err := a.out.Write(data); err != nil {
		return err
	}
	return a.out.Flush()
}
