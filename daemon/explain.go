package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
	"github.com/lsh-project/lsh/daemon/internal/environ"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
)

// explain says what a run of a job would be that began now. It goes the way that a
// run goes: the same environment, the same spec, the same search for the program.
func (d *Daemon) explain(_ context.Context, p ipc.ExplainParams) (ipc.Explanation, error) {
	entries, err := d.named([]string{p.Job})
	if err != nil {
		return ipc.Explanation{}, err
	}
	e := entries[0]
	job := e.job.Load()
	x := ipc.Explanation{
		Job: wireJob(e), Argv: []string{}, Schedule: []ipc.ExplainedSchedule{}, Keys: []ipc.ExplainedKey{}, Env: []ipc.ExplainedVar{}, Findings: []string{},
	}
	if job == nil {
		x.Findings = append(x.Findings, e.view.Load().broken)
		if x.Findings[0] == "" {
			x.Findings[0] = "the job is gone from the file: only its run in progress is left"
		}
		return x, nil
	}
	variables, wrong := environ.Variables(&job.Process, d.spawner.base, ownEnv(e), readEnvFile)
	for _, err := range wrong {
		x.Findings = append(x.Findings, err.Error())
	}
	spec := specOf(job, environ.Strings(variables))
	x.Argv, x.Dir = spec.Argv, spec.Dir
	if p.ShowValues && spec.Stdin != "" {
		x.Stdin = &spec.Stdin
	}
	x.Findings = append(x.Findings, findProgram(&x, job, spec)...)
	facts := d.declaredFacts(e)
	now := time.Now()
	for _, s := range job.Slots {
		x.Schedule = append(x.Schedule, explainSchedule(s, job, now))
	}
	x.Keys = explainKeys(job, facts)
	x.Env = explainEnv(e.name, variables, facts, p.ShowValues)
	return x, nil
}

// declaredFacts are what explaining a job needs to know of its declaration.
type declaredFacts struct {
	limit   int // of its group
	origins map[string]config.Origin
}

func (d *Daemon) declaredFacts(e *entry) declaredFacts {
	var groups map[string]config.Group
	var definition string
	generation, adHoc := 0, false
	d.box.do(func(l *loop) {
		groups, definition, generation, adHoc = groupsOf(l.applied), e.definition, l.generation, e.addedBy != nil
	})
	facts := declaredFacts{limit: groups[e.group()].MaxParallel}
	host, path := d.source.asked.host, adHocFile
	if adHoc {
		text := adHocText(e.name, definition, groups)
		host.ReadFile = func(string) ([]byte, error) { return []byte(text), nil }
	} else {
		g, err := d.findGeneration(generation)
		if err != nil || len(g.Files) == 0 {
			return facts // what would run is known all the same
		}
		host, path = filesOf(host, g), g.Files[0].Path
	}
	// It was good when it was accepted. What is wrong with it by now is told
	// where it is applied.
	facts.origins, _ = config.Origins(path, host, e.name)
	return facts
}

// written is where a key is written, the first of several that is; "" for none.
func (f declaredFacts) written(keys ...string) (place string, inDefaults bool) {
	for _, key := range keys {
		at, ok := f.origins[key]
		switch {
		case !ok:
		case at.File == adHocFile:
			return fmt.Sprintf("definition:%d", max(1, at.Line-adHocLines)), false
		default:
			return fmt.Sprintf("%s:%d", at.File, at.Line), at.Default
		}
	}
	return "", false
}

// findProgram finds what a run would execute. What it does not find is what would
// keep the run from starting, or fail it.
func findProgram(x *ipc.Explanation, job *config.Job, spec process.Spec) (findings []string) {
	program, err := process.Program(spec)
	if start, is := errors.AsType[*process.StartError](err); is && start.Op == process.OpDir {
		findings = append(findings, startFinding(err))
		spec.Dir = "/" // the rest can be told all the same
		program, err = process.Program(spec)
	}
	if err != nil {
		return append(findings, startFinding(err))
	}
	x.Program = program
	word := firstWord(job)
	if word == "" {
		return findings
	}
	spec.Argv = []string{word}
	if x.Command, err = process.Program(spec); err != nil {
		findings = append(findings, "the shell's command "+strings.TrimPrefix(startFinding(err), "exec "))
	}
	return findings
}

// startFinding is why a start would fail, in one line with what to do about it.
func startFinding(err error) string {
	text := strings.TrimPrefix(err.Error(), "start job: ")
	if start, is := errors.AsType[*process.StartError](err); is && start.Hint != "" {
		text += "; " + start.Hint
	}
	return text
}

// explainSchedule is one schedule in words.
func explainSchedule(s *schedule.Schedule, job *config.Job, now time.Time) ipc.ExplainedSchedule {
	w := ipc.ExplainedSchedule{Text: s.Text(), Words: s.Words(), Clock: s.ClockWords()}
	if s.Kind() == schedule.KindCron {
		w.Timezone = cmp.Or(job.Timezone, schedule.SystemZone())
	}
	if slot, ok := s.Next(now); ok && job.Here && job.Enabled {
		w.Next, w.Note = slot.At, slot.Note
	}
	return w
}

// explainEnv says where each variable comes from.
func explainEnv(job string, variables []environ.Variable, facts declaredFacts, showValues bool) []ipc.ExplainedVar {
	explained := make([]ipc.ExplainedVar, 0, len(variables))
	texts := map[string][]byte{}
	for _, v := range variables {
		w := ipc.ExplainedVar{Name: v.Name, From: string(v.From)}
		switch v.From {
		case environ.FromInherit:
			w.Written, w.Default = facts.written("inherit_env")
		case environ.FromJob:
			w.Written, w.Default = facts.written("env." + v.Name)
		case environ.FromFile:
			if _, read := texts[v.File]; !read {
				texts[v.File], _ = readEnvFile(v.File) // it could be read a moment ago
			}
			w.Written = fmt.Sprintf("%s:%d", v.File, environ.LineOf(texts[v.File], v.Name))
		}
		// But for the job's name each run has others.
		if showValues && (v.From != environ.FromRun || v.Value == job) {
			w.Value = &v.Value
		}
		explained = append(explained, w)
	}
	return explained
}
