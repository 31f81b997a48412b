package config

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// secrets are the values in a file that nothing said of it may show: those of `env`
// and `stdin`, and of keys that were probably meant to be these.
type secrets struct {
	// nodes are those that hold a value or a part of it.
	nodes map[*yaml.Node]bool
	// variables are the values of env: their keys may be shown, what is under them not.
	variables map[*yaml.Node]bool
	// spans are the places of the nodes, by line.
	spans map[int][]span
}

// span is a range of columns, from 1; to is exclusive and 0 for the line's end.
type span struct{ from, to int }

// spot is a line and a column, from 1.
type spot struct{ line, column int }

func placed(n *yaml.Node) spot { return spot{n.Line, n.Column} }

// secretKey returns which key a word is or was probably meant to be, of those under
// which all is secret: env or stdin, else "".
func (s *source) secretKey(word string) string {
	key := word
	if !slices.Contains(s.keys, word) {
		key, _ = meant(word, s.keys)
	}
	if key == "env" || key == "stdin" {
		return key
	}
	return ""
}

// secret returns the secrets of a file with nodes, which are looked for when
// something is first said of it.
func (s *source) secret() *secrets {
	if s.found != nil {
		return s.found
	}
	s.found = &secrets{nodes: map[*yaml.Node]bool{}, variables: map[*yaml.Node]bool{}, spans: map[int][]span{}}
	// Aliases may name what stands above them: all that is secret is known before
	// the places are gathered.
	s.seek(s.root, false)
	s.place(s.root, spot{len(s.lineStarts()) + 1, 1})
	return s.found
}

// isSecret tells whether a node's text must not be shown.
func (s *source) isSecret(n *yaml.Node) bool {
	return s.root != nil && (s.secret().nodes[n] || s.mended && s.suspect(n))
}

// suspect tells of a file whose nodes may stand under other keys than was meant
// whether the text alone would have a node be a secret.
func (s *source) suspect(n *yaml.Node) bool {
	from, secret := s.secretFrom(n.Line)
	return secret && n.Column > utf8.RuneCountInString(s.line(n.Line)[:from])
}

// seek finds the secrets under a node. The keys of a mapping of names, such as jobs,
// are no slips of the pen.
func (s *source) seek(n *yaml.Node, names bool) {
	if n == nil || n.Kind == yaml.AliasNode {
		return // what it names is met where it stands
	}
	for i, child := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 0 {
			s.seek(child, false)
			continue
		}
		word := n.Content[i-1].Value
		switch key := s.secretKey(word); {
		case child == nil:
		case key == "", names && key != word:
			s.seek(child, word == "jobs" || word == "groups")
		case key == "stdin":
			s.found.hideAll(child)
		default:
			s.found.nodes[child] = true
			s.found.hide(target(child))
		}
	}
}

// hide notes the value of env or stdin as secret. The names of variables are not.
func (s *secrets) hide(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		s.hideAll(n)
		return
	}
	if s.variables[n] {
		return
	}
	s.variables[n] = true
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if target(key).Tag != mergeTag {
			if !showable(target(key)) {
				s.hideAll(key)
			}
			s.hideAll(value)
			continue
		}
		s.nodes[value] = true
		if merged := target(value); merged.Kind == yaml.SequenceNode {
			for _, item := range merged.Content {
				s.nodes[item] = true
				s.hide(target(item))
			}
		} else {
			s.hide(merged)
		}
	}
}

// showable tells a key that looks like the name of a variable; another may be a
// name and its value in one.
func showable(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && nameLike().MatchString(key.Value)
}

var nameLike = lazily(`^[A-Za-z0-9_.-]*$`)

func (s *secrets) hideAll(n *yaml.Node) {
	if n == nil || s.nodes[n] {
		return
	}
	s.nodes[n] = true
	if n.Kind == yaml.AliasNode {
		s.hideAll(n.Alias)
		return
	}
	for _, child := range n.Content {
		s.hideAll(child)
	}
}

// place gathers the places of secret nodes under one that ends before a place.
func (s *source) place(n *yaml.Node, end spot) {
	if n == nil {
		return
	}
	if s.found.nodes[n] && !s.found.variables[target(n)] {
		s.cover(placed(n), end)
		return
	}
	for i, child := range n.Content {
		childEnd := end
		if i+1 < len(n.Content) && n.Content[i+1] != nil {
			childEnd = placed(n.Content[i+1])
		}
		s.place(child, childEnd)
	}
}

// cover hides the text between two places.
func (s *source) cover(from, to spot) {
	add := func(line int, hidden span) { s.found.spans[line] = append(s.found.spans[line], hidden) }
	if from.line == to.line {
		add(from.line, span{from.column, to.column})
		return
	}
	add(from.line, span{from: from.column})
	for line := from.line + 1; line < to.line; line++ {
		add(line, span{from: 1})
	}
	before := []rune(s.line(to.line))
	before = before[:min(to.column-1, len(before))]
	if strings.Trim(string(before), " \t-?") != "" {
		add(to.line, span{1, to.column})
	}
}

// excerpt returns a line as it may be shown: every character of a secret becomes a
// dot, so that columns stay right.
func (s *source) excerpt(n int) string {
	if s.root == nil {
		return s.unparsed(n)
	}
	line := []rune(s.line(n))
	for _, hidden := range s.secret().spans[n] {
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
	if s.mended {
		for i, c := range []rune(s.unparsed(n)) {
			if c == '·' {
				line[i] = c
			}
		}
	}
	return string(line)
}

// HideSecrets returns the text of a jobs file as it may be shown: every character of a
// value of env or stdin becomes a dot. It tells whether there were any.
func HideSecrets(text string) (shown string, hid bool) {
	s := newSource("", 0, []byte(text))
	s.keys = slipKeys()
	s.root, _, _ = parseYAML(s.text) // one that is wrong has no nodes: then what may be secret is hidden
	var b strings.Builder
	starts := s.lineStarts()
	for i, start := range starts {
		end := len(s.text)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		whole, line := string(s.text[start:end]), s.line(i+1)
		may := s.excerpt(i + 1)
		hid = hid || may != line
		b.WriteString(may)
		b.WriteString(whole[min(len(line), len(whole)):]) // its end
	}
	return b.String(), hid
}
