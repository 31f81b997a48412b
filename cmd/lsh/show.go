package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func showCommand(a *app) *cobra.Command {
	var p ipc.JobGetParams
	cmd := &cobra.Command{
		Use:   "show JOB",
		Short: "Show everything about one job",
		Long: `Shows everything about one job: where it is declared, exactly what is started,
the names in its environment, pauses, and its last runs. Values of the
environment may be secret and are shown only when asked for.`,
		Example: `  lsh show backup
  lsh show backup --show-values`,
		Args:              oneJob,
		ValidArgsFunction: completeJob(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.Job = args[0]
			j, err := ask(cmd.Context(), a, ipc.JobsGet, p)
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(j)
			}
			return a.printJob(j)
		},
	}
	cmd.Flags().BoolVar(&p.ShowValues, "show-values", false, "show the values of the environment")
	return cmd
}

func (a *app) printJob(j ipc.JobDetail) error {
	s, now := a.style(), a.now()
	line := func(label, text string) { labels{a, 13, 20, "  "}.line(label, text, nil) }
	head := s.bold(j.Name)
	if j.Description != "" {
		head += "  " + oneLine(j.Description)
	}
	a.printf("%s\n", head)
	state := jobState(j.Job)
	if paint := s.state(j.State); paint != nil {
		state = paint(state)
	}
	a.printf("%s  %s\n", s.dim(fmt.Sprintf("%-11s", "state")), state)
	line("next", nextSlot(j.Job, now))
	line("last", lastResult(j.Job, now))
	if j.LastRun != nil && len(j.LastRun.Survivors) > 0 {
		line("left", leftText(j.LastRun.Survivors)+"; lsh stop "+j.Name+" ends them")
	}
	for _, r := range j.Queued {
		line("waiting", "run "+shortRun(r.ID)+" "+cmp.Or(r.Reason, "waits for its turn"))
	}
	if j.Failures > 0 {
		line("failures", fmt.Sprintf("%d in a row", j.Failures))
	}
	for _, o := range j.Overrides {
		line("override", overrideText(o, now))
	}
	for _, w := range j.Warnings {
		line("warning", w)
	}
	line("declared", a.short(j.Source))
	line("owner", addedBy(j.AddedBy))
	line("generation", fmt.Sprint(j.Generation))
	line("spec", j.SpecHash)
	line("argv", quoteArgv(j.Argv))
	line("dir", a.short(j.Dir))
	a.printEnv(j, line)
	if len(j.Settings) > 0 {
		a.printf("\n")
		t := newTable(column{"KEY", 16}, column{"VALUE", leastColumn})
		for _, setting := range j.Settings {
			t.add(plain(setting.Key), plain(setting.Value))
		}
		if err := t.write(a.out, a.width(), s); err != nil {
			return err
		}
	}
	if len(j.LastRuns) == 0 {
		return nil
	}
	a.printf("\n")
	return a.printLastRuns(j)
}

// printLastRuns is a table of runs with what each was started from.
func (a *app) printLastRuns(j ipc.JobDetail) error {
	s, now := a.style(), a.now()
	t := newTable(column{"RUN", shortID}, column{"STATE", 16}, column{"STARTED", 10}, column{"TOOK", 11},
		column{"GENERATION", 4}, column{"SPEC", shortID}, column{"REASON", 22})
	for _, r := range j.LastRuns {
		generation, spec := "–", "–"
		if r.Generation > 0 {
			generation = fmt.Sprint(r.Generation)
		}
		if len(r.SpecHash) >= shortID {
			spec = r.SpecHash[:shortID]
		}
		t.add(plain(shortRun(r.ID)), painted(runResult(r), s.runState(r.State)).or(stateText(r)), plain(runStart(r, now)), plain(runSpan(r, now)),
			plain(generation), plain(spec), plain(runReason(r)))
	}
	return t.write(a.out, a.width(), s)
}

func (a *app) printEnv(j ipc.JobDetail, line func(label, text string)) {
	if j.Env == nil {
		line("env", strings.Join(j.EnvNames, " "))
		return
	}
	label := "env"
	for _, name := range slices.Sorted(maps.Keys(j.Env)) {
		line(label, name+"="+j.Env[name])
		label = ""
	}
}

// quoteArgv is argv as a shell would take it.
func quoteArgv(argv []string) string {
	quoted := make([]string, len(argv))
	for i, arg := range argv {
		quoted[i] = quoteArg(arg)
	}
	return strings.Join(quoted, " ")
}

func quoteArg(arg string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r)
	}
	if arg != "" && !strings.ContainsFunc(arg, func(r rune) bool { return !safe(r) }) {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
