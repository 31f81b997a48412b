package config

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Exported is a job that is to be written into a jobs file.
type Exported struct {
	*Job
	// Written is the same job as a [Symbolic] host reads it: variables keep their
	// names. It may be nil.
	Written *Job
	Comment string // lines of text; "" for none
}

// Export writes a jobs file of jobs and groups that Load reads as the same jobs on
// the host: what they have of defaults and includes is written in each. Where that
// can be, ${VAR} and ~ stay what they are; relative paths become absolute. The head
// is a comment, in lines.
func Export(jobs []Exported, groups map[string]Group, head string, h Host) []byte {
	x := &exporter{home: h.Home, base: exportBase(jobs)}
	jobs = slices.Clone(jobs)
	text := x.file(jobs, groups, head)
	back := x.loaded(text, h)
	for i, j := range jobs {
		if j.Written != nil && (back == nil || back.Job(j.Name) == nil || Changed(j.Job, back.Job(j.Name)) != nil) {
			jobs[i].Written = nil // its names do not stand for the same
		}
	}
	return x.file(jobs, groups, head)
}

// exporter writes a jobs file.
type exporter struct {
	home string
	// base lies under all jobs: the defaults of the language, and what no job may
	// write of its own.
	base Job
}

// exportBase has what stands in some job and only defaults may bring there: they
// may be wrong for some of the jobs.
func exportBase(jobs []Exported) Job {
	base := *builtIn()
	for _, j := range jobs {
		if len(j.Slots) == 0 {
			continue
		}
		if base.DST == builtIn().DST && !slices.ContainsFunc(j.Slots, wallClock) {
			base.DST = j.DST
		}
		if base.Jitter == 0 && j.Jitter > least(j.Slots) {
			base.Jitter = j.Jitter
		}
	}
	return base
}

// loaded is what a text says; nil when something is wrong with it.
func (x *exporter) loaded(text []byte, h Host) *Config {
	h.ReadFile = func(string) ([]byte, error) { return text, nil }
	c, err := Load("/jobs.yaml", h)
	if err != nil {
		return nil
	}
	return c
}

func (x *exporter) file(jobs []Exported, groups map[string]Group, head string) []byte {
	var file exportMap
	file.add("version", plainNode("1"))
	file.node.HeadComment = asComment(head)
	var defaults exportMap
	x.when(&defaults, &x.base, builtIn())
	if len(defaults.node.Content) > 0 {
		file.add("defaults", defaults.mapping())
	}
	var limits exportMap
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		var limit exportMap
		limit.add("max_parallel", plainNode(fmt.Sprint(groups[name].MaxParallel)))
		limits.add(name, limit.flow())
	}
	if len(groups) > 0 {
		file.add("groups", limits.mapping())
	}
	var all exportMap
	for _, j := range jobs {
		from := j.Job
		if j.Written != nil {
			from = j.Written
		}
		all.add(j.Name, x.job(from, j.Job))
		all.node.Content[len(all.node.Content)-2].HeadComment = asComment(j.Comment)
	}
	if len(jobs) > 0 {
		file.add("jobs", all.mapping())
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(file.mapping()); err != nil {
		panic("config: a jobs file that was made cannot be written: " + err.Error()) // nodes of ours always can
	}
	return apart(b.Bytes())
}

// apart puts an empty line before each section and each job.
func apart(text []byte) []byte {
	var b bytes.Buffer
	inJobs, comment := false, false
	for line := range bytes.Lines(text) {
		section := 'a' <= line[0] && line[0] <= 'z' && !bytes.HasPrefix(line, []byte("version:"))
		job := inJobs && len(line) > 2 && bytes.HasPrefix(line, []byte("  ")) && line[2] != ' ' && line[2] != '\n'
		if section || job && !comment && !bytes.HasSuffix(b.Bytes(), []byte("\njobs:\n")) {
			b.WriteByte('\n')
		}
		comment = job && line[2] == '#'
		if section {
			inJobs = bytes.HasPrefix(line, []byte("jobs:"))
		}
		b.Write(line)
	}
	return b.Bytes()
}

func asComment(text string) string {
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = "# " + printable(line)
	}
	return strings.Join(lines, "\n")
}
