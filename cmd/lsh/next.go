package main

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

// nextFlags are what lsh next is asked.
type nextFlags struct {
	n        int
	from     string
	texts    []string // --schedule
	timezone string
	gap      string
	overlap  string
}

func nextCommand(a *app) *cobra.Command {
	var f nextFlags
	cmd := &cobra.Command{
		Use:   "next [JOB]",
		Short: "Show coming slots",
		Long: `Shows the coming slots of one job or of all, with a note where a change of the
clock moved one, or where a pause or a skip takes it out. The slots of one job
are told in its own time zone, those of all in yours.

With --schedule it answers for any schedule, and needs neither the daemon nor a
jobs file.`,
		Example: `  lsh next backup -n 5
  lsh next --schedule "30 2 * * *" --timezone Europe/Berlin --from 2026-03-28
  lsh next --schedule "@every 90m"`,
		Args:              atMostOne,
		ValidArgsFunction: completeJob(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.n < 1 || f.n > 10000 {
				return usage("-n must be from 1 to 10000", "lsh next -n 10")
			}
			slots, err := f.slots(cmd, a, first(args))
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(nextJSON{slots})
			}
			if first(args) == "" && len(f.texts) == 0 {
				toZone(slots, a.now().Location())
			}
			return a.printSlots(slots)
		},
	}
	flags := cmd.Flags()
	flags.IntVarP(&f.n, "number", "n", 10, "at most `N` slots")
	flags.StringVar(&f.from, "from", "", "slots from this `TIME` on, now when absent")
	flags.StringArrayVar(&f.texts, "schedule", nil, "slots of this `EXPRESSION`; may be given several times")
	flags.StringVar(&f.timezone, "timezone", "", "with --schedule: its `ZONE`, such as Europe/Berlin")
	flags.StringVar(&f.gap, "dst-gap", "run", "with --schedule: `WHAT` to do with slots that a change of the clock swallows: run or skip")
	flags.StringVar(&f.overlap, "dst-overlap", "first", "with --schedule: `WHICH` pass of a repeated hour counts: first or both")
	return cmd
}

// nextJSON is the answer for programs: job is absent for a bare schedule.
type nextJSON struct {
	Slots []slotJSON `json:"slots"`
}

type slotJSON struct {
	Job     string    `json:"job,omitempty"`
	At      time.Time `json:"at"`
	Nominal string    `json:"nominal"`
	Note    string    `json:"note,omitempty"`
}

func (f nextFlags) slots(cmd *cobra.Command, a *app, job string) ([]slotJSON, error) {
	if len(f.texts) > 0 {
		if job != "" {
			return nil, usage("a job and --schedule are two questions", "lsh next --help")
		}
		return f.computed(cmd, a.now())
	}
	for _, name := range []string{"timezone", "dst-gap", "dst-overlap"} {
		if cmd.Flags().Changed(name) {
			return nil, usage("--"+name+" goes with --schedule", "lsh next --help")
		}
	}
	return f.asked(cmd.Context(), a, job)
}

// asked are the slots that the daemon knows.
func (f nextFlags) asked(ctx context.Context, a *app, job string) ([]slotJSON, error) {
	p := ipc.NextParams{Job: job, Limit: f.n}
	var err error
	if f.from != "" {
		if p.From, err = parseWhen(f.from, a.now(), ahead); err != nil {
			return nil, err
		}
		// A slot at that very time is one from that time on.
		p.From = p.From.Add(-time.Nanosecond)
	}
	result, err := ask(ctx, a, ipc.JobsNext, p)
	if err != nil {
		return nil, err
	}
	slots := make([]slotJSON, len(result.Slots))
	for i, s := range result.Slots {
		slots[i] = slotJSON(s)
	}
	return slots, nil
}

// computed are the slots of --schedule.
func (f nextFlags) computed(cmd *cobra.Command, now time.Time) ([]slotJSON, error) {
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	from := now.In(o.Location)
	if f.from != "" {
		if from, err = parseWhen(f.from, from, ahead); err != nil {
			return nil, err
		}
		// A slot at that very time is one from that time on.
		from = from.Add(-time.Nanosecond)
	}
	var streams []iter.Seq[schedule.Slot]
	wallClock := false
	for _, text := range f.texts {
		s, err := schedule.Parse(text, o)
		if err != nil {
			return nil, scheduleFailure(text, err)
		}
		streams = append(streams, s.Slots(from))
		wallClock = wallClock || s.Kind() == schedule.KindCron && !s.Elapsed()
	}
	for _, name := range []string{"dst-gap", "dst-overlap"} {
		if cmd.Flags().Changed(name) && !wallClock { // as in a jobs file
			return nil, usage("--"+name+" means nothing to a schedule of elapsed time", "leave it out: the schedule runs by elapsed time, whatever the clock says")
		}
	}
	return merge(streams, f.n), nil
}

func (f nextFlags) options() (schedule.Options, error) {
	o := schedule.Options{Location: time.Local, Seed: config.LocalHost().ID + "/"}
	if f.timezone != "" {
		zone, err := schedule.LoadLocation(f.timezone)
		if err != nil {
			return o, scheduleFailure(f.timezone, err)
		}
		o.Location = zone
	}
	switch f.gap {
	case "run":
	case "skip":
		o.DST.Gap = schedule.GapSkip
	default:
		return o, usage("--dst-gap "+f.gap+" is unknown", "--dst-gap run or --dst-gap skip")
	}
	switch f.overlap {
	case "first":
	case "both":
		o.DST.Overlap = schedule.OverlapBoth
	default:
		return o, usage("--dst-overlap "+f.overlap+" is unknown", "--dst-overlap first or --dst-overlap both")
	}
	return o, nil
}

// merge is the first n slots of several schedules, an instant that two of
// them name once.
func merge(streams []iter.Seq[schedule.Slot], n int) []slotJSON {
	slots := []slotJSON{}
	for _, stream := range streams {
		count := 0
		for s := range stream {
			slots = append(slots, slotJSON{At: s.At, Nominal: s.Nominal.String(), Note: s.Note})
			if count++; count == n {
				break
			}
		}
	}
	slices.SortStableFunc(slots, func(x, y slotJSON) int { return x.At.Compare(y.At) })
	slots = slices.CompactFunc(slots, func(x, y slotJSON) bool { return x.At.Equal(y.At) })
	return slots[:min(n, len(slots))]
}

// toZone has the times of slots told in one zone.
func toZone(slots []slotJSON, zone *time.Location) {
	for i := range slots {
		slots[i].At = slots[i].At.In(zone)
	}
}

func (a *app) printSlots(slots []slotJSON) error {
	if len(slots) == 0 {
		a.printf("no coming slots\n")
		return nil
	}
	s, now := a.style(), a.now()
	t := newTable(column{"AT", 30}, column{"WHEN", 9}, column{"JOB", leastColumn}, column{"NOTE", 16})
	t.notes = true
	for _, slot := range slots {
		t.add(plain(slot.At.Format("Mon 2006-01-02 15:04:05 -07:00")).or(slot.At.Format(time.DateTime)), plain(ago(slot.At, now)),
			plain(slot.Job), painted(slot.Note, s.yellow))
	}
	return t.write(a.out, a.width(), s)
}

// scheduleFailure shows where a schedule or zone is wrong.
func scheduleFailure(text string, err error) error {
	f := &failure{exit: exitUsage, code: "invalid_schedule", message: err.Error()}
	if e, ok := errors.AsType[*schedule.Error](err); ok {
		f.message = quoteArg(text) + ": " + e.Message
		f.hint = e.Hint
	}
	return f
}
