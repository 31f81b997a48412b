package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

func (r *reader) catchUp(k *key, n *yaml.Node) {
	if i, ok := r.choose(k, n, catchUps); ok {
		r.job.CatchUp = CatchUp(i)
	}
}

// String returns the policy as jobs files write it.
func (c CatchUp) String() string { return catchUps[c] }

func (r *reader) retryMax(k *key, n *yaml.Node) {
	if value, ok := r.number(k, n, 0, maxRetries); ok {
		r.job.Retry.Max = value
	}
}

func (r *reader) retryOn(k *key, n *yaml.Node) {
	if codes, ok := r.codes(k, n); ok {
		r.job.Retry.On = codes
	}
}

func (r *reader) maxSize(k *key, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || !isText(n) && n.ShortTag() != "!!int" {
		r.wrongType(k, n)
		return
	}
	size, err := ParseSize(n.Value)
	if err != nil {
		r.problem(n, k.where(), "expected "+k.shape.want+"; got "+r.describe(n), k.shape.hint)
		return
	}
	r.job.Output.MaxSize = size
}

func (r *reader) keepRuns(k *key, n *yaml.Node) {
	if value, ok := r.number(k, n, 1, maxRuns); ok {
		r.job.Output.KeepRuns = value
	}
}

func (r *reader) keepFor(k *key, n *yaml.Node) {
	d, ok := r.duration(k, n)
	switch {
	case !ok:
	case d == 0:
		r.problem(n, k.where(), "runs that are kept for no time tell nothing", "write how long, such as 30d")
	default:
		r.job.Output.KeepFor = d
	}
}

// movedFrom takes the name; whether another job has it is known when all
// files have been read.
func (r *reader) movedFrom(k *key, n *yaml.Node) {
	value, ok := r.text(k, n)
	switch {
	case !ok:
	case value == r.job.Name:
		r.problem(n, k.where(), "job "+quote(value)+" has not moved: that is its own name", "remove moved_from")
	case r.name(n, k.where(), "a job"):
		r.job.MovedFrom = r.intern(value)
		r.moves = append(r.moves, move{from: value, job: r.job.Name, found: found{r.src.order, Problem{
			File: r.src.path, Line: n.Line, Column: n.Column, Key: join(r.at, k.name), Excerpt: r.src.excerpt(n.Line),
		}}})
	}
}

// move is the mention of a job's former name.
type move struct {
	found
	from, job string
}

// judgeMoves notes former names that are still in use, or that two jobs claim.
func (l *loader) judgeMoves() {
	claimed := map[string]string{}
	for _, m := range l.moves {
		other, twice := claimed[m.from]
		switch still := l.index[m.from]; {
		case still != nil:
			m.Message = fmt.Sprintf("there still is a job %s: %s:%d", quote(m.from), still.Source.File, still.Source.Line)
			m.Hint = "remove moved_from, or rename that job"
		case twice:
			m.Message = fmt.Sprintf("job %s has moved from %s too", quote(other), quote(m.from))
			m.Hint = "keep moved_from in one of them"
		default:
			claimed[m.from] = m.job
			continue
		}
		l.report(m.order, m.Problem)
	}
}

func sameDurable(a, b *Job) bool {
	return a.CatchUp == b.CatchUp && a.CatchUpWithin == b.CatchUpWithin && a.Output == b.Output && a.MovedFrom == b.MovedFrom &&
		a.Retry.Max == b.Retry.Max && a.Retry.Delay == b.Retry.Delay && a.Retry.MaxDelay == b.Retry.MaxDelay && slices.Equal(a.Retry.On, b.Retry.On)
}
