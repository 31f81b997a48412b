package config

import (
	"bytes"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// source is one file while it is being read.
type source struct {
	path   string   // absolute, as named
	order  int      // among the files read
	keys   []string // of files and jobs, to tell slips of the pen from them
	text   []byte
	root   *yaml.Node
	starts []int    // offset of each line, made when first asked for
	found  *secrets // made when first asked for
	closed bool     // all of it may be secret

	// Of a file that is no YAML, and was read all the same.
	mended bool
	moved  map[int]int // how much further right than written the text of a line was read
	user   *source     // of a copy that is being mended: the file as it is written
	work   int         // bytes parsed to find slips
}

func newSource(path string, order int, text []byte) *source {
	return &source{path: path, order: order, text: bytes.TrimPrefix(text, []byte("\ufeff"))}
}

func (s *source) dir() string { return filepath.Dir(s.path) }

// clamp moves a place that lies beyond the end, where YAML puts a value that is
// missing there, to the end of the last line that has one.
func (s *source) clamp(line, column int) (int, int) {
	last := len(s.lineStarts())
	if last > 1 && s.line(last) == "" {
		last--
	}
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
