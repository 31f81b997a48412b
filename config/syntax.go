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
		if root, more = r.mend(err); root == nil {
			return false
		}
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

// SyntaxProblem returns why a file that is no jobs file is no YAML either, in the
// words that a jobs file gets; ok is false when it is YAML. Nothing of the file is in
// them: any line of it may hold a password.
func SyntaxProblem(path string, text []byte) (p Problem, ok bool) {
	s := newSource(path, 0, text)
	s.closed = true
	if i := invalidAt(s.text); i >= 0 {
		line, column := s.spotOf(i)
		return Problem{File: path, Line: line, Column: column, Message: "the file is not UTF-8 text", Hint: "save it as UTF-8"}, true
	}
	_, _, err := parseYAML(s.text)
	if err == nil {
		return Problem{}, false
	}
	found := s.syntax(err)
	line, column := s.clamp(found.line, found.column)
	return Problem{File: path, Line: line, Column: column, Message: found.text, Hint: found.hint}, true
}

// slip is what the parser refused a file for: the place, the words, and its kind.
type slip struct {
	line, column int
	text, hint   string
	kind         slipKind
}

// slipKind says what would have to be done about a slip.
type slipKind uint8

const (
	slipOther     slipKind = iota // nobody can tell
	slipControl                   // remove the character
	slipQuote                     // close it
	slipAlias                     // put it in quotes, or define it
	slipIndent                    // indent otherwise
	slipTab                       // the same, with spaces
	slipValue                     // put all of the line's value in quotes
	slipBeginning                 // the same, from the place on
	slipColon                     // put a colon after the key
	slipBracket                   // close it
)

// syntax turns the parser's error, which names at most a line, and mostly that at
// which a mapping begins, into a slip at its place.
func (s *source) syntax(err error) slip {
	line, message := splitSyntax(err)
	if strings.Contains(message, "control characters") {
		line, column := s.spotOf(controlAt(s.text))
		return slip{line, column, "the file holds a control character", "remove it", slipControl}
	}
	if strings.Contains(message, endOfStream) {
		if line, column, ok := s.openQuote(len(s.lineStarts()) + 1); ok {
			return slip{line, column, "a quote is opened and never closed", "close it with the same character", slipQuote}
		}
	} else {
		line = s.slip(line, message)
	}
	line = max(line, 1)
	if name, ok := strings.CutPrefix(message, "unknown anchor "); ok {
		name, _, _ = strings.Cut(strings.TrimPrefix(name, "'"), "'")
		return s.unknownAnchor(line, name)
	}
	if found, ok := s.swallowed(line); ok {
		return found
	}
	_, secret := s.secretFrom(line)
	found := diagnose(s.line(line), message, secret)
	found.line = line
	return found
}

func (s *source) unknownAnchor(line int, name string) slip {
	column := 1
	if before, _, found := strings.Cut(s.line(line), "*"+name); found {
		column += utf8.RuneCountInString(before)
	} else {
		line, column = s.spotOf(max(bytes.Index(s.text, []byte("*"+name)), 0))
	}
	text, hint := "the alias *"+name+" names nothing", "put a text that begins with * in quotes, or define &"+name+" above"
	if _, secret := s.secretFrom(line); secret {
		text, hint = "an alias names nothing", "put a text that begins with * in quotes, or define the alias above, with &"
	}
	return slip{line, column, text, hint, slipAlias}
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
		s.work += starts[middle]
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
	specials  = lazily("^[^#\"']*?(?:[:-]\\s+|[\\[{,]\\s*|^\\s*)([@`%*!&|>\\]}])")
	secondKey = lazily(`^[^#"']*?:\s+[^"'\[{#][^#]*?(:(\s|$))`)
	quoted    = lazily(`^.*?(?::|-)\s+("[^"]*"|'[^']*'|\[[^\]]*\]|\{[^}]*\})\s*[^\s#,}\]]`)
)

// brackets is how many more brackets a line opens than it closes.
func brackets(line string) int {
	return strings.Count(line, "[") + strings.Count(line, "{") - strings.Count(line, "]") - strings.Count(line, "}")
}

// diagnose guesses from a line what is wrong with it. The words hold nothing of a
// secret.
func diagnose(line, message string, secret bool) slip {
	found := func(column int, text, hint string, kind slipKind) slip { return slip{0, column, text, hint, kind} }
	at := func(byteOffset int) int { return 1 + utf8.RuneCountInString(line[:byteOffset]) }
	indent := at(len(line) - len(strings.TrimLeftFunc(line, unicode.IsSpace)))
	switch {
	case strings.Contains(message, endOfStream):
		i := max(strings.IndexAny(line, `"'`), 0)
		return found(at(i), "a quote is opened and never closed", "close it with the same character", slipQuote)
	case tabIndent().MatchString(line):
		return found(at(strings.IndexByte(line, '\t')), "a tab in the indentation", "indent with spaces", slipTab)
	case strings.Contains(message, "mapping values are not allowed"):
		if m := secondKey().FindStringSubmatchIndex(line); m != nil {
			return found(at(m[2]), "a second colon in an unquoted value", "put the value in quotes", slipValue)
		}
		return found(indent, "this line is indented deeper than the one before allows", "indent it like the other keys of the same mapping", slipIndent)
	}
	if m := specials().FindStringSubmatchIndex(line); m != nil {
		rest := strings.TrimSpace(line[m[2]:])
		if strings.ContainsAny(line[:m[2]], "[{") {
			rest = string([]rune(rest)[:max(endOfValue(rest, 0), 1)])
		}
		if secret {
			return found(at(m[2]), "an unquoted value cannot begin with this character", "put it in quotes", slipBeginning)
		}
		return found(at(m[2]), "an unquoted value cannot begin with "+rest[:1], `put it in quotes: "`+shorten(rest)+`"`, slipBeginning)
	}
	if m := quoted().FindStringSubmatchIndex(line); m != nil {
		return found(at(m[3]), "the value ends here, but the line goes on", "put the whole value in quotes of the other kind", slipValue)
	}
	switch {
	case strings.Contains(message, "did not find expected key"):
		return found(indent, "the indentation does not fit the lines above", "the keys of one mapping begin in the same column", slipIndent)
	case strings.Contains(message, "could not find expected ':'"):
		return found(indent, "a key without a colon", "write it as  name: value", slipColon)
	case strings.Contains(message, "did not find expected ',' or"),
		strings.Contains(message, "did not find expected node content") && brackets(line) > 0:
		if i := strings.IndexAny(line, "[{"); i >= 0 {
			indent = at(i)
		}
		return found(indent, "a bracket is opened and never closed", "close it, or put a comma between the items", slipBracket)
	case strings.Contains(message, "expected '-' indicator"):
		return found(indent, "a list goes on with a line that is no item", "begin it with - in the column of the others", slipOther)
	}
	return found(indent, "this is not YAML: "+message, "", slipOther)
}
