package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// whyAtMost is how many entries the daemon tells at once.
const whyAtMost = 10_000

func whyCommand(a *app) *cobra.Command {
	n := 20
	cmd := &cobra.Command{
		Use:   "why JOB [TIME]",
		Short: "Say what became of a job's slots",
		Long: `Says what became of a slot: it ran, was skipped or missed, was caught up later,
collapsed into another, or is yet to come; and why. Of a slot that was tried
again, the last attempt is told. TIME is in the job's time zone: 02:30 (the
last one before now), "2026-03-08 02:30", 2026-03-08 or yesterday for a whole
day, or RFC 3339. Without it, the last slots are told.
Many slots alike are one entry.`,
		Example: `  lsh why backup 02:30
  lsh why backup yesterday
  lsh why backup 2026-03-08 02:30
  lsh why backup 2026-03-08 -o json`,
		ValidArgsFunction: completeJob(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			const most = 3 // a date and a time may be two
			if len(args) == 0 {
				return oneJob(cmd, args)
			}
			if len(args) > most {
				return usage("lsh why takes a job and a time; got "+strings.Join(args, " "), `lsh why JOB "2026-03-08 02:30"`)
			}
			if n < 1 {
				return usage("-n must be at least 1", "lsh why JOB -n 20")
			}
			p := ipc.WhyParams{Job: args[0], Time: strings.Join(args[1:], " "), Limit: n}
			if p.Time != "" && !cmd.Flags().Changed("number") {
				p.Limit = whyAtMost // all of what was asked for
			}
			result, err := ask(cmd.Context(), a, ipc.JobsWhy, p)
			if err != nil {
				return err
			}
			return a.printWhy(result, p)
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", n, "at most `N` entries, the newest (all with a TIME)")
	return cmd
}

func (a *app) printWhy(result ipc.WhyResult, p ipc.WhyParams) error {
	switch {
	case a.json():
		return a.printJSON(result)
	case len(result.Slots) == 0:
		a.printf("%s\n", noSlot(p, result.Note))
		return nil
	}
	s, now := a.style(), a.now()
	t := newTable(column{"SLOT", 20}, column{"OUTCOME", 10}, column{"RUN", shortID}, column{"RESULT", 12}, column{"WHY", 20})
	t.notes = true
	for _, l := range result.Slots {
		run, ended := "", ""
		var paint func(string) string
		if l.RunID != "" {
			run = shortRun(l.RunID)
		}
		if l.Run != nil {
			run, ended, paint = shortRun(l.Run.ID), runResult(*l.Run), s.runState(l.Run.State)
		}
		if l.Attempts > 1 {
			ended = inBrackets(ended, fmt.Sprintf("attempt %d", l.Attempts))
		}
		t.add(plain(ledgerSlot(l, now)), plain(strings.ReplaceAll(l.Outcome, "_", " ")), plain(run), painted(ended, paint), plain(ledgerWhy(l)))
	}
	if err := t.write(a.out, a.width(), s); err != nil {
		return err
	}
	if result.Older && p.Time != "" {
		a.note(fmt.Sprintf("older entries are left out; -n says how many are shown, at most %d", whyAtMost))
	}
	if result.Later {
		a.note(fmt.Sprintf("slots that come later are left out; -n says how many are shown, at most %d", whyAtMost))
	}
	return nil
}

// inBrackets adds more to a text that may end in a bracket already.
func inBrackets(text, more string) string {
	if before, has := strings.CutSuffix(text, ")"); has {
		return before + ", " + more + ")"
	}
	return text + " (" + more + ")"
}

// noSlot says that there is none at the time that was asked about.
func noSlot(p ipc.WhyParams, note string) string {
	text := p.Job + " has had no slot yet"
	if p.Time != "" {
		text = p.Job + ": no slot " + slotTime(p.Time)
	}
	if note != "" {
		text += ": " + note
	}
	return text
}

// slotTime is a time as it was asked about, in a sentence.
func slotTime(text string) string {
	day, clock, _ := strings.Cut(text, " ")
	named := slices.Contains([]string{"yesterday", "today", "tomorrow"}, strings.ToLower(day))
	_, err := time.Parse(time.DateOnly, text)
	switch {
	case named && clock == "":
		return text
	case named:
		return day + " at " + clock
	case err == nil:
		return "on " + text
	}
	return "at " + text
}

// ledgerSlot is the slot as the job's own clock shows it, or the stretch.
func ledgerSlot(l ipc.Ledger, now time.Time) string {
	at := l.At
	if l.Count > 1 {
		return fmt.Sprintf("%s – %s (%d)", clock(at, now), clock(l.Last, now), l.Count)
	}
	return clock(at, now)
}

// ledgerWhy is the reason, and what the clock did.
func ledgerWhy(l ipc.Ledger) string {
	if l.Note == "" || strings.Contains(l.Reason, l.Note) {
		return l.Reason
	}
	return cmp.Or(l.Reason, "–") + " (" + l.Note + ")"
}
