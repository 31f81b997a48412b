package main

import (
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func pauseCommand(a *app) *cobra.Command {
	var sel selection
	var length duration
	var until string
	cmd := &cobra.Command{
		Use:   "pause JOB…",
		Short: "Hold jobs until they are resumed or the pause ends",
		Long: `Holds jobs: their slots pass without a run, and are not made up afterwards. A
run in progress goes on. The pause ends with lsh resume, or by itself.`,
		Example: `  lsh pause backup --for 2h --reason migration
  lsh pause --tag heavy --until 14:00
  lsh pause --all --until "tomorrow 8:00"`,
		ValidArgsFunction: completeJobs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := sel.choose(cmd, args); err != nil {
				return err
			}
			if err := sel.end(cmd, length, until, a.now()); err != nil {
				return err
			}
			return sel.act(cmd.Context(), a, ipc.JobsPause, func(j ipc.Job) string { return pauseText(j, a.now()) })
		},
	}
	sel.flags(cmd)
	sel.reasonFlag(cmd, "status and log")
	cmd.Flags().Var(&length, "for", "end the pause after this long")
	cmd.Flags().StringVar(&until, "until", "", `end the pause at `+"`TIME`"+`, such as 14:00 or "tomorrow 8:00"`)
	return cmd
}

// end is when the pause is over by itself.
func (sel *selection) end(cmd *cobra.Command, length duration, until string, now time.Time) error {
	if cmd.Flags().Changed("for") && until != "" {
		return usage("--for and --until say the same thing: use one", "lsh pause --help")
	}
	if cmd.Flags().Changed("for") {
		if length == 0 {
			return usage("a pause of no length is none", "lsh pause JOB --for 2h")
		}
		sel.params.For = ipc.InSeconds(time.Duration(length))
		return nil
	}
	if until == "" {
		return nil
	}
	end, err := parseWhen(until, now, ahead)
	if err != nil {
		return err
	}
	if !end.After(now) {
		return usage("the pause would end in the past, "+ago(end, now), whenHint)
	}
	sel.params.Until = end
	return nil
}

func pauseText(j ipc.Job, now time.Time) string {
	for _, o := range j.Overrides {
		if o.Kind != ipc.OverridePause {
			continue
		}
		if o.Until.IsZero() {
			return "paused until lsh resume " + j.Name
		}
		return "paused until " + clock(o.Until.In(now.Location()), now) + " (" + ago(o.Until, now) + ")"
	}
	return jobState(j)
}
