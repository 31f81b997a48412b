package daemon

import (
	"slices"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// knownStates refuses a state that nothing is ever in: the answer would be empty
// for good.
func knownStates(states, known []string) error {
	for _, state := range states {
		if slices.Contains(known, state) {
			continue
		}
		err := ipc.Errorf(ipc.CodeInvalidParams, "there is no state %q", state)
		if near, ok := config.Nearest(state, known); ok {
			return err.WithHint("did you mean %s?", near)
		}
		return err.WithHint("one of %s", strings.Join(known, ", "))
	}
	return nil
}

// unknownTag is the error of a tag that no job has, nil when one has it.
func (d *Daemon) unknownTag(tag string) error {
	var tags []string
	for _, e := range d.table.all() {
		job := e.job.Load()
		if job == nil {
			continue
		}
		if slices.Contains(job.Tags, tag) {
			return nil
		}
		tags = append(tags, job.Tags...)
	}
	err := ipc.Errorf(ipc.CodeUnknownJob, "no job has the tag %s", tag)
	if near, ok := config.Nearest(tag, tags); ok {
		return err.WithHint("did you mean %s?", near)
	}
	return err.WithHint("see them all: lsh list")
}
