package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// export writes jobs as they are in effect into one jobs file. Like the text of a
// generation it holds values that may be secret, and shows them only to whoever
// asks for them.
func (d *Daemon) export(_ context.Context, p ipc.ExportParams) (ipc.Export, error) {
	entries := d.table.all()
	if len(p.Jobs) > 0 {
		var err error
		if entries, err = d.named(p.Jobs); err != nil {
			return ipc.Export{}, err
		}
	}
	all := d.exportFacts(entries)
	entries = all.inOrder(entries)
	x := ipc.Export{Jobs: []string{}, Generation: all.generation}
	head := []string{fmt.Sprintf("Jobs of %s, of generation %d, written by lsh export.", d.source.asked.host.Name, all.generation)}
	var jobs []config.Exported
	used := map[string]config.Group{}
	for _, e := range entries {
		job, v := e.job.Load(), e.view.Load()
		switch {
		case p.AdHoc && v.addedBy == nil:
			continue
		case v.broken != "":
			head = append(head, "Left out is "+e.name+": "+strings.Join(strings.Fields(v.broken), " ")+".")
			continue
		case job == nil && len(p.Jobs) > 0:
			return ipc.Export{}, ipc.Errorf(ipc.CodeRefused, "export %s: the job is gone from the file", e.name).
				WithHint("a former one: lsh generations")
		case job == nil:
			continue
		}
		jobs = append(jobs, config.Exported{Job: job, Written: all.written(e), Comment: exportComment(v)})
		x.Jobs = append(x.Jobs, e.name)
		if g, ok := all.groups[job.Group]; ok {
			used[job.Group] = g
		}
	}
	if len(p.Jobs) == 0 && !p.AdHoc {
		used = all.groups // a group without jobs is part of the file too
	}
	x.Text = string(config.Export(jobs, used, strings.Join(head, "\n"), d.source.asked.host))
	if !p.ShowValues {
		x.Text, x.Hidden = config.HideSecrets(x.Text)
	}
	return x, nil
}

// exportFacts are what the declarations of jobs are read from once more.
type exportFacts struct {
	host        config.Host
	groups      map[string]config.Group
	generation  int
	definitions map[*entry]string // of ad-hoc jobs
	order       map[string]int    // of files
	declared    *config.Config    // with variables standing for themselves; nil when it cannot be read
}

func (d *Daemon) exportFacts(entries []*entry) exportFacts {
	f := exportFacts{host: d.source.asked.host, definitions: map[*entry]string{}, order: map[string]int{}}
	d.box.do(func(l *loop) {
		f.groups, f.generation = groupsOf(l.applied), l.generation
		for _, e := range entries {
			if e.addedBy != nil {
				f.definitions[e] = e.definition
			}
		}
	})
	if g, err := d.findGeneration(f.generation); err == nil && len(g.Files) > 0 {
		for i, file := range g.Files {
			f.order[file.Path] = i
		}
		// Without it values are written as they came to be.
		f.declared, _ = config.Load(g.Files[0].Path, config.Symbolic(filesOf(f.host, g)))
	}
	return f
}

// inOrder are jobs as they are declared, file by file, and ad-hoc ones after them.
func (f exportFacts) inOrder(entries []*entry) []*entry {
	place := func(e *entry) (file, line int) {
		job := e.job.Load()
		if _, adHoc := f.definitions[e]; adHoc || job == nil {
			return len(f.order), 0
		}
		return f.order[job.Source.File], job.Source.Line
	}
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b *entry) int {
		fileA, lineA := place(a)
		fileB, lineB := place(b)
		return cmp.Or(cmp.Compare(fileA, fileB), cmp.Compare(lineA, lineB), cmp.Compare(a.name, b.name))
	})
	return slices.CompactFunc(entries, func(a, b *entry) bool { return a == b }) // named twice
}

// written is a job as its declaration writes it; nil when that cannot be read.
func (f exportFacts) written(e *entry) *config.Job {
	definition, adHoc := f.definitions[e]
	if !adHoc {
		return f.declared.Job(e.name)
	}
	host := f.host
	host.ReadFile = func(string) ([]byte, error) { return []byte(adHocText(e.name, definition, f.groups)), nil }
	c, err := config.Load(adHocFile, config.Symbolic(host))
	if err != nil {
		return nil
	}
	return c.Job(e.name)
}

// exportComment says of a job what a jobs file cannot.
func exportComment(v *view) string {
	var lines []string
	if v.addedBy != nil {
		lines = append(lines, "An ad-hoc job, added by "+who(*v.addedBy)+".")
	}
	for _, o := range v.lives().overrides {
		text := "Its next slot is skipped"
		if o.Kind == ipc.OverridePause {
			text = "It is paused"
			if !o.Until.IsZero() {
				text += " until " + o.Until.Local().Format(time.DateTime)
			}
		}
		if o.Reason != "" {
			text += fmt.Sprintf(" (%s)", strings.Join(strings.Fields(o.Reason), " "))
		}
		lines = append(lines, text+": that is no part of this file.")
	}
	return strings.Join(lines, "\n")
}
