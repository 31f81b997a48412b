package config

import (
	"errors"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lsh-project/lsh/config/schedule"
)

// setDuration reads a duration into a field of the job. Zero is allowed: it takes
// back a default.
func setDuration(field func(*Job) *time.Duration) func(*reader, *key, *yaml.Node) {
	return func(r *reader, k *key, n *yaml.Node) {
		if d, ok := r.duration(k, n); ok {
			*field(r.job) = d
		}
	}
}

func (r *reader) duration(k *key, n *yaml.Node) (time.Duration, bool) {
	if !isText(n) && (n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" && n.ShortTag() != "!!float") {
		r.wrongType(k, n)
		return 0, false
	}
	d, err := ParseDuration(n.Value)
	if 0 < d && d < shortest {
		r.problem(n, k.where(), "the duration "+quote(n.Value)+" is shorter than a millisecond", "write 1ms or longer")
		return 0, false
	}
	if err == nil {
		return d, true
	}
	if bad, ok := errors.AsType[*durationError](err); ok && bad.hint != "" {
		r.problem(n, k.where(), bad.message, bad.hint)
		return 0, false
	}
	r.problem(n, k.where(), "expected "+k.shape.want+"; got "+r.describe(n), k.shape.hint)
	return 0, false
}

// shortest is the least duration but none: less is a slip.
const shortest = time.Millisecond

// schedule keeps the nodes: what they mean depends on timezone and dst.
func (r *reader) schedule(k *key, n *yaml.Node) {
	items, ok := r.oneOrMore(k, n)
	if ok && len(items) == 0 {
		r.problem(n, k.where(), "expected "+k.shape.want+"; got an empty list", "name a schedule, or leave the key out: the job then runs only by hand")
		return
	}
	if len(items) > 1 {
		known := make(map[string]bool, len(items))
		for _, item := range items {
			if isText(item) && item.Value != "" && known[item.Value] {
				r.problem(item, k.where(), "the schedule "+quote(item.Value)+" is written twice", "remove one of them")
				ok = false
			}
			known[item.Value] = true
		}
	}
	// What is no text is a problem already; what is wrong with the others is told too.
	r.nodes.schedule = slices.DeleteFunc(slices.Clone(items), func(item *yaml.Node) bool {
		return !isText(item) || strings.TrimSpace(item.Value) == ""
	})
	r.nodes.scheduleCut = !ok
}

func (r *reader) timezone(k *key, n *yaml.Node) {
	name, ok := r.text(k, n)
	if !ok {
		return
	}
	if _, err := r.zones.Load(name); err != nil {
		r.scheduleProblem(n, k.where(), err)
		return
	}
	r.job.Timezone = r.intern(name)
}

func (r *reader) dstGap(k *key, n *yaml.Node) {
	if i, ok := r.choose(k, n, gaps); ok {
		r.job.DST.Gap = schedule.Gap(i)
		r.nodes.dst = n
	}
}

func (r *reader) dstOverlap(k *key, n *yaml.Node) {
	if i, ok := r.choose(k, n, passes); ok {
		r.job.DST.Overlap = schedule.Overlap(i)
		r.nodes.dst = n
	}
}

// choose returns the index of a text among the known ones.
func (r *reader) choose(k *key, n *yaml.Node, known []string) (int, bool) {
	value, ok := r.text(k, n)
	if !ok {
		return 0, false
	}
	i := slices.Index(known, value)
	if i < 0 {
		r.notOneOf(n, k, value, known)
	}
	return i, i >= 0
}

// compile parses the job's schedules, when its zone and its dst are known.
func (r *reader) compile() {
	if len(r.nodes.schedule) == 0 {
		return
	}
	loc, err := r.zones.Load(r.job.Timezone)
	if err != nil {
		return // a problem already, where the zone is named
	}
	o := schedule.Options{Location: loc, Seed: r.host.ID + "/" + r.job.Name, DST: r.job.DST}
	if len(r.nodes.schedule) == 1 {
		if rule, ok := r.rule(r.nodes.schedule[0], o); ok {
			r.job.Schedule, r.job.Slots = rule.text, rule.set
		}
	} else {
		for _, n := range r.nodes.schedule {
			if rule, ok := r.rule(n, o); ok {
				r.job.Schedule = append(r.job.Schedule, rule.text[0])
				r.job.Slots = append(r.job.Slots, rule.set[0])
			}
		}
	}
	if r.nodes.dst != nil && !r.nodes.scheduleCut && len(r.job.Slots) == len(r.nodes.schedule) && !slices.ContainsFunc(r.job.Slots, wallClock) {
		r.problem(r.nodes.dst, "dst", "dst means nothing to a schedule of elapsed time", "remove dst: the job's schedule runs by elapsed time, whatever the clock says")
	}
	r.judgeJitter()
	r.job.Delay = schedule.Jitter(r.job.Jitter, o.Seed)
}

func wallClock(s *schedule.Schedule) bool { return s.Kind() == schedule.KindCron && !s.Elapsed() }

// rule is one schedule, as text and compiled, in the form in which jobs share it.
type rule struct {
	text []string
	set  schedule.Set
}

type ruleKey struct {
	text string
	loc  *time.Location
	dst  schedule.DST
}

// rule parses one schedule. One that does not depend on the seed is parsed once.
func (r *reader) rule(n *yaml.Node, o schedule.Options) (rule, bool) {
	k := ruleKey{n.Value, o.Location, o.DST}
	if known, ok := r.rules[k]; ok {
		return known, true
	}
	parsed, err := schedule.Parse(n.Value, o)
	if err != nil {
		r.scheduleProblem(n, "schedule", err)
		return rule{}, false
	}
	made := rule{[]string{n.Value}, schedule.Set{parsed}}
	if !seeded(n.Value) {
		r.rules[k] = made
	}
	return made, true
}

// seeded tells whether a schedule may depend on the host and the job: any H may be
// a hash, and @every is spread by one.
func seeded(text string) bool {
	for _, c := range text {
		if c == 'H' || c == 'h' || c == '@' {
			return true
		}
	}
	return false
}

func (r *reader) scheduleProblem(n *yaml.Node, where string, err error) {
	bad, ok := errors.AsType[*schedule.Error](err)
	if !ok {
		r.problem(n, where, err.Error(), "")
		return
	}
	r.problemWithin(n, bad.Offset, where, bad.Message, bad.Hint)
}
