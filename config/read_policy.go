package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *reader) overlap(k *key, n *yaml.Node) {
	if i, ok := r.choose(k, n, overlaps); ok {
		r.job.Overlap = Overlap(i)
	}
}

// String returns the policy as jobs files write it.
func (o Overlap) String() string { return overlaps[o] }

// group takes the name; whether there is such a group is known when all files
// have been read.
func (r *reader) group(k *key, n *yaml.Node) {
	if value, ok := r.text(k, n); ok {
		r.job.Group, r.nodes.group = r.intern(value), n
	}
}

func (r *reader) stopSignal(k *key, n *yaml.Node) {
	if name, ok := numbered[n.Value]; ok && !isText(n) {
		r.problem(n, k.where(), "expected "+k.shape.want+"; got "+r.describe(n), "write  signal: "+name)
		return
	}
	if value, ok := r.text(k, n); ok {
		if signal, ok := r.signal(k, n, value, 0); ok {
			r.job.Stop.Signal = signal
		}
	}
}

// signal reads the name of a signal that begins at an offset of a node's value.
func (r *reader) signal(k *key, n *yaml.Node, text string, offset int) (string, bool) {
	name, ok := ParseSignal(text)
	if ok {
		return r.intern(name), true
	}
	hint := k.shape.hint
	if name != "" {
		hint = "did you mean " + name + "?"
	}
	if name, ok := numbered[text]; ok {
		hint = "write " + name
	}
	r.problemWithin(n, offset, k.where(), "unknown signal "+quote(text), hint)
	return "", false
}

func (r *reader) success(k *key, n *yaml.Node) {
	if codes, ok := r.codes(k, n); ok {
		r.job.Success = codes
	}
}

// codes reads a list of exit codes, sorted and each once.
func (r *reader) codes(k *key, n *yaml.Node) ([]int, bool) {
	items, ok := r.items(k, n, false)
	if !ok {
		return nil, false
	}
	codes := make([]int, 0, len(items))
	for _, item := range items {
		var code int
		if item.Kind != yaml.ScalarNode || item.ShortTag() != "!!int" || item.Decode(&code) != nil || code < 0 || code > 255 {
			r.problem(item, k.where(), "expected an exit code from 0 to 255; got "+r.describe(item), k.shape.hint)
			ok = false
			continue
		}
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return slices.Compact(codes), ok
}

// changeActions are the values of on_change, in the order of their constants.
var changeActions = []string{"finish", "restart", "signal"}

func (r *reader) onChange(k *key, n *yaml.Node) {
	value, ok := r.text(k, n)
	if !ok {
		return
	}
	if name, ok := strings.CutPrefix(value, "signal:"); ok {
		if signal, ok := r.signal(k, n, name, len("signal:")); ok {
			r.job.OnChange = OnChange{Action: ChangeSignal, Signal: signal}
		}
		return
	}
	switch i := slices.Index(changeActions[:ChangeSignal], value); {
	case i >= 0:
		r.job.OnChange = OnChange{Action: ChangeAction(i)}
	case value == "signal":
		r.problem(n, k.where(), "on_change: signal does not say which", "write signal:HUP")
	default:
		if name, ok := ParseSignal(value); ok {
			r.problem(n, k.where(), "expected "+k.shape.want+"; got "+r.describe(n), "write signal:"+name)
			return
		}
		r.notOneOf(n, k, value, []string{changeActions[ChangeFinish], changeActions[ChangeRestart], "signal:HUP"})
	}
}

// String returns the action as jobs files write it.
func (o OnChange) String() string {
	if o.Action == ChangeSignal {
		return "signal:" + o.Signal
	}
	return changeActions[o.Action]
}
