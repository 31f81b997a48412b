package config

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// source is one file while it is being read.
type source struct {
	path    string // absolute, as named
	order   int    // among the files read
	text    []byte
	root    *yaml.Node
	starts  []int               // offset of each line, made when first asked for
	secrets map[int][]span      // columns not to be shown, by line; made when first asked for
	hidden  map[*yaml.Node]bool // mappings of variables whose columns are among them
}

// span is a range of columns, from 1; to is exclusive and 0 for the line's end.
type span struct{ from, to int }

func newSource(path string, order int, text []byte) *source {
	return &source{path: path, order: order, text: bytes.TrimPrefix(text, []byte("\ufeff"))}
}

func (s *source) dir() string { return filepath.Dir(s.path) }

// clamp moves a place that lies beyond the end, where YAML puts a value that is
// missing there, to the end.
func (s *source) clamp(line, column int) (int, int) {
	last := len(s.lineStarts())
	if line > last {
		return last, utf8.RuneCountInString(s.line(last)) + 1
	}
	return line, column
}

// line returns the text of a line, from 1, without its end.
func (s *source) line(n int) string {
	starts := s.lineStarts()
	if n < 1 || n > len(starts) {
		return ""
	}
	end := len(s.text)
	if n < len(starts) {
		end = starts[n]
	}
	line := strings.TrimRight(string(s.text[starts[n-1]:end]), "\r\n\u0085\u2028\u2029")
	return strings.ToValidUTF8(line, "\ufffd")
}

func (s *source) lineStarts() []int {
	if s.starts == nil {
		s.starts = lineStarts(s.text)
	}
	return s.starts
}

// lineStarts breaks lines where YAML does, so that its line numbers hold.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		next := i + size
		if r == '\r' && next < len(text) && text[next] == '\n' {
			next++
		}
		switch r {
		case '\n', '\r', '\u0085', '\u2028', '\u2029':
			starts = append(starts, next)
		}
		i = next
	}
	return starts
}

// excerpt returns a line as it may be shown: without the values of `env` and
// `stdin`, every character of which becomes a dot, so that columns stay right.
func (s *source) excerpt(n int) string {
	if s.root == nil {
		return s.unparsed(n)
	}
	if s.secrets == nil {
		s.secrets, s.hidden = map[int][]span{}, map[*yaml.Node]bool{}
		s.hide(s.root)
	}
	line := []rune(s.line(n))
	for _, hidden := range s.secrets[n] {
		to := len(line)
		if hidden.to > 0 {
			to = min(to, hidden.to-1)
		}
		for i := hidden.from - 1; i >= 0 && i < to; i++ {
			if !strings.ContainsRune(" \t,{}[]\"'", line[i]) {
				line[i] = '·'
			}
		}
	}
	return string(line)
}

// hide notes the places of secrets under a node. Aliases are not followed: what
// they name is met where it stands.
func (s *source) hide(n *yaml.Node) {
	if n == nil {
		return
	}
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key == nil || value == nil {
				continue
			}
			switch key.Value {
			case "env":
				s.hideValues(target(value))
			case "stdin":
				s.hideScalar(n, i)
			}
		}
	}
	for _, child := range n.Content {
		s.hide(child)
	}
}

// hideValues notes the values of a mapping of variables and of what is merged into it.
func (s *source) hideValues(n *yaml.Node) {
	if n == nil || s.hidden[n] {
		return
	}
	s.hidden[n] = true
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			s.hideValues(target(item))
		}
		return
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		s.hideScalar(n, i)
		if n.Content[i].Tag == mergeTag {
			s.hideValues(target(n.Content[i+1]))
		}
	}
}

func (s *source) hideScalar(mapping *yaml.Node, key int) {
	value := target(mapping.Content[key+1])
	if value.Kind != yaml.ScalarNode {
		return
	}
	hidden := span{from: value.Column}
	if key+2 < len(mapping.Content) && mapping.Content[key+2].Line == value.Line {
		hidden.to = mapping.Content[key+2].Column
	}
	if !slices.Contains(s.secrets[value.Line], hidden) {
		s.secrets[value.Line] = append(s.secrets[value.Line], hidden)
	}
}

// within returns the line and column of a byte of a scalar's value. Where the
// value is not written on one line as it is (blocks, escapes), it is the scalar's
// own place.
func (s *source) within(n *yaml.Node, offset int) (line, column int) {
	if offset <= 0 || offset > len(n.Value) {
		return n.Line, n.Column
	}
	raw := []rune(s.line(n.Line))
	skip := n.Column - 1
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		skip++
	}
	if skip > len(raw) || !strings.HasPrefix(string(raw[skip:]), n.Value) {
		return n.Line, n.Column
	}
	return n.Line, skip + 1 + utf8.RuneCountInString(n.Value[:offset])
}
