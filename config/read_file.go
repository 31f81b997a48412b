package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// file reads the top of a file. Groups and defaults come before the jobs that
// depend on them, wherever they stand.
func (r *reader) file(main bool) {
	root := r.src.root
	if isNull(root) { // it stands where the next text would, which may be beyond the end
		r.problemAt(1, 1, "", "expected a mapping with version and jobs; got nothing", "begin the file with  version: 1  and then  jobs:")
		return
	}
	if root.Kind != yaml.MappingNode {
		r.problem(root, "", "expected a mapping with version and jobs; got "+r.describe(root), "begin the file with  version: 1  and then  jobs:")
		return
	}
	entries := r.entries(root, "")
	if main && !slices.ContainsFunc(entries, func(e entry) bool { return e.key.Value == "version" }) {
		r.problem(root, "version", "the version is missing", "begin the file with  version: 1")
	}
	keys := fileKeys()
	for _, e := range entries {
		if find(keys, e.key.Value) == nil {
			r.unknown(e.key, "", keys)
		}
	}
	for i := range keys {
		for _, e := range entries {
			if e.key.Value == keys[i].name {
				keys[i].read(r, &keys[i], e.value)
			}
		}
	}
}

func (r *reader) version(k *key, n *yaml.Node) {
	var version int
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Decode(&version) != nil:
		r.wrongType(k, n)
	case version != 1:
		r.problem(n, k.where(), fmt.Sprintf("version %d is not known to this lsh", version), k.shape.hint)
	}
}

func (r *reader) defaults(k *key, n *yaml.Node) {
	if !r.section(k, n) {
		return
	}
	job := *r.base
	r.job, r.nodes, r.inDefaults, r.at = &job, jobNodes{}, true, k.name
	r.readKeys(n, "", jobKeys())
	r.useGroup()
	r.job, r.inDefaults, r.at = nil, false, ""
	r.base = &job
}

// section tells a mapping that has something to read. One whose every line is
// commented out is null, and as good as empty.
func (r *reader) section(k *key, n *yaml.Node) bool {
	if isNull(n) {
		return false
	}
	if n.Kind != yaml.MappingNode {
		r.wrongType(k, n)
		return false
	}
	return true
}

func (r *reader) groups(k *key, n *yaml.Node) {
	if !r.section(k, n) {
		return
	}
	for _, e := range r.entries(n, k.name) {
		name := e.key.Value
		r.at = join(k.name, name)
		place := Source{r.src.path, e.key.Line}
		switch first, taken := r.groupAt[name]; {
		case !r.name(e.key, "", "a group"):
		case taken:
			r.problem(e.key, "", fmt.Sprintf("group %s is defined twice: here and at %s:%d", quote(name), first.File, first.Line), "rename one of them")
		case e.value.Kind != yaml.MappingNode:
			r.groupAt[name], r.limits[name] = place, Group{MaxParallel: 1}
			r.problem(e.value, "", "expected a mapping with max_parallel; got "+r.describe(e.value), "write  "+name+": {max_parallel: 1}")
		default:
			r.limit = &Group{}
			before := len(r.found)
			r.readKeys(e.value, "", groupKeys())
			if r.limit.MaxParallel == 0 && len(r.found) == before {
				r.problem(e.key, "max_parallel", "group "+quote(name)+" has no limit", "write  "+name+": {max_parallel: 1}")
			}
			r.groupAt[name], r.limits[name] = place, *r.limit
		}
	}
	r.at, r.limit = "", nil
}

func (r *reader) maxParallel(k *key, n *yaml.Node) {
	if value, ok := r.number(k, n, 1, maxParallel); ok {
		r.limit.MaxParallel = value
	}
}
