package config

import (
	"maps"

	"go.yaml.in/yaml/v3"
)

// Origin is where the value of a job's key is written.
type Origin struct {
	Source
	Default bool // among the defaults, not in the job
}

// Origins reads a jobs file again, as [Load] does, and says where the keys of one
// job are written, by their dotted path, as stop.grace and env.PATH. What is
// written nowhere, or overridden, is not among them.
func Origins(path string, h Host, job string) (map[string]Origin, error) {
	t := &trace{job: job}
	_, err := load(path, h, t)
	return t.found, err
}

// trace remembers where the keys of one job are written while files are read.
type trace struct {
	job   string
	main  map[string]Origin // the defaults of the jobs file
	file  map[string]Origin // those of the file that is read, over them
	found map[string]Origin
}

// traceFile begins the defaults of a file.
func (l *loader) traceFile() {
	if l.trace != nil {
		l.trace.file = maps.Clone(l.trace.main)
	}
}

// traceMain lays the defaults of the file that was read under all others.
func (l *loader) traceMain() {
	if l.trace != nil {
		l.trace.main = l.trace.file
	}
}

// traceJob lays the defaults under a job.
func (r *reader) traceJob() {
	if r.trace != nil && r.job.Name == r.trace.job {
		r.trace.found = maps.Clone(r.trace.file)
	}
}

// traceKey notes where a key of the job, or of the defaults, is written.
func (r *reader) traceKey(path string, n *yaml.Node) {
	if r.trace == nil || r.job == nil {
		return
	}
	origins := &r.trace.found
	switch {
	case r.inDefaults:
		origins = &r.trace.file
	case r.job.Name != r.trace.job:
		return
	}
	if *origins == nil {
		*origins = map[string]Origin{}
	}
	(*origins)[path] = Origin{Source{r.src.path, n.Line}, r.inDefaults}
}
