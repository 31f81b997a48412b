package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader reads the nodes of one file.
type reader struct {
	*loader
	src *source
	// base is what lies under the file's jobs: its own defaults over the main file's.
	base *Job

	// at is the dotted path of the mapping being read: jobs.backup.
	at         string
	inDefaults bool
	job        *Job
	nodes      jobNodes
	limit      *Group
	includes   []included
}

// jobNodes are the places in a job that are judged when all of it has been read.
type jobNodes struct {
	name, command, shell, group, dst, jitter *yaml.Node
	schedule                                 []*yaml.Node
	scheduleCut                              bool // it has items beside these, which are wrong
}

// problem notes what is wrong at a node, and what to write instead. The path goes
// on from the mapping being read.
func (r *reader) problem(n *yaml.Node, path, message, hint string) {
	r.problemAt(n.Line, n.Column, path, message, hint)
}

// problemWithin notes what is wrong at a byte of a scalar's value.
func (r *reader) problemWithin(n *yaml.Node, offset int, path, message, hint string) {
	line, column := r.src.within(n, offset)
	r.problemAt(line, column, path, message, hint)
}

func (r *reader) problemAt(line, column int, path, message, hint string) {
	line, column = r.src.clamp(line, column)
	r.report(r.src.order, Problem{
		File: r.src.path, Line: line, Column: column, Key: join(r.at, path),
		Message: message, Hint: hint, Excerpt: r.src.excerpt(line),
	})
}

func (r *reader) wrongType(k *key, n *yaml.Node) {
	hint := k.shape.hint
	if k.shape.free && isPlain(n) {
		hint = r.quoteHint(n)
	}
	r.problem(n, k.where(), "expected "+k.shape.want+"; got "+r.describe(n), hint)
}

// notOneOf notes a text that is none of the known ones.
func (r *reader) notOneOf(n *yaml.Node, k *key, word string, known []string) {
	hint := "write one of " + list(known)
	if near, ok := Nearest(word, known); ok {
		hint = "did you mean " + near + "?"
	}
	r.problem(n, k.where(), "expected "+k.shape.want+"; got "+r.describe(n), hint)
}

// text returns a scalar that is a text, or notes what it is instead.
func (r *reader) text(k *key, n *yaml.Node) (string, bool) {
	if !isText(n) {
		r.wrongType(k, n)
		return "", false
	}
	return n.Value, r.noNUL(k.where(), n)
}

// filled returns a text that is not empty.
func (r *reader) filled(k *key, n *yaml.Node) (string, bool) {
	value, ok := r.text(k, n)
	if ok && strings.TrimSpace(value) == "" {
		r.problem(n, k.where(), "expected "+k.shape.want+"; got an empty text", k.shape.hint)
		return "", false
	}
	return value, ok
}

// noNUL refuses what no system call takes.
func (r *reader) noNUL(path string, n *yaml.Node) bool {
	if strings.ContainsRune(n.Value, 0) {
		r.problem(n, path, "the text holds a NUL character", "remove the \\0")
		return false
	}
	return true
}

// items returns the items of a list. An empty list is refused unless it may be.
func (r *reader) items(k *key, n *yaml.Node, mayBeEmpty bool) ([]*yaml.Node, bool) {
	if n.Kind != yaml.SequenceNode {
		r.wrongType(k, n)
		return nil, false
	}
	if len(n.Content) == 0 && !mayBeEmpty {
		r.problem(n, k.where(), "expected "+k.shape.want+"; got an empty list", k.shape.hint)
		return nil, false
	}
	items := make([]*yaml.Node, 0, len(n.Content))
	for _, item := range n.Content {
		if !r.spend() {
			return nil, false
		}
		items = append(items, target(item))
	}
	return items, true
}

// words returns the items of a list of texts that are not empty, each of which
// check lets pass or notes as a problem.
func (r *reader) words(k *key, n *yaml.Node, mayBeEmpty bool, check func(*yaml.Node) bool) ([]string, bool) {
	items, ok := r.items(k, n, mayBeEmpty)
	if !ok {
		return nil, false
	}
	values := make([]string, 0, len(items))
	for _, item := range items {
		switch {
		case !isText(item):
			r.problem(item, k.where(), "expected a text in the list; got "+r.describe(item), r.quoteHint(item))
			ok = false
		case item.Value == "":
			r.problem(item, k.where(), "expected "+k.shape.want+"; got an empty text in it", k.shape.hint)
			ok = false
		case !r.noNUL(k.where(), item) || check != nil && !check(item):
			ok = false
		default:
			values = append(values, r.intern(item.Value))
		}
	}
	return values, ok
}

func (r *reader) quoteHint(n *yaml.Node) string {
	switch {
	case isPlain(n) && r.src.isSecret(n):
		return "put it in quotes"
	case isPlain(n):
		return `put it in quotes: "` + shorten(n.Value) + `"`
	}
	return "write a text"
}

// oneOrMore returns the nodes of a text or of a list of texts.
func (r *reader) oneOrMore(k *key, n *yaml.Node) ([]*yaml.Node, bool) {
	if n.Kind == yaml.ScalarNode {
		_, ok := r.filled(k, n)
		return []*yaml.Node{n}, ok
	}
	items, ok := r.items(k, n, true)
	for _, item := range items {
		if _, good := r.filled(k, item); !good {
			ok = false
		}
	}
	return items, ok
}

// number returns an integer within bounds.
func (r *reader) number(k *key, n *yaml.Node, least, most int) (int, bool) {
	var value int
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Decode(&value) != nil || value < least || value > most {
		r.wrongType(k, n)
		return 0, false
	}
	return value, true
}
