package main

import (
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// diff(1) has its own exit codes.
const (
	diffDiffers = 1
	diffTrouble = 2
)

func diffCommand(a *app) *cobra.Command {
	var file string
	var drift, running bool
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "Show what differs: file, accepted jobs, running processes",
		Long: `Shows what differs between the jobs file and what the daemon has accepted from
it. With --drift, between what is accepted and what is in effect, which differs
by pauses and skips; with --running, between what is in effect and what the
live processes were started from.

Exits as diff(1) does: 0 nothing differs, 1 something does, 2 trouble.`,
		Example: `  lsh diff
  lsh diff -f ~/dotfiles/jobs.yaml
  lsh diff --drift`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p := ipc.DiffParams{Kind: ipc.DiffFile}
			switch {
			case drift && running:
				return usage("--drift and --running are two questions", "lsh diff --help")
			case drift:
				p.Kind = ipc.DiffDrift
			case running:
				p.Kind = ipc.DiffRunning
			}
			if file != "" && p.Kind != ipc.DiffFile {
				return usage("--file goes with neither --drift nor --running", "lsh diff --help")
			}
			var err error
			if p.File, err = a.namedFile(file); err != nil {
				return trouble(err)
			}
			d, err := ask(cmd.Context(), a, ipc.ConfigDiff, p)
			if err != nil {
				return trouble(err)
			}
			return a.printDiff(d)
		},
	}
	fileFlag(cmd, &file)
	cmd.Flags().BoolVar(&drift, "drift", false, "accepted jobs against what is in effect")
	cmd.Flags().BoolVar(&running, "running", false, "what is in effect against live processes")
	return cmd
}

// trouble is err with diff's exit code, unless the daemon is not running.
func trouble(err error) error {
	f := explain(err)
	if f.exit != exitNotRunning {
		f.exit = diffTrouble
	}
	return f
}

func (a *app) printDiff(d ipc.DiffResult) error {
	if a.json() {
		if err := a.printJSON(d); err != nil {
			return err
		}
	} else if len(d.Changes) > 0 {
		a.printDiffText(d)
	}
	if len(d.Changes) > 0 {
		return exitCode(diffDiffers)
	}
	return nil
}

func (a *app) printDiffText(d ipc.DiffResult) {
	s, pp := a.style(), a.planPrinter()
	pp.text("--- "+d.Before, s.red)
	pp.text("+++ "+d.After, s.green)
	a.printf("\n")
	var names []string
	for _, c := range d.Changes {
		names = append(names, c.Job)
	}
	m := pp.margin(names, nil)
	for _, c := range d.Changes {
		sign, paint := pp.sign(ipc.Change{Action: c.Action})
		var details []string
		for _, f := range c.Fields {
			details = append(details, fieldText(f))
		}
		if c.Reason != "" {
			details = append(details, strings.TrimSpace(c.Reason))
		}
		pp.entry(sign, paint, c.Job, "", m, details)
	}
}
