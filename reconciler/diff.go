package reconciler

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
)

// View is what Diff may look at besides the two configurations.
type View struct {
	Now        time.Time
	Generation int // that is applied; 0 when none is
	// ZoneMoved says that the system's time zone is another than when the
	// applied side was read.
	ZoneMoved bool
	// StopGone says that runs of removed jobs are stopped.
	StopGone bool
	// AdHoc tells whether an operator's own job has that name; nil: none has.
	AdHoc func(job string) bool
	// Runs are those in progress of a job.
	Runs func(job string) []Run
	// Applied and Proposed are the process hashes of the two sides, so that
	// a changed env file shows though no key of the job has changed.
	Applied, Proposed func(job string) string
	// Paused says of a job why it is paused; "" when it is not.
	Paused func(job string) string
}

// Diff compares an applied configuration (nil when there is none) with a
// proposed one, and says what follows from it.
func Diff(applied, proposed *config.Config, v View) Plan {
	p := Plan{
		BaseGeneration: v.Generation,
		Hash:           proposed.Hash,
		Now:            v.Now,
		Left:           len(proposed.Jobs),
	}
	var old []*config.Job
	if applied != nil {
		old = applied.Jobs
		p.Jobs = len(old)
	}
	var added, removed []*config.Job
	for before, after := range pairs(old, proposed.Jobs) {
		switch {
		case before == nil:
			added = append(added, after)
		case after == nil:
			removed = append(removed, before)
		default:
			if c, is := changedJob(before, after, v); is {
				p.Changes = append(p.Changes, c)
			}
		}
	}
	p.Changes = append(p.Changes, comings(added, removed, v)...)
	slices.SortFunc(p.Changes, func(a, b Change) int { return strings.Compare(a.Job, b.Job) })
	p.ID = planID(p, v)
	return p
}

// planID carries the base, the proposed files and what the jobs that change will
// run (env files are no part of the files), so that applying by id can refuse a
// plan made for others.
func planID(p Plan, v View) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d %s", p.BaseGeneration, p.Hash)
	for _, c := range p.Changes {
		fmt.Fprintf(sum, " %s %s", c.Job, v.Proposed(c.Job))
	}
	return "p-" + hex.EncodeToString(sum.Sum(nil)[:4])
}

// pairs walks two lists sorted by name side by side.
func pairs(before, after []*config.Job) func(yield func(before, after *config.Job) bool) {
	return func(yield func(before, after *config.Job) bool) {
		i, k := 0, 0
		for i < len(before) || k < len(after) {
			var b, a *config.Job
			switch {
			case k == len(after) || (i < len(before) && before[i].Name < after[k].Name):
				b = before[i]
			case i == len(before) || after[k].Name < before[i].Name:
				a = after[k]
			default:
				b, a = before[i], after[k]
			}
			if b != nil {
				i++
			}
			if a != nil {
				k++
			}
			if !yield(b, a) {
				return
			}
		}
	}
}

// comings are the jobs that only one side names: added, removed, or, when
// exactly one of each says the same, renamed.
func comings(added, removed []*config.Job, v View) []Change {
	var changes []Change
	renamed := map[*config.Job]*config.Job{}
	pair := func(old, job *config.Job) {
		renamed[job], renamed[old] = old, job
		changes = append(changes, rename(old, job, v))
	}
	for old, job := range moved(added, removed) {
		pair(old, job)
	}
	left := func(j *config.Job) bool { return renamed[j] != nil }
	for old, job := range renames(slices.DeleteFunc(slices.Clone(added), left), slices.DeleteFunc(slices.Clone(removed), left)) {
		pair(old, job)
	}
	for _, job := range added {
		if renamed[job] == nil {
			changes = append(changes, add(job, v))
		}
	}
	for _, job := range removed {
		if renamed[job] == nil {
			changes = append(changes, remove(job, v))
		}
	}
	return changes
}

func add(j *config.Job, v View) Change {
	if v.AdHoc != nil && v.AdHoc(j.Name) {
		return Change{
			Job: j.Name, Action: ActionAdd, Class: config.ClassHot, After: j, Runs: v.Runs(j.Name),
			Reason: "takes over the ad-hoc job of that name; its history and its runs go on",
		}
	}
	reason := "new job"
	switch {
	case !j.Here:
		reason = "new job, not for this host: " + j.NotHere
	case !j.Enabled:
		reason = "new job, disabled"
	case len(j.Slots) == 0:
		reason = "new job, runs only by hand"
	}
	return Change{Job: j.Name, Action: ActionAdd, Class: config.ClassStart, Reason: reason, After: j, Reschedules: true}
}

func remove(j *config.Job, v View) Change {
	c := Change{Job: j.Name, Action: ActionRemove, Class: config.ClassStop, Before: j, Reschedules: true, Runs: v.Runs(j.Name)}
	c.Reason = "no longer in the file"
	if n := inProgress(c.Runs, v.Now); n != "" && v.StopGone {
		c.Reason += fmt.Sprintf("; %s is stopped: %s, at most %s", n, j.Stop.Signal, config.FormatDuration(j.Stop.Grace))
	} else if n != "" {
		c.Reason += "; " + n + " finishes (lsh apply --stop-removed stops it)"
	}
	if waiting(c.Runs) {
		c.Reason += "; the run that waits is dropped"
	}
	if why := v.Paused(j.Name); why != "" {
		c.Warnings = append(c.Warnings, "its pause ends with it")
	}
	return c
}

// waiting tells whether one of the runs has yet to begin.
func waiting(runs []Run) bool {
	return slices.ContainsFunc(runs, func(r Run) bool { return r.Phase == Queued })
}

// inProgress names the runs that hold a process, for a sentence.
func inProgress(runs []Run, now time.Time) string {
	n, last := 0, Run{}
	for _, r := range runs {
		if r.Phase != Queued && !r.Lingering {
			n, last = n+1, r
		}
	}
	switch {
	case n == 0:
		return ""
	case n > 1:
		return fmt.Sprintf("each of the %d runs in progress", n)
	case last.Pid == 0:
		return "the run in progress"
	}
	up := config.FormatDuration(max(0, now.Sub(last.Started)).Truncate(time.Second))
	return fmt.Sprintf("the run in progress (pid %d, %s)", last.Pid, up)
}
