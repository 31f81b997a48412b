package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// jobState is the state of a job in words, with how long it has been running.
func jobState(j ipc.Job) string {
	switch {
	case j.State == ipc.JobNotHere:
		return "not here"
	case len(j.Running) > 1:
		return fmt.Sprintf("%s ×%d", j.State, len(j.Running))
	}
	return j.State
}

// lastResult is how the last run went: "failed (exit 3) 2 h ago". While a run
// is in progress it is that one: "for 4 min (pid 991)".
func lastResult(j ipc.Job, now time.Time) string {
	if len(j.Running) > 0 {
		r := j.Running[0]
		return fmt.Sprintf("for %s (pid %d)", age(now.Sub(r.StartedAt)), r.Pid)
	}
	if j.LastRun == nil {
		return "–"
	}
	text := runResult(*j.LastRun)
	if !j.LastRun.EndedAt.IsZero() {
		text += " " + ago(j.LastRun.EndedAt, now)
	}
	return text
}

// lastCell is how the last run went, or how long that in progress has been.
func lastCell(j ipc.Job, now time.Time, s style) cell {
	c := painted(lastResult(j, now), s.result(j.LastRun))
	switch {
	case len(j.Running) > 0:
		return c.or("for " + age(now.Sub(j.Running[0].StartedAt)))
	case j.LastRun != nil:
		return c.or(runResult(*j.LastRun))
	}
	return c
}

// nextCell is when the job is due.
func nextCell(j ipc.Job, now time.Time) cell {
	return plain(nextSlot(j, now)).or(clock(j.Next.In(now.Location()), now))
}

// stateText is the state of a run in words.
func stateText(r ipc.Run) string { return strings.ReplaceAll(r.State, "_", " ") }

// runResult is the state of a run, and how its process ended where that says
// more.
func runResult(r ipc.Run) string {
	state := stateText(r)
	switch {
	case r.Signal != "":
		return fmt.Sprintf("%s (%s)", state, r.Signal)
	case r.ExitCode != nil && (*r.ExitCode != 0 || r.State != ipc.RunSucceeded):
		return fmt.Sprintf("%s (exit %d)", state, *r.ExitCode)
	}
	return state
}

// nextSlot is when the job is due, in the zone of who asks.
func nextSlot(j ipc.Job, now time.Time) string {
	if j.Next.IsZero() {
		return "–"
	}
	return clock(j.Next.In(now.Location()), now) + " (" + ago(j.Next, now) + ")"
}

// jobNote is what else one should know of a job: overrides, failures in a
// row, warnings, whose an ad-hoc job is.
func jobNote(j ipc.Job, now time.Time) string {
	var notes []string
	if j.Failures > 1 {
		notes = append(notes, fmt.Sprintf("%d failures in a row", j.Failures))
	}
	for _, o := range j.Overrides {
		notes = append(notes, overrideText(o, now))
	}
	for _, r := range j.Queued {
		why := cmp.Or(r.Reason, "waits for its turn")
		if j.State == ipc.JobWaiting {
			why = strings.TrimPrefix(why, "waits ") // the state says so
		}
		notes = append(notes, why)
	}
	if j.LastRun != nil && len(j.LastRun.Survivors) > 0 {
		notes = append(notes, leftText(j.LastRun.Survivors))
	}
	notes = append(notes, j.Warnings...)
	if j.AddedBy != nil {
		notes = append(notes, addedBy(j.AddedBy))
	}
	return strings.Join(notes, "; ")
}

// overrideText is an override in words: `paused until 14:00 ("migration", by
// you, 2 h ago)`.
func overrideText(o ipc.Override, now time.Time) string {
	var text string
	switch o.Kind {
	case ipc.OverridePause:
		text = "paused"
	case ipc.OverrideSkip:
		text = "skips the next slot"
	default:
		text = o.Kind
	}
	if !o.Until.IsZero() && o.Kind == ipc.OverridePause {
		text += " until " + clock(o.Until.In(now.Location()), now)
	}
	var about []string
	if o.Reason != "" {
		about = append(about, fmt.Sprintf("%q", o.Reason))
	}
	about = append(about, "by "+owner(o.Owner))
	if !o.CreatedAt.IsZero() {
		about = append(about, ago(o.CreatedAt, now))
	}
	return text + " (" + strings.Join(about, ", ") + ")"
}

// owner is who said it: "you", or a name.
func owner(o ipc.Owner) string {
	switch {
	case o.From != "":
		return o.User + " from " + o.From
	case o.UID == os.Getuid():
		return "you"
	case o.User != "":
		return o.User
	}
	return fmt.Sprintf("uid %d", o.UID)
}

// state is the colour of a job's state.
func (s style) state(state string) func(string) string {
	switch state {
	case ipc.JobRunning:
		return s.green
	case ipc.JobPaused, ipc.JobWaiting, ipc.JobRemoved:
		return s.yellow
	case ipc.JobDisabled, ipc.JobNotHere:
		return s.dim
	}
	return nil
}

// result is the colour of a run.
func (s style) result(r *ipc.Run) func(string) string {
	if r == nil {
		return s.dim
	}
	return s.runState(r.State)
}

func (s style) runState(state string) func(string) string {
	switch state {
	case ipc.RunSucceeded, ipc.RunRunning:
		return s.green
	case ipc.RunFailed, ipc.RunTimedOut, ipc.RunLost:
		return s.red
	case ipc.RunStopped, ipc.RunQueued:
		return s.yellow
	}
	return nil
}
