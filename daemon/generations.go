package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// origin is where an accepted configuration comes from.
type origin struct {
	reason string
	owner  *ipc.Owner // nil when nobody asked
}

// generationRow is an accepted configuration as the journal keeps it.
func generationRow(number int, now time.Time, f *loaded, p reconciler.Plan, by origin) journal.Generation {
	summary := map[string]int{}
	for class, n := range p.Summary() {
		summary[class.String()] = n
	}
	g := journal.Generation{
		Number: number, Hash: f.config.Hash, Accepted: now, Summary: asJSON(summary), Reason: by.reason, Jobs: len(f.config.Jobs),
		Commit: f.commit,
	}
	if by.owner != nil {
		g.Owner = asJSON(by.owner)
	}
	for _, file := range f.config.Files {
		g.Files = append(g.Files, journal.File{Path: file.Path, Text: f.texts[file.Path]})
	}
	return g
}

func wireGeneration(g journal.Generation) ipc.Generation {
	w := ipc.Generation{
		Number: g.Number, Hash: g.Hash, AcceptedAt: g.Accepted, Summary: map[string]int{}, Reason: g.Reason, Jobs: g.Jobs,
	}
	_ = json.Unmarshal(g.Summary, &w.Summary)
	if g.Commit != "" {
		w.Git = &ipc.Git{Commit: g.Commit}
	}
	if g.Owner != nil {
		w.Owner = &ipc.Owner{}
		_ = json.Unmarshal(g.Owner, w.Owner)
	}
	return w
}

// wireFiles are the texts of a generation. What may be secret in them is shown
// only to whoever asks for it.
func wireFiles(files []journal.File, showValues bool) []ipc.FileText {
	var wire []ipc.FileText
	for _, f := range files {
		w := ipc.FileText{Path: f.Path, Text: f.Text}
		if !showValues {
			w.Text, w.Hidden = config.HideSecrets(f.Text)
		}
		wire = append(wire, w)
	}
	return wire
}

// generation reads a generation as it was accepted: the texts are the journal's,
// what they name on this machine (env files, variables) is as it is now.
func (r reader) generation(g journal.Generation) (*loaded, error) {
	if len(g.Files) == 0 {
		return nil, fmt.Errorf("read generation %d: it has no files", g.Number)
	}
	return r.loadFrom(g.Files[0].Path, filesOf(r.host, g))
}

// filesOf is a host that has the files of a generation.
func filesOf(host config.Host, g journal.Generation) config.Host {
	texts := map[string]string{}
	for _, f := range g.Files {
		texts[f.Path] = f.Text
	}
	host.ReadFile = func(path string) ([]byte, error) {
		text, ok := texts[path]
		if !ok {
			return nil, &fs.PathError{Op: "read", Path: path, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
	host.Glob = func(pattern string) ([]string, error) {
		var names []string
		for name := range texts {
			if ok, _ := filepath.Match(pattern, name); ok {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names, nil
	}
	return host
}

const (
	generationsAPage  = 100
	generationsAtMost = 1000
)

func (d *Daemon) listGenerations(_ context.Context, p ipc.GenerationsParams) (ipc.GenerationsPage, error) {
	if err := notNegative("limit", p.Limit); err != nil {
		return ipc.GenerationsPage{}, err
	}
	limit := pageOf(p.Limit, generationsAPage, generationsAtMost)
	rows, err := d.journal.Generations(p.After, limit+1)
	if err != nil {
		return ipc.GenerationsPage{}, err
	}
	page := ipc.GenerationsPage{Generations: []ipc.Generation{}, Current: d.facts.Load().generation}
	if len(rows) > limit {
		rows = rows[:limit]
		page.After = rows[limit-1].Number
	}
	for _, g := range rows {
		page.Generations = append(page.Generations, wireGeneration(g))
	}
	return page, nil
}

func (d *Daemon) getGeneration(_ context.Context, p ipc.GenerationParams) (ipc.Generation, error) {
	g, err := d.findGeneration(p.Number)
	w := wireGeneration(g)
	w.Files = wireFiles(g.Files, p.ShowValues)
	return w, err
}

func (d *Daemon) findGeneration(number int) (journal.Generation, error) {
	g, ok, err := d.journal.Generation(number)
	if err == nil && !ok {
		err = ipc.Errorf(ipc.CodeNotFound, "no such generation: %d", number).WithHint("see them: lsh generations")
	}
	return g, err
}

// rollback applies a former generation again.
func (d *Daemon) rollback(ctx context.Context, p ipc.RollbackParams) (ipc.ApplyResult, error) {
	if err := notNegative("timeout", seconds(p.Timeout, applySeconds).Seconds()); err != nil {
		return ipc.ApplyResult{}, err
	}
	g, err := d.findGeneration(p.Number)
	if err != nil {
		return ipc.ApplyResult{}, err
	}
	owner := ownerOf(ctx)
	got, err := d.source.ask(ctx, ask{
		ApplyParams: ipc.ApplyParams{DryRun: p.DryRun}, owner: &owner, generation: &g,
	})
	return converge(ctx, got, err, p.Timeout)
}
