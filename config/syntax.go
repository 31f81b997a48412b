package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parse makes nodes of the file, or a problem. It returns false when there is
// nothing to read on with.
func (r *reader) parse() bool {
	src := r.src
	if i := invalidAt(src.text); i >= 0 {
		line, column := src.spotOf(i)
		r.problemAt(line, column, "", "the file is not UTF-8 text", "save it as UTF-8")
		return false
	}
	root, more, err := parseYAML(src.text)
	if err != nil {
		r.syntax(err)
		return false
	}
	if root == nil {
		root = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: 1, Column: 1}
	}
	src.root = root
	if more != nil {
		r.problem(more, "", "a second YAML document begins here", "remove the --- line, or make it a file of its own and include it")
	}
	return true
}

// parseYAML returns the first document of a text, and the next one if there is any.
// The parser is third-party code that is known to have panicked; a text that makes
// it do so is as wrong as one that it refuses, and must not end a daemon.
func parseYAML(text []byte) (root, more *yaml.Node, err error) {
	defer func() {
		if v := recover(); v != nil {
			root, more, err = nil, nil, fmt.Errorf("the file cannot be parsed: %v", v)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil, nil
		}
		return nil, nil, err
	}
	if err := decoder.Decode(&second); err == nil {
		more = &second
	} else if !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	return target(first.Content[0]), more, nil
}

// syntax turns the parser's error, which names at most a line, and mostly that at
// which a mapping begins, into a problem at the place of the slip.
func (r *reader) syntax(err error) {
	line, message := splitSyntax(err)
	if strings.Contains(message, "control characters") {
		line, column := r.src.spotOf(controlAt(r.src.text))
		r.problemAt(line, column, "", "the file holds a control character", "remove it")
		return
	}
	if strings.Contains(message, endOfStream) {
		if line, column, ok := r.src.openQuote(len(r.src.lineStarts()) + 1); ok {
			r.problemAt(line, column, "", "a quote is opened and never closed", "close it with the same character")
			return
		}
	} else {
		line = r.src.slip(line, message)
	}
	line = max(line, 1)
	if name, ok := strings.CutPrefix(message, "unknown anchor "); ok {
		name, _, _ = strings.Cut(strings.TrimPrefix(name, "'"), "'")
		r.unknownAnchor(line, name)
		return
	}
	if r.swallowed(line) {
		return
	}
	_, secret := r.src.secretFrom(line)
	column, text, hint := diagnose(r.src.line(line), message, secret)
	r.problemAt(line, column, "", text, hint)
}

func (r *reader) unknownAnchor(line int, name string) {
	column := 1
	if before, _, found := strings.Cut(r.src.line(line), "*"+name); found {
		column += utf8.RuneCountInString(before)
	} else {
		line, column = r.src.spotOf(max(bytes.Index(r.src.text, []byte("*"+name)), 0))
	}
	text, hint := "the alias *"+name+" names nothing", "put a text that begins with * in quotes, or define &"+name+" above"
	if _, secret := r.src.secretFrom(line); secret {
		text, hint = "an alias names nothing", "put a text that begins with * in quotes, or define the alias above, with &"
	}
	r.problemAt(line, column, "", text, hint)
}

var linePrefix = lazily(`^line (\d+): `)

func splitSyntax(err error) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := linePrefix().FindStringSubmatch(message); m != nil {
		message = message[len(m[0]):]
		line, _ = strconv.Atoi(m[1]) // only digits match; a line beyond int is 0, unknown
	}
	return line, message
}

