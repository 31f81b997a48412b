package reconciler

import (
	"fmt"
	"strings"

	"github.com/lsh-project/lsh/config"
)

// changedJob compares a job with its former self. No difference but in
// where it stands in the file is no change.
func changedJob(before, after *config.Job, v View) (Change, bool) {
	fields := config.Changed(before, after)
	process := v.Applied(before.Name) != v.Proposed(after.Name)
	moved := v.ZoneMoved && after.Timezone == "" && before.Timezone == "" && Scheduled(after)
	if len(fields) == 0 && !process && !moved {
		return Change{}, false
	}
	c := Change{
		Job: after.Name, Action: ActionChange, Class: config.ClassHot, Fields: fields,
		Before: before, After: after,
		Reschedules: moved || Rescheduled(before, after),
	}
	if moved {
		c.Fields = append(c.Fields, config.FieldChange{Key: "timezone", Before: "the system's", After: "the system's, changed"})
	}
	if process && len(fields) == 0 {
		c.Fields = append(c.Fields, config.FieldChange{Key: "env_file", Before: "its content", After: "its content, changed"})
	}
	c.Runs = v.Runs(after.Name)
	reasons := []string{keys(c.Fields) + " changed"}
	if process {
		c.Class = config.ClassNextRun
		if reason := processChange(&c, v); reason != "" {
			reasons = append(reasons, reason)
		}
	}
	if reason := admission(&c, v); reason != "" {
		reasons = append(reasons, reason)
	}
	if c.Class == config.ClassHot && c.Reschedules {
		reasons = append(reasons, "slots count from now")
	}
	if why := v.Paused(after.Name); why != "" {
		c.Warnings = append(c.Warnings, why+": it takes effect then")
	}
	c.Reason = strings.Join(reasons, "; ")
	return c, true
}

// processChange says what becomes of runs in progress whose process spec
// differs now, by on_change of the new side.
func processChange(c *Change, v View) string {
	in := inProgress(c.Runs, v.Now)
	if in == "" {
		return ""
	}
	switch c.After.OnChange.Action {
	case config.ChangeRestart:
		c.Class = config.ClassRestart
		stop := c.Before.Stop
		return fmt.Sprintf("%s: %s, at most %s, then it begins again", in, stop.Signal, config.FormatDuration(stop.Grace))
	case config.ChangeSignal:
		return fmt.Sprintf("%s is told by %s and goes on", in, c.After.OnChange.Signal)
	case config.ChangeFinish:
	}
	return in + " finishes under the old one"
}

// admission says whether the job begins or ceases to come due here.
func admission(c *Change, v View) string {
	was, is := c.Before.Enabled && c.Before.Here, c.After.Enabled && c.After.Here
	switch {
	case is && !was:
		c.Class = config.ClassStart
		if len(c.After.Slots) == 0 {
			return "it may be run by hand"
		}
		return "it comes due from now on"
	case was && !is:
		c.Class = config.ClassStop
		reason := "it runs no more"
		if !c.After.Here {
			reason += " on this host: " + c.After.NotHere
		}
		if in := inProgress(c.Runs, v.Now); in != "" {
			reason += "; " + in + " finishes"
		}
		if waiting(c.Runs) {
			reason += "; the run that waits is dropped"
		}
		return reason
	}
	return ""
}

// Rescheduled tells whether a change of a job makes its coming slots others,
// so that they count from now and nothing is made up.
func Rescheduled(before, after *config.Job) bool {
	if Scheduled(before) != Scheduled(after) {
		return true
	}
	if before.Delay != after.Delay || before.DST != after.DST || len(before.Slots) != len(after.Slots) {
		return true
	}
	if before.Timezone != after.Timezone {
		return true
	}
	for i, s := range before.Slots {
		if s.Text() != after.Slots[i].Text() || !s.Same(after.Slots[i]) {
			return true
		}
	}
	return false
}

// keys names what changed, shortly.
func keys(fields []config.FieldChange) string {
	const most = 3
	var names []string
	for _, f := range fields {
		if len(names) == most {
			names = append(names, fmt.Sprintf("%d more", len(fields)-most))
			break
		}
		names = append(names, f.Key)
	}
	return strings.Join(names, ", ")
}
