package config

import (
	"fmt"
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	mergeTag = "!!merge"
	// manyKeys is from where on a mapping's keys are told apart by a map.
	manyKeys = 16
)

// entry is one key of a mapping and its value, aliases replaced by what they name.
type entry struct{ key, value *yaml.Node }

// target follows an alias. YAML aliases never name aliases.
func target(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isNull tells a value that was left out.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// isText tells a scalar that is a text in YAML.
func isText(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str"
}

// isPlain tells a scalar of one of YAML's own types, the text of which is unmistakable.
func isPlain(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode {
		return false
	}
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
		return true
	}
	return false
}

// describe says in words what a node is, without the text of a secret.
func (r *reader) describe(n *yaml.Node) string {
	if r.src.isSecret(n) {
		return kindOf(n)
	}
	return describe(n)
}

// kindOf describes a node without its text.
func kindOf(n *yaml.Node) string {
	switch {
	case isText(n):
		return "a text"
	case isPlain(n):
		return kinds[n.ShortTag()]
	case n.Kind == yaml.ScalarNode && !isNull(n):
		return "a value with a tag"
	}
	return describe(n)
}

// kinds are the types of plain values but texts, in words.
var kinds = map[string]string{
	"!!int": "a number", "!!float": "a number", "!!bool": "true or false", "!!timestamp": "a date",
}

// named quotes the text of a key that may be shown.
func (r *reader) named(key *yaml.Node) string {
	if r.src.isSecret(key) {
		return "a key"
	}
	return quote(key.Value)
}

// describe says in words what a node is.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch tag := n.ShortTag(); tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "the boolean " + n.Value
	case "!!int", "!!float":
		return "the number " + shorten(n.Value)
	case "!!timestamp":
		return "the date " + shorten(n.Value)
	case "!!str":
		return "the text " + quote(n.Value)
	default:
		return "the tag " + shorten(tag)
	}
}

// quote puts a user's text into a message: in quotes, on one line, not too long.
func quote(text string) string { return fmt.Sprintf("%q", shorten(text)) }

func shorten(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// entries returns the entries of a mapping, its own first and then those merged
// into it by `<<` that it does not have itself. Keys that are given twice or are no
// texts become problems and are left out.
func (r *reader) entries(n *yaml.Node, path string) []entry {
	known := keySet{entries: make([]entry, 0, len(n.Content)/2)}
	if len(n.Content)/2 > manyKeys {
		known.index = make(map[string]int, len(n.Content)/2)
	}
	merges := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := target(n.Content[i])
		switch {
		case !r.spend():
			return nil
		case key.Kind != yaml.ScalarNode:
			r.problem(n.Content[i], path, "expected a key; got "+r.describe(key), "write it as  name: value")
		case key.Tag == mergeTag:
			merges = true
		default:
			if first, ok := known.find(key.Value); ok {
				r.writtenTwice(first.key, n.Content[i], path)
				continue
			}
			known.add(entry{key, target(n.Content[i+1])})
		}
	}
	if merges {
		r.merge(&known, n, path)
	}
	return known.entries
}

func (r *reader) writtenTwice(first, again *yaml.Node, path string) {
	where := fmt.Sprintf("on line %d and on line %d", first.Line, again.Line)
	if first.Line == again.Line {
		where = fmt.Sprintf("on line %d in columns %d and %d", first.Line, first.Column, again.Column)
	}
	name := target(again)
	if !r.src.isSecret(again) {
		path = join(path, name.Value)
	}
	r.problem(again, path, r.named(name)+" is written twice: "+where, "remove one of them")
}

// merge adds what the merge keys of a mapping bring. A mapping's own keys are
// added before, and win. Each mapping is merged once: again would bring nothing,
// and one that is merged into itself would have no end.
func (r *reader) merge(known *keySet, n *yaml.Node, path string) {
	if known.merged[n] {
		return
	}
	if known.merged == nil {
		known.merged = map[*yaml.Node]bool{}
	}
	known.merged[n] = true
	for from := range mergedInto(n) {
		if from.Kind != yaml.MappingNode {
			r.problem(from, path, "expected a mapping to merge; got "+r.describe(from), "write  <<: *name  with &name at a mapping")
			continue
		}
		for i := 0; i+1 < len(from.Content); i += 2 {
			key := target(from.Content[i])
			if !r.spend() {
				return
			}
			if key.Kind != yaml.ScalarNode || key.Tag == mergeTag {
				continue
			}
			if _, ok := known.find(key.Value); !ok {
				known.add(entry{key, target(from.Content[i+1])})
			}
		}
		r.merge(known, from, path)
	}
}

// mergedInto yields the nodes that the merge keys of a mapping name.
func mergedInto(n *yaml.Node) iter.Seq[*yaml.Node] {
	return func(yield func(*yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if target(n.Content[i]).Tag != mergeTag {
				continue
			}
			from := target(n.Content[i+1])
			if from.Kind != yaml.SequenceNode {
				if !yield(from) {
					return
				}
				continue
			}
			for _, item := range from.Content {
				if !yield(target(item)) {
					return
				}
			}
		}
	}
}

// keySet is the entries of a mapping, found by key.
type keySet struct {
	entries []entry
	index   map[string]int      // nil while the keys are few
	merged  map[*yaml.Node]bool // what has been merged into them
}

func (s *keySet) find(key string) (entry, bool) {
	if s.index != nil {
		i, ok := s.index[key]
		if !ok {
			return entry{}, false
		}
		return s.entries[i], true
	}
	for _, e := range s.entries {
		if e.key.Value == key {
			return e, true
		}
	}
	return entry{}, false
}

func (s *keySet) add(e entry) {
	if s.index == nil && len(s.entries) >= manyKeys {
		s.index = make(map[string]int, 2*manyKeys)
		for i, known := range s.entries {
			s.index[known.key.Value] = i
		}
	}
	if s.index != nil {
		s.index[e.key.Value] = len(s.entries)
	}
	s.entries = append(s.entries, e)
}

// join makes a dotted path.
func join(path, key string) string {
	switch {
	case path == "":
		return key
	case key == "":
		return path
	}
	var b strings.Builder
	b.Grow(len(path) + 1 + len(key))
	b.WriteString(path)
	b.WriteByte('.')
	b.WriteString(key)
	return b.String()
}