// slip returns the first line with which the text up to it is refused for the same
// reason. The parser reads from front to back, so that a text is refused from there on.
func (s *source) slip(reported int, message string) int {
	starts := s.lineStarts()
	if len(s.text) > dear {
		return min(reported, len(starts))
	}
	low, high := 0, len(starts) // refused with high lines, not with low ones
	for high-low > 1 {
		middle := (low + high) / 2
		_, _, err := parseYAML(s.text[:starts[middle]])
		if _, same := splitSyntax(orNone(err)); err != nil && same == message {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// dear is the size in bytes from which on to parse a text again and again takes seconds.
const dear = 1 << 20

func orNone(err error) error {
	if err == nil {
		return errors.New("")
	}
	return err
}

// spotOf returns the line and column of an offset.
func (s *source) spotOf(offset int) (line, column int) {
	starts := lineStarts(s.text[:offset])
	return len(starts), 1 + utf8.RuneCount(s.text[starts[len(starts)-1]:offset])
}

// controlAt returns the offset of the first character that YAML does not allow, 0
// when there is none.
func controlAt(text []byte) int {
	return max(bytes.IndexFunc(text, func(c rune) bool {
		switch {
		case c == '\t', c == '\n', c == '\r', c == '\u0085', c == '\ufeff':
			return false
		}
		return c < ' ' || 0x7f <= c && c < 0xa0 || 0xfffe <= c && c <= 0xffff
	}), 0)
}

var (
	tabIndent = lazily(`^ *\t`)
	specials  = lazily("^[^#\"']*?(?:[:\\[,-]\\s+|^\\s*)([@`%*!&|>\\]}])")
	secondKey = lazily(`^[^#"']*?:\s+[^"'\[{#][^#]*?(:(\s|$))`)
	quoted    = lazily(`^.*?(?::|-)\s+("[^"]*"|'[^']*'|\[[^\]]*\]|\{[^}]*\})\s*[^\s#,}\]]`)
)

// diagnose guesses from a line what is wrong with it: the column, in characters,
// and the words, which hold nothing of a secret.
func diagnose(line, message string, secret bool) (column int, text, hint string) {
	at := func(byteOffset int) int { return 1 + utf8.RuneCountInString(line[:byteOffset]) }
	indent := at(len(line) - len(strings.TrimLeftFunc(line, unicode.IsSpace)))
	switch {
	case strings.Contains(message, endOfStream):
		i := max(strings.IndexAny(line, `"'`), 0)
		return at(i), "a quote is opened and never closed", "close it with the same character"
	case tabIndent().MatchString(line):
		return at(strings.IndexByte(line, '\t')), "a tab in the indentation", "indent with spaces"
	case strings.Contains(message, "mapping values are not allowed"):
		if m := secondKey().FindStringSubmatchIndex(line); m != nil {
			return at(m[2]), "a second colon in an unquoted value", "put the value in quotes"
		}
		return indent, "this line is indented deeper than the one before allows", "indent it like the other keys of the same mapping"
	}
	if m := specials().FindStringSubmatchIndex(line); m != nil {
		rest := strings.TrimSpace(line[m[2]:])
		if secret {
			return at(m[2]), "an unquoted value cannot begin with this character", "put it in quotes"
		}
		return at(m[2]), "an unquoted value cannot begin with " + rest[:1], `put it in quotes: "` + shorten(rest) + `"`
	}
	if m := quoted().FindStringSubmatchIndex(line); m != nil {
		return at(m[3]), "the value ends here, but the line goes on", "put the whole value in quotes of the other kind"
	}
	switch {
	case strings.Contains(message, "did not find expected key"):
		return indent, "the indentation does not fit the lines above", "the keys of one mapping begin in the same column"
	case strings.Contains(message, "could not find expected ':'"):
		return indent, "a key without a colon", "write it as  name: value"
	case strings.Contains(message, "did not find expected ',' or"):
		if i := strings.IndexAny(line, "[{"); i >= 0 {
			indent = at(i)
		}
		return indent, "a bracket is opened and never closed", "close it, or put a comma between the items"
	case strings.Contains(message, "expected '-' indicator"):
		return indent, "a list goes on with a line that is no item", "begin it with - in the column of the others"
	}
	return indent, "this is not YAML: " + message, ""
}
