package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// jobs reads the jobs one by one and lets each one's nodes go, since those of many
// jobs are many times larger than the jobs.
func (r *reader) jobs(k *key, n *yaml.Node) {
	if !r.section(k, n) {
		return
	}
	release := n.Style&yaml.FlowStyle == 0 && n.Anchor == ""
	entries := r.entries(n, k.name)
	for i, e := range entries {
		r.readJob(e)
		entries[i].value = nil
		// A node that an alias may still name, or that was merged in, stays.
		if release && 2*i+1 < len(n.Content) && n.Content[2*i+1] == e.value && !anchored(e.value) {
			n.Content[2*i+1] = nil
		}
	}
	r.at = ""
}

// anchored tells whether an alias may name a node or one under it.
func anchored(n *yaml.Node) bool {
	return n.Anchor != "" || slices.ContainsFunc(n.Content, anchored)
}

func (r *reader) readJob(e entry) {
	name := e.key.Value
	r.at = join("jobs", name)
	valid := r.name(e.key, "", "a job")
	first, taken := r.index[name]
	if valid && taken {
		r.problem(e.key, "", fmt.Sprintf("job %s is defined twice: here and at %s:%d", quote(name), first.Source.File, first.Source.Line), "rename one of them")
	}
	job := *r.base
	job.Name, job.Source = name, Source{r.src.path, e.key.Line}
	r.job, r.nodes = &job, jobNodes{name: e.key}
	r.traceJob()
	if e.value.Kind == yaml.MappingNode {
		r.readKeys(e.value, "", jobKeys())
		r.finish()
	} else {
		r.problem(e.value, "", "expected a mapping of keys of a job; got "+r.describe(e.value), "write  "+name+": {command: …}")
	}
	r.job = nil
	if valid && !taken {
		r.index[name] = &job
		r.made = append(r.made, &job)
	}
}

// finish judges what depends on more than one key, and fills in the rest.
func (r *reader) finish() {
	job := r.job
	if r.nodes.command == nil {
		r.problem(r.nodes.name, "command", "job "+quote(job.Name)+" has no command", "write  command: …  under it")
	}
	if job.Argv != nil {
		if r.nodes.shell != nil {
			r.problem(r.nodes.shell, "shell", "shell means nothing to a command that is a list", "write the command as a text, or remove shell")
		}
		job.Shell = nil
	}
	if job.Dir == "" {
		job.Dir = r.host.Home
	}
	r.compile()
	r.useGroup()
	for _, f := range job.EnvFile {
		r.envFiles[f.Path] = struct{}{}
	}
}
