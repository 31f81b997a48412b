package reconciler

import (
	"iter"

	"github.com/lsh-project/lsh/config"
)

// renames pairs a removed job with an added one that says the same but for
// its name. Where several fit, none is: a guess must not carry a pause.
func renames(added, removed []*config.Job) iter.Seq2[*config.Job, *config.Job] {
	return func(yield func(old, job *config.Job) bool) {
		if len(added) == 0 || len(removed) == 0 {
			return
		}
		byText := map[string][]*config.Job{}
		for _, job := range added {
			t := likeness(job)
			byText[t] = append(byText[t], job)
		}
		olds := map[string]int{}
		for _, old := range removed {
			olds[likeness(old)]++
		}
		for _, old := range removed {
			t := likeness(old)
			if same := byText[t]; len(same) == 1 && olds[t] == 1 && len(config.Changed(old, same[0])) == 0 {
				if !yield(old, same[0]) {
					return
				}
			}
		}
	}
}

// likeness is a text that two jobs share when one may be the other's new
// name: enough to find candidates, which are then compared in full.
func likeness(j *config.Job) string {
	t := j.Command + "\x00" + j.Dir + "\x00" + j.Description
	for _, a := range j.Argv {
		t += "\x00" + a
	}
	for _, s := range j.Schedule {
		t += "\x01" + s
	}
	return t
}

// moved pairs a removed job with the added one that names it as its former
// self, whatever else has changed.
func moved(added, removed []*config.Job) iter.Seq2[*config.Job, *config.Job] {
	return func(yield func(old, job *config.Job) bool) {
		byName := map[string]*config.Job{}
		for _, old := range removed {
			byName[old.Name] = old
		}
		for _, job := range added {
			if old := byName[job.MovedFrom]; old != nil && !yield(old, job) {
				return
			}
		}
	}
}

func rename(old, job *config.Job, v View) Change {
	runs, paused := v.Runs, v.Paused
	v.Runs = func(string) []Run { return runs(old.Name) }
	v.Paused = func(string) string { return paused(old.Name) }
	c, changed := changedJob(old, job, v)
	what := "the same job under a new name; its history, its overrides and its runs go with it"
	if changed {
		what = "moved from " + old.Name + ", with its history, its overrides and its runs; " + c.Reason
	} else {
		c = Change{Class: config.ClassHot, Before: old, After: job, Runs: v.Runs(old.Name), Reschedules: Rescheduled(old, job)}
		if c.Reschedules {
			what += "; its slots depend on its name, and count from now"
		}
	}
	c.Job, c.From, c.Action, c.Reason = job.Name, old.Name, ActionRename, what
	return c
}
