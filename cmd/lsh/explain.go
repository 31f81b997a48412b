package main

import (
	"cmp"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func explainCommand(a *app) *cobra.Command {
	var p ipc.ExplainParams
	cmd := &cobra.Command{
		Use:   "explain JOB",
		Short: "Say exactly what a run of a job would be, and why",
		Long: `Says exactly what would be started if the job ran now, by the code that starts
runs: the arguments, the program that is found, the directory, and where each
variable of the environment comes from; then when it comes due, in words, and
what limits it, each with the line where that is written. Values of the
environment and the text of stdin may be secret and are shown only when asked
for.

Exits with 1 when something would keep the run from starting.`,
		Example: `  lsh explain backup
  lsh explain backup --show-values
  lsh explain backup -o json | jq '.env[] | select(.from == "env_file")'`,
		Args:              oneJob,
		ValidArgsFunction: completeJob(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.Job = args[0]
			x, err := ask(cmd.Context(), a, ipc.JobsExplain, p)
			if err != nil {
				return err
			}
			if a.json() {
				err = a.printJSON(x)
			} else {
				err = a.printExplanation(x)
			}
			if err == nil && len(x.Findings) > 0 {
				return exitCode(exitFailed)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&p.ShowValues, "show-values", false, "show the values of the environment, and the text of stdin")
	return cmd
}

// explainMargin is where the texts of an explanation begin.
const explainMargin = 11

func (a *app) printExplanation(x ipc.Explanation) error {
	s := a.style()
	head := s.bold(x.Name)
	if x.Description != "" {
		head += "  " + oneLine(x.Description)
	}
	a.printf("%s\n", head)
	a.labelled("declared", cmp.Or(a.short(x.Source), addedBy(x.AddedBy)))
	if state := x.State; state == ipc.JobDisabled || state == ipc.JobNotHere || state == ipc.JobPaused {
		a.labelled("state", jobState(x.Job)+": no slot of it runs")
	}
	if len(x.Argv) > 0 {
		a.printf("\n")
		a.labelled("argv", quoteArgv(x.Argv))
		a.labelled("program", programText(x))
	}
	dir := filepath.Dir(x.Source) // most of what is written is written beside it
	for _, k := range x.Keys {
		text := k.Words
		if k.Key == "dir" {
			text = a.short(text)
		}
		if at := a.writtenText(dir, k.Written, k.Default); at != "" {
			text += "   (" + at + ")"
		}
		a.labelled(k.Key, text)
		if k.Key == "stdin" && x.Stdin != nil {
			for line := range strings.Lines(*x.Stdin) {
				a.labelled("", "| "+strings.TrimRight(line, "\n"))
			}
		}
	}
	a.printSchedules(x)
	if len(x.Env) > 0 {
		a.printf("\n")
		if err := a.printVariables(x, dir); err != nil {
			return err
		}
	}
	if len(x.Findings) > 0 {
		a.printf("\n%s\n", s.red("A run would fail, as things are:"))
	}
	for _, f := range x.Findings {
		a.labelled("", f)
	}
	return nil
}

// labelled prints a text after its label, broken to fit the terminal.
func (a *app) labelled(label, text string) {
	labels{a, explainMargin, leastRoom, "  "}.line(label, text, nil)
}

// programText is the file that is executed, and with a shell the one that it
// will execute.
func programText(x ipc.Explanation) string {
	if x.Command != "" {
		return x.Program + ", which runs " + x.Command
	}
	return x.Program
}

// writtenText is where something is written, in the words of who declared the job.
func (a *app) writtenText(dir, written string, inDefaults bool) string {
	if written == "" {
		return ""
	}
	text := a.short(written)
	if filepath.Dir(written) == dir {
		text = filepath.Base(written)
	}
	if inDefaults {
		text = "defaults, " + text
	}
	return text
}

func (a *app) printSchedules(x ipc.Explanation) {
	a.printf("\n")
	if len(x.Schedule) == 0 && len(x.Argv) > 0 {
		a.labelled("schedule", "none: it runs by lsh run "+x.Name+" only")
	}
	now := a.now()
	for i, s := range x.Schedule {
		a.labelled("schedule", s.Text)
		a.labelled("", strings.TrimSuffix(s.Words+", "+s.Timezone, ", "))
		if !s.Next.IsZero() {
			a.labelled("", strings.TrimSuffix("next "+clock(s.Next, now)+" ("+ago(s.Next, now)+"): "+s.Note, ": "))
		}
		// What several have in common is said once.
		if i+1 == len(x.Schedule) || x.Schedule[i+1].Clock != s.Clock {
			a.labelled("", s.Clock)
		}
	}
}

func (a *app) printVariables(x ipc.Explanation, dir string) error {
	values := false
	for _, v := range x.Env {
		values = values || v.Value != nil
	}
	t := newTable(column{"VARIABLE", 16}, column{"FROM", 30}, column{"VALUE", leastColumn})
	for _, v := range x.Env {
		from := map[string]string{
			ipc.FromDaemon: "the daemon", ipc.FromInherit: "the daemon, by inherit_env", ipc.FromFile: "env_file",
			ipc.FromJob: "env", ipc.FromRun: "each run's own",
		}[v.From]
		if v.Default {
			from += " of the defaults"
		}
		if at := a.writtenText(dir, v.Written, false); at != "" {
			from += ", " + at
		}
		value := ""
		switch {
		case v.Value != nil:
			value = shownValue(*v.Value)
		case values:
			value = "–"
		}
		t.add(plain(v.Name), plain(from), plain(value))
	}
	return t.write(a.out, a.width(), a.style())
}

// shownValue is a value of which nothing is lost in a line.
func shownValue(value string) string {
	if value == "" || oneLine(value) != value {
		return strconv.Quote(value)
	}
	return value
}
