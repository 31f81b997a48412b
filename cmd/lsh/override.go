package main

import (
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func overrideCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "override",
		Short: "See and end what operators have laid over the file",
		Long: `Pauses (lsh pause) and skips (lsh skip) are overrides: they are laid over what
the file says, survive reloads and restarts, and end by themselves, by lsh
resume, or here.`,
		Example: `  lsh override list
  lsh override clear 5e01a9c4`,
		Args: noSuchCommand,
		RunE: showHelp,
	}
	cmd.AddCommand(overrideListCommand(a), overrideClearCommand(a))
	return cmd
}

func overrideListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:               "list [JOB]",
		Short:             "List the overrides in force",
		Long:              "Lists the overrides in force, of one job or of all: which, since when, until\nwhen, by whom and why.",
		Example:           "  lsh override list\n  lsh override list backup",
		Args:              atMostOne,
		ValidArgsFunction: completeJob(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			result, err := ask(cmd.Context(), a, ipc.OverridesList, ipc.OverridesParams{Job: first(args)})
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(result)
			}
			if len(result.Overrides) == 0 {
				a.printf("no override is in force\n")
				return nil
			}
			return a.printOverrides(result.Overrides)
		},
	}
}

func (a *app) printOverrides(overrides []ipc.Override) error {
	now := a.now()
	t := newTable(column{"ID", shortID}, column{"JOB", 16}, column{"SINCE", 10}, column{"OVERRIDE", 20})
	t.notes = true
	for _, o := range overrides {
		t.add(plain(shortRun(o.ID)), plain(o.Job), plain(moment(o.CreatedAt.In(now.Location()), now)), plain(overrideText(o, now)))
	}
	return t.write(a.out, a.width(), a.style())
}

func overrideClearCommand(a *app) *cobra.Command {
	var p ipc.OverridesClearParams
	cmd := &cobra.Command{
		Use:   "clear [ID…]",
		Short: "End overrides",
		Long: `Ends overrides: those with an id, all of a job, or all there are. Slots that
passed meanwhile are not made up.`,
		Example: `  lsh override clear 5e01a9c4
  lsh override clear --job backup
  lsh override clear --all`,
		ValidArgsFunction: completeOverride(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.IDs = args
			ways := 0
			for _, used := range []bool{len(p.IDs) > 0, len(p.Jobs) > 0, p.All} {
				if used {
					ways++
				}
			}
			if ways != 1 {
				return usage("lsh override clear needs to know which, in one way", "lsh override clear ID…, --job JOB or --all")
			}
			result, err := ask(cmd.Context(), a, ipc.OverridesClear, p)
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(result)
			}
			for _, o := range result.Overrides {
				a.printf("%s: ended: %s\n", o.Job, oneLine(overrideText(o, a.now())))
			}
			if len(result.Overrides) == 0 {
				a.printf("no override was in force\n")
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&p.Jobs, "job", nil, "all of this `JOB`; may be given several times")
	cmd.Flags().BoolVar(&p.All, "all", false, "all overrides of all jobs")
	return cmd
}
