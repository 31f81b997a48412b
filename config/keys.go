package config

import (
	"iter"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

// key is one key of the jobs file. Tables of them are all there is to know of the
// language: what is not in one is not accepted.
type key struct {
	name string
	doc  string // one sentence for people, also in the schema
	// path is the dotted path from the job, where it is not the name.
	path  string
	class Class // of a change; the keys inside one share its class
	// jobOnly keys make no sense as a default.
	jobOnly bool
	// first keys are read before the others, which depend on them.
	first bool
	shape shape
	keys  []key // of a mapping with fixed keys
	// read takes the value into the reader's job, group or file. A key without it
	// is a mapping of keys.
	read func(r *reader, k *key, n *yaml.Node)
	// show returns the canonical text of a job's value, "" when it has none.
	show func(j *Job) string
}

// shape is what a value looks like.
type shape struct {
	want string // completes "expected …"
	hint string // what to write instead, when nothing nearer is known
	// free takes any text: a value of another type merely lacks quotes.
	free   bool
	schema map[string]any
}

// where is the key's dotted path from its job.
func (k *key) where() string {
	if k.path != "" {
		return k.path
	}
	return k.name
}

func find(keys []key, name string) *key {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

// leaves yields the keys that hold values: those inside a key stand for it.
func leaves(keys []key) iter.Seq[*key] {
	return func(yield func(*key) bool) {
		for i := range keys {
			if keys[i].keys == nil {
				if !yield(&keys[i]) {
					return
				}
				continue
			}
			for leaf := range leaves(keys[i].keys) {
				if !yield(leaf) {
					return
				}
			}
		}
	}
}

// fileKeys are the keys at the top of a jobs file. The tables are made when
// they are first asked for: most commands of lsh read no jobs file.
var fileKeys = sync.OnceValue(func() []key {
	return []key{
		{
			name: "version", doc: "The version of the language: 1.",
			shape: shape{want: "the number 1", hint: "write  version: 1", schema: schemaOf("const", 1)},
			read:  (*reader).version,
		},
		{
			name: "include", doc: "Further files, as paths or patterns relative to this one. They hold jobs, groups and defaults of their own.",
			shape: texts("a path or a list of paths", "write  include: [jobs.d/*.yaml]"),
			read:  (*reader).include,
		},
		{
			name: "defaults", doc: "Keys laid under every job; env is merged variable by variable.",
			shape: shape{want: "a mapping of keys of a job"},
			read:  (*reader).defaults,
		},
		{
			name: "groups", doc: "Limits that jobs share, by name.",
			shape: shape{want: "a mapping of groups by name", hint: "write  name: {max_parallel: 1}"},
			read:  (*reader).groups,
		},
		{
			name: "jobs", doc: "The jobs by name.",
			shape: shape{want: "a mapping of jobs by name", hint: "write  name: {command: …}"},
			read:  (*reader).jobs,
		},
	}
})

// groupKeys are the keys of a group.
var groupKeys = sync.OnceValue(func() []key {
	return []key{
		{
			name: "max_parallel", doc: "How many runs of the group's jobs may be in progress at once.",
			shape: shape{
				want: "a number from 1", hint: "write  max_parallel: 1",
				schema: map[string]any{"type": "integer", "minimum": 1, "maximum": maxParallel},
			},
			read: (*reader).maxParallel,
		},
	}
})

// readKeys reads a mapping whose keys are known.
func (r *reader) readKeys(n *yaml.Node, path string, keys []key) {
	entries := r.entries(n, path)
	for _, e := range entries {
		if k := find(keys, e.key.Value); k != nil && k.first {
			r.readKey(k, e)
		}
	}
	for _, e := range entries {
		k := find(keys, e.key.Value)
		switch {
		case k == nil:
			r.unknown(e.key, path, keys)
		case !k.first:
			r.readKey(k, e)
		}
	}
}

func (r *reader) readKey(k *key, e entry) {
	if r.inDefaults && k.jobOnly {
		r.problem(e.key, k.where(), quote(k.name)+" cannot have a default", "write it in each job")
		return
	}
	if k.keys == nil {
		r.traceKey(k.where(), e.key)
		k.read(r, k, e.value)
		return
	}
	if e.value.Kind != yaml.MappingNode {
		r.wrongType(k, e.value)
		return
	}
	r.readKeys(e.value, k.where(), k.keys)
}

func (r *reader) unknown(n *yaml.Node, path string, keys []key) {
	hint := ""
	names := keyNames(keys, r.inDefaults)
	if near, ok := meant(n.Value, names); ok {
		hint = "did you mean " + near + "?"
		if near == "command" {
			r.nodes.command = n // one slip, one problem: the command is not missing
		}
	} else {
		hint = keysHint(names)
	}
	r.problem(n, join(path, n.Value), "unknown key "+quote(n.Value), hint)
}

func keyNames(keys []key, defaultsOnly bool) []string {
	var names []string
	for _, k := range keys {
		if !defaultsOnly || !k.jobOnly {
			names = append(names, k.name)
		}
	}
	slices.Sort(names)
	return names
}
