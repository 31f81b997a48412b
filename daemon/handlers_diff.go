package daemon

import (
	"context"
	"fmt"

	"github.com/lsh-project/lsh/ipc"
)

// diff says what differs between two of: file, accepted, effective, running.
func (d *Daemon) diff(ctx context.Context, p ipc.DiffParams) (ipc.DiffResult, error) {
	accepted := fmt.Sprintf("accepted (generation %d)", d.facts.Load().generation)
	switch p.Kind {
	case "", ipc.DiffFile:
		plan, err := d.plan(ctx, ipc.PlanParams{File: p.File})
		if err != nil {
			return ipc.DiffResult{}, err
		}
		return ipc.DiffResult{Before: accepted, After: plan.Path, Changes: fileChanges(plan)}, nil
	case ipc.DiffDrift:
		return ipc.DiffResult{Before: accepted, After: "effective (with overrides)", Changes: d.changes(driftOf)}, nil
	case ipc.DiffRunning:
		return ipc.DiffResult{Before: "effective", After: "running", Changes: d.changes(staleOf)}, nil
	}
	return ipc.DiffResult{}, ipc.Errorf(ipc.CodeInvalidParams, "no such kind of diff: %s", p.Kind).
		WithHint("one of %s, %s, %s", ipc.DiffFile, ipc.DiffDrift, ipc.DiffRunning)
}

func fileChanges(p ipc.Plan) []ipc.JobChanges {
	changes := []ipc.JobChanges{}
	for _, c := range p.Changes {
		changes = append(changes, ipc.JobChanges{Job: c.Job, Action: c.Action, Fields: c.Fields, Reason: c.Reason})
	}
	return changes
}

// changes are those that of finds, over all jobs.
func (d *Daemon) changes(of func(*entry, live) *ipc.JobChanges) []ipc.JobChanges {
	changes := []ipc.JobChanges{}
	for _, e := range d.table.all() {
		if c := of(e, e.view.Load().lives()); c != nil {
			changes = append(changes, *c)
		}
	}
	return changes
}

// driftOf are the overrides of a job.
func driftOf(e *entry, now live) *ipc.JobChanges {
	if len(now.overrides) == 0 {
		return nil
	}
	c := &ipc.JobChanges{Job: e.name, Action: "override", Reason: now.overrides[0].Reason}
	skips := 0
	for _, o := range now.overrides {
		switch {
		case o.Kind == ipc.OverrideSkip:
			skips++
		case o.Until.IsZero():
			c.Fields = append(c.Fields, ipc.Field{Key: o.Kind, After: "until it is resumed"})
		default:
			c.Fields = append(c.Fields, ipc.Field{Key: o.Kind, After: "until " + o.Until.Local().Format("2006-01-02 15:04:05 -07:00")})
		}
	}
	switch skips {
	case 0:
	case 1:
		c.Fields = append(c.Fields, ipc.Field{Key: ipc.OverrideSkip, After: "the next slot"})
	default:
		c.Fields = append(c.Fields, ipc.Field{Key: ipc.OverrideSkip, After: fmt.Sprintf("the next %d slots", skips)})
	}
	return c
}

// staleOf are the runs in progress of a job that were started from another
// process spec than it has now.
func staleOf(e *entry, now live) *ipc.JobChanges {
	c := &ipc.JobChanges{Job: e.name, Action: ipc.ActionChange}
	spec := e.view.Load().spec
	if e.job.Load() == nil {
		c.Action, c.Reason, spec = ipc.ActionRemove, "the job is gone from the file", ""
	}
	for _, r := range now.running {
		if r.SpecHash == spec {
			continue
		}
		c.Fields = append(c.Fields, ipc.Field{Key: "run " + shortID(r.ID), Before: shortHash(spec), After: shortHash(r.SpecHash)})
		if c.Reason == "" {
			c.Reason = fmt.Sprintf("pid %d was started from generation %d, before its command, environment or directory changed", r.Pid, r.Generation)
		}
	}
	if len(c.Fields) == 0 {
		return nil
	}
	return c
}

// shortID is the end of a run's id, by which people name it.
func shortID(id string) string { return id[max(0, len(id)-8):] }

// shortHash is enough of a hash to tell it from another.
func shortHash(sum string) string { return sum[:min(len(sum), 12)] }
