package settings

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lsh-project/lsh/config"
)

// readFile is what config.yaml says, by key. named tells that somebody asked
// for this very file, which then must be there.
func readFile(file string, named bool, r reading) (map[string]any, Problems) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil, nil
	}
	if err != nil {
		cause := err
		if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
			cause = pathErr.Err
		}
		return nil, Problems{{Where: file, Message: "read settings: " + cause.Error(), Hint: readHint(err, named)}}
	}
	if p, bad := config.SyntaxProblem(file, text); bad {
		return nil, Problems{{Where: fmt.Sprintf("%s:%d:%d", file, p.Line, p.Column), Message: p.Message, Hint: p.Hint}}
	}
	root, second, err := parse(text)
	if err != nil {
		return nil, Problems{{Where: file, Message: strings.TrimPrefix(err.Error(), "yaml: ")}}
	}
	if second != nil {
		return nil, Problems{{
			Where:   fmt.Sprintf("%s:%d:%d", file, second.Line, second.Column),
			Message: "a second document begins here, want one", Hint: "remove the --- line",
		}}
	}
	w := walk{file: file, reading: r, values: map[string]any{}, lines: map[string]int{}}
	w.document(root)
	return w.values, w.problems
}

// readHint is what to do about a file that cannot be read.
func readHint(err error, named bool) string {
	switch {
	case errors.Is(err, fs.ErrNotExist) && named:
		return "name another with --config or LSH_CONFIG"
	case errors.Is(err, fs.ErrPermission):
		return "make it readable for its user"
	}
	return "make it a readable file"
}

// parse is the file's one document, nil for an empty file, and a second one that
// must not be.
func parse(text []byte) (root, second *yaml.Node, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	err = decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if err := decoder.Decode(&more); err == nil {
		second = &more
	} else if !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	return document.Content[0], second, nil
}

// walk goes through the document and gathers values and problems.
type walk struct {
	reading
	file     string
	values   map[string]any
	lines    map[string]int // of the keys seen
	problems Problems
}

func (w *walk) document(root *yaml.Node) {
	if root == nil || root.Tag == "!!null" {
		return
	}
	if root.Kind != yaml.MappingNode {
		w.wrong(root, "", "the file is %s, want keys and values", bareKindOf(root))
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		w.entry(root.Content[i], root.Content[i+1])
	}
}

func (w *walk) entry(name, node *yaml.Node) {
	if name.Kind == yaml.ScalarNode && name.Value == database {
		if w.first(database, name) {
			w.database(node)
		}
		return
	}
	k, known := keyNamed(name.Value)
	if !known || name.Kind != yaml.ScalarNode {
		names := append(keyNames(), database)
		hint := cmp.Or(strayed(name.Value), meant(name.Value, names), "the keys are "+orList(names))
		w.wrong(name, hint, "unknown key%s", quoted(name))
		return
	}
	w.keyed(k, name, node)
}

// first tells whether a key has not been met before.
func (w *walk) first(key string, name *yaml.Node) bool {
	if line, twice := w.lines[key]; twice {
		w.wrong(name, "", "%s is there twice, first on line %d", key, line)
		return false
	}
	w.lines[key] = name.Line
	return true
}

// keyed reads the value of k, which has the name that is given.
func (w *walk) keyed(k key, name, node *yaml.Node) {
	if !w.first(k.name, name) {
		return
	}
	node = target(node)
	switch {
	case k.kind == patterns:
		w.patterns(k, node)
		return
	case k.kind == command && node.Kind == yaml.SequenceNode:
		w.argv(k, node)
		return
	}
	text, ok := w.text(k, node)
	if !ok {
		return
	}
	value, hint, err := w.value(k, text)
	if err != nil {
		w.wrong(node, hint, "%s: %v", k.name, err)
		return
	}
	w.values[k.name] = value
}

// text is the node's value, when it is of the type that k wants.
func (w *walk) text(k key, node *yaml.Node) (string, bool) {
	want, tag := "text", "!!str"
	switch k.kind {
	case count:
		want, tag = "a whole number", "!!int"
	case toggle:
		want, tag = "true or false", "!!bool"
	case command:
		want = "text or a list of words"
	}
	if node.Kind != yaml.ScalarNode || node.Tag != tag {
		hint := ""
		if tag == "!!str" && node.Kind == yaml.ScalarNode && node.Tag != "!!null" {
			hint = "put it in quotes"
		}
		kind := kindOf(node)
		if k.secret() {
			kind = bareKindOf(node)
		}
		w.wrong(node, hint, "%s is %s, want %s", k.name, kind, want)
		return "", false
	}
	switch k.kind {
	case toggle:
		return strings.ToLower(node.Value), true // True is one too
	case count:
	default:
		return node.Value, true
	}
	var n int
	if err := node.Decode(&n); err != nil {
		return node.Value, true // too large: said as a bad value
	}
	return strconv.Itoa(n), true
}

func (w *walk) wrong(at *yaml.Node, hint, format string, args ...any) {
	where := fmt.Sprintf("%s:%d:%d", w.file, at.Line, at.Column)
	w.problems = append(w.problems, Problem{Where: where, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// target follows an alias.
func target(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// quoted is an unknown key for a message. What does not look like one may be a URL
// that was put where a key should be.
func quoted(name *yaml.Node) string {
	if name.Kind != yaml.ScalarNode || regexp.MustCompile(`[^A-Za-z0-9_.-]`).MatchString(name.Value) {
		return ""
	}
	return fmt.Sprintf(" %q", name.Value)
}

// bareKindOf is kindOf without the value, which may be a secret.
func bareKindOf(node *yaml.Node) string {
	if node.Kind == yaml.ScalarNode {
		switch node.Tag {
		case "!!bool":
			return "a yes or no"
		case "!!int", "!!float":
			return "a number"
		case "!!str":
			return "a text"
		}
	}
	return kindOf(node)
}

func kindOf(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch node.Tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "a yes or no (" + node.Value + ")"
	case "!!int", "!!float":
		return "a number (" + node.Value + ")"
	case "!!str":
		return fmt.Sprintf("the text %q", node.Value)
	}
	return "a value of type " + node.Tag
}
