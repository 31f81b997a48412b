package daemon

import (
	"context"
	"slices"

	"github.com/lsh-project/lsh/ipc"
)

// listOverrides are the overrides in force, by job.
func (d *Daemon) listOverrides(_ context.Context, p ipc.OverridesParams) (ipc.OverridesResult, error) {
	entries := d.table.all()
	if p.Job != "" {
		var err error
		if entries, err = d.named([]string{p.Job}); err != nil {
			return ipc.OverridesResult{}, err
		}
	}
	result := ipc.OverridesResult{Overrides: []ipc.Override{}}
	for _, e := range entries {
		result.Overrides = append(result.Overrides, e.view.Load().lives().overrides...)
	}
	return result, nil
}

// clearOverrides ends overrides by id, by job, or all.
func (d *Daemon) clearOverrides(_ context.Context, p ipc.OverridesClearParams) (ipc.OverridesResult, error) {
	ways := 0
	for _, used := range []bool{len(p.IDs) > 0, len(p.Jobs) > 0, p.All} {
		if used {
			ways++
		}
	}
	if ways != 1 {
		return ipc.OverridesResult{}, ipc.Errorf(ipc.CodeInvalidParams, "say which overrides: by id, by job, or all").WithHint("one of ids, jobs, all")
	}
	if _, err := d.named(p.Jobs); err != nil {
		return ipc.OverridesResult{}, err
	}
	wanted, err := d.overridesWanted(p)
	if err != nil {
		return ipc.OverridesResult{}, err
	}
	result := ipc.OverridesResult{Overrides: []ipc.Override{}}
	ran := d.box.do(func(l *loop) {
		for _, o := range wanted {
			e := l.entries[o.Job]
			if e == nil || !slices.ContainsFunc(e.overrides(), func(in ipc.Override) bool { return in.ID == o.ID }) {
				continue // it has ended meanwhile
			}
			l.endOverride(e, o.ID, "cleared by the operator")
			result.Overrides = append(result.Overrides, o)
		}
	})
	if !ran {
		return result, stopping()
	}
	return result, nil
}

func (d *Daemon) overridesWanted(p ipc.OverridesClearParams) ([]ipc.Override, error) {
	var all []ipc.Override
	for _, e := range d.table.all() {
		if len(p.Jobs) == 0 || slices.Contains(p.Jobs, e.name) {
			all = append(all, e.view.Load().lives().overrides...)
		}
	}
	if len(p.IDs) == 0 {
		return all, nil
	}
	var wanted []ipc.Override
	for _, id := range p.IDs {
		i := slices.IndexFunc(all, func(o ipc.Override) bool { return o.ID == id || shortID(o.ID) == id })
		if i < 0 {
			return nil, ipc.Errorf(ipc.CodeNotFound, "no such override: %s", id).WithHint("see them: lsh override list")
		}
		wanted = append(wanted, all[i])
	}
	return wanted, nil
}
