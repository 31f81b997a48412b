package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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
		w.wrong(root, "", "the file is %s, want keys and values", kindOf(root))
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		w.entry(root.Content[i], root.Content[i+1])
	}
}

func (w *walk) entry(name, node *yaml.Node) {
	k, known := keyNamed(name.Value)
	if !known || name.Kind != yaml.ScalarNode {
		hint := meant(name.Value, keyNames())
		if hint == "" {
			hint = "the keys are " + orList(keyNames())
		}
		w.wrong(name, hint, "unknown key %q", name.Value)
		return
	}
	if line, twice := w.lines[k.name]; twice {
		w.wrong(name, "", "%s is there twice, first on line %d", k.name, line)
		return
	}
	w.lines[k.name] = name.Line

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
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	want, tag := "text", "!!str"
	if k.kind == count {
		want, tag = "a whole number", "!!int"
	}
	if node.Kind != yaml.ScalarNode || node.Tag != tag {
		hint := ""
		if tag == "!!str" && node.Kind == yaml.ScalarNode && node.Tag != "!!null" {
			hint = "put it in quotes"
		}
		w.wrong(node, hint, "%s is %s, want %s", k.name, kindOf(node), want)
		return "", false
	}
	if k.kind != count {
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
