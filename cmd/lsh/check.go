package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/spf13/cobra"
)

func checkCommand(a *app) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check the jobs file, without the daemon",
		Long: `Checks the jobs file and its includes, and shows everything that is wrong: where
it is, and what to write instead. The daemon is not needed.

Without FILE it checks the file that the daemon would read.`,
		Example: `  lsh check
  lsh check ~/dotfiles/jobs.yaml
  lsh check -o json | jq '.problems[].message'`,
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			path := first(args)
			if path != "" && file != "" {
				return usage("FILE and --file say the same thing: use one", "lsh check --help")
			}
			if path == "" {
				path = file
			}
			return a.check(cmd, path)
		},
	}
	fileFlag(cmd, &file)
	cmd.Flags().Lookup("file").Usage = "check `FILE` in place of the daemon's jobs file"
	return cmd
}

// checkJSON is the answer for programs.
type checkJSON struct {
	File      string           `json:"file"`
	Jobs      int              `json:"jobs"`
	Scheduled int              `json:"scheduled"`
	Problems  []config.Problem `json:"problems"`
}

func (a *app) check(cmd *cobra.Command, path string) error {
	path, err := a.absolute(path)
	if err != nil {
		return err
	}
	named := path != ""
	if !named {
		if path, err = a.jobsFile(cmd.Context()); err != nil {
			return err
		}
	}
	c, err := config.Load(path, config.LocalHost())
	problems, wrong := errors.AsType[config.Problems](err)
	if err != nil && !wrong {
		return a.unreadable(path, err, named)
	}
	report := checkJSON{File: path, Problems: problems}
	if wrong {
		return a.printProblems(report)
	}
	report.Problems = []config.Problem{}
	report.Jobs = len(c.Jobs)
	next, name := soonest(c, a.now(), &report.Scheduled)
	if a.json() {
		return a.printJSON(report)
	}
	text := fmt.Sprintf("%s: %s, %d scheduled", a.short(path), countOf(report.Jobs, "job"), report.Scheduled)
	if name != "" {
		text += fmt.Sprintf("; next: %s %s (%s)", name, clock(next.In(a.now().Location()), a.now()), ago(next, a.now()))
	}
	a.printf("%s\n", oneLine(text))
	return nil
}

// unreadable is a jobs file that could not be read at all.
func (a *app) unreadable(path string, err error, named bool) error {
	if errors.Is(err, os.ErrNotExist) && named {
		return fail("missing", fmt.Sprintf("%s: there is no such file", a.short(path)), "leave FILE out for the daemon's jobs file")
	}
	if errors.Is(err, os.ErrNotExist) {
		return fail("missing", fmt.Sprintf("%s: there is no such file", a.short(path)), "lsh init writes a starter jobs file")
	}
	if errors.Is(err, config.ErrEmpty) {
		return fail("empty", a.short(path)+": the file is empty", "write at least `version: 1`; lsh schema shows every key")
	}
	return err
}

// printProblems prints all that is wrong. They are what check is for, so they
// go to stdout.
func (a *app) printProblems(report checkJSON) error {
	if a.json() {
		if err := a.printJSON(report); err != nil {
			return err
		}
		return exitCode(exitFailed)
	}
	for _, p := range report.Problems {
		a.printf("%s\n\n", strings.TrimRight(config.RenderWithin(p, a.style().on, a.width()), "\n"))
	}
	a.printf("%s: %s\n", a.short(report.File), countOf(len(report.Problems), "problem"))
	return exitCode(exitFailed)
}

// soonest is the first coming slot of all jobs, and whose it is; it counts
// the jobs that have slots.
func soonest(c *config.Config, now time.Time, scheduled *int) (time.Time, string) {
	var first time.Time
	var name string
	for _, j := range c.Jobs {
		if !j.Enabled || !j.Here || len(j.Slots) == 0 {
			continue
		}
		*scheduled++
		for slot := range j.Slots.Slots(now.Add(-j.Delay)) {
			if at := slot.At.Add(j.Delay); first.IsZero() || at.Before(first) {
				first, name = at, j.Name
			}
			break
		}
	}
	return first, name
}
