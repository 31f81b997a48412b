package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

const (
	// adHocFile is the name under which mistakes in an ad-hoc job are told.
	adHocFile = "/ad-hoc-job"
	// adHocLines come before the definition, which is indented by adHocIndent.
	adHocLines, adHocIndent = 3, 4
)

// parseAdHoc reads the definition of an ad-hoc job as if it stood in a jobs
// file of its own, with the groups of the accepted one.
func (r reader) parseAdHoc(name, definition string, groups map[string]config.Group) (*config.Job, string, error) {
	host := r.host
	text := adHocText(name, definition, groups)
	host.ReadFile = func(path string) ([]byte, error) {
		if path != adHocFile {
			return nil, fmt.Errorf("read %s: an ad-hoc job includes nothing", filepath.Base(path))
		}
		return []byte(text), nil
	}
	cfg, err := config.Load(adHocFile, host)
	if problems, are := errors.AsType[config.Problems](err); are {
		return nil, "", asGiven(problems)
	}
	if err != nil {
		return nil, "", err
	}
	if len(cfg.Jobs) != 1 || cfg.Job(name) == nil {
		return nil, "", fmt.Errorf("read ad-hoc job %s: it is not one job", name)
	}
	specs := r.specs(cfg, readEnvFile)
	return cfg.Job(name), specs[name], nil
}

// groupsOf are the groups of a file that may not be there yet.
func groupsOf(c *config.Config) map[string]config.Group {
	if c == nil {
		return nil
	}
	return c.Groups
}

// adHocText is a jobs file of one job.
func adHocText(name, definition string, groups map[string]config.Group) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\njobs:\n  %q:\n", name) // adHocLines
	for line := range strings.Lines(definition) {
		b.WriteString(strings.Repeat(" ", adHocIndent) + line)
	}
	b.WriteString("\n")
	if len(groups) > 0 {
		b.WriteString("groups:\n")
	}
	for group, g := range groups {
		fmt.Fprintf(&b, "  %s: {max_parallel: %d}\n", group, g.MaxParallel)
	}
	return b.String()
}

// asGiven counts lines and columns from where the definition begins.
func asGiven(problems config.Problems) config.Problems {
	given := slices.Clone(problems)
	for i := range given {
		given[i].File = "definition"
		given[i].Line = max(1, given[i].Line-adHocLines)
		given[i].Column = max(1, given[i].Column-adHocIndent)
		given[i].Excerpt = strings.TrimPrefix(given[i].Excerpt, strings.Repeat(" ", adHocIndent))
	}
	return given
}

// addJob adds an ad-hoc job, or gives one another definition.
func (d *Daemon) addJob(ctx context.Context, p ipc.JobAddParams) (ipc.Job, error) {
	if p.Job == "" {
		return ipc.Job{}, ipc.Errorf(ipc.CodeInvalidParams, "job is missing")
	}
	var groups map[string]config.Group
	d.box.do(func(l *loop) { groups = groupsOf(l.applied) })
	job, spec, err := d.source.asked.parseAdHoc(p.Job, p.Definition, groups)
	if err != nil {
		e := ipc.Errorf(ipc.CodeInvalidConfig, "%s", err)
		e.Data.Problems = wireProblems(err)
		return ipc.Job{}, e.WithHint("the keys of a job: lsh schema")
	}
	owner := ownerOf(ctx)
	var added *entry
	if !d.box.do(func(l *loop) { added, err = l.addAdHoc(job, spec, p.Definition, &owner) }) {
		return ipc.Job{}, stopping()
	}
	if err != nil {
		return ipc.Job{}, err
	}
	return wireJob(added), nil
}

// addAdHoc takes an ad-hoc job in.
func (l *loop) addAdHoc(job *config.Job, spec, definition string, owner *ipc.Owner) (*entry, error) {
	if err := l.ending(); err != nil {
		return nil, err
	}
	e := l.entries[job.Name]
	if l.applied.Job(job.Name) != nil {
		return nil, ipc.Errorf(ipc.CodeRefused, "add job %s: the jobs file has a job of that name", job.Name).
			WithHint("choose another name, or take that one out of %s", l.applied.Job(job.Name).Source.File)
	}
	switch {
	case e != nil && e.job.Load() != nil:
		if reconciler.Rescheduled(e.job.Load(), job) {
			l.countFromNow(e, scheduleEnds(job))
		}
		l.regroup(e, job)
	default:
		e = l.enlist(job, spec)
	}
	e.spec, e.definition, e.addedBy = spec, definition, owner
	l.batch.Durable = true
	l.log.Info("ad-hoc job added", "job", job.Name, "uid", owner.UID)
	l.emit(ipc.Event{Kind: "job.added", Job: job.Name, Message: "added by " + owner.User})
	l.mark(e)
	return e, nil
}

// removeJob removes an ad-hoc job.
func (d *Daemon) removeJob(_ context.Context, p ipc.JobRemoveParams) (ipc.Job, error) {
	var before ipc.Job
	err := d.live([]string{p.Job}, func(l *loop, entries []*entry) {
		before = wireJob(entries[0])
		l.removeAdHoc(entries[0], p.Stop)
	})
	if err == nil && before.Owner != ownerOperator {
		return ipc.Job{}, ipc.Errorf(ipc.CodeRefused, "remove job %s: it is declared in %s", p.Job, before.Source).
			WithHint("take it out of the file, then lsh apply")
	}
	return before, err
}

func (l *loop) removeAdHoc(e *entry, stop bool) {
	if e.addedBy == nil {
		return
	}
	l.delist(e.name, "the job was removed by the operator")
	e.addedBy, e.definition = nil, ""
	l.batch.Durable = true
	if stop {
		l.halt(e, "the job was removed by the operator")
	}
	l.log.Info("ad-hoc job removed", "job", e.name)
	l.emit(ipc.Event{Kind: "job.removed", Job: e.name, Message: "removed by the operator"})
}

// unusable says what is wrong with the definition of an ad-hoc job that was
// good when it was added.
func unusable(err error) string { return fmt.Sprintf("its definition cannot be used: %s", err) }

// rereadAdHoc reads such definitions again, once a file has been accepted: it may
// have the group back that one names. And it reads those whose group it has no more.
func (s *source) rereadAdHoc() {
	affected := map[*entry]string{}
	var groups map[string]config.Group
	s.box.do(func(l *loop) {
		groups = groupsOf(l.applied)
		for _, e := range l.entries {
			_, there := groups[e.group()]
			if e.broken != "" || e.addedBy != nil && e.group() != "" && !there {
				affected[e] = e.definition
			}
		}
	})
	for e, definition := range affected {
		job, spec, err := s.quiet.parseAdHoc(e.name, definition, groups)
		s.box.do(func(l *loop) {
			if l.entries[e.name] == e && e.addedBy != nil && e.definition == definition {
				l.rereadAdHoc(e, job, spec, err)
			}
		})
	}
}

func (l *loop) rereadAdHoc(e *entry, job *config.Job, spec string, err error) {
	if err != nil {
		if e.job.Load() != nil {
			l.log.Warn("ad-hoc job cannot be used any more", "job", e.name, "err", err)
			l.countFromNow(e, unusable(err))
			l.regroup(e, nil)
		}
		e.broken = unusable(err)
		l.mark(e)
		return
	}
	why := e.broken
	l.regroup(e, job)
	l.countFromNow(e, why)
	e.spec = spec
	l.log.Info("ad-hoc job can be used again", "job", e.name)
	l.mark(e)
}
