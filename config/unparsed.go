package config

import (
	"math"
	"strings"
	"unicode"
)

// firstKey is the key that a line begins with, as far as that can be told of a file
// that has no nodes.
var firstKey = lazily(`^[ \t-]*["']?([A-Za-z_][A-Za-z0-9_-]*)["']?\s*:(?:\s|$)`)

// anyKey is a key anywhere in a line.
var anyKey = lazily(`(?:^|[\s{,"'-])([A-Za-z_][A-Za-z0-9_-]*)["']?\s*:(?:[\s{\["']|$)`)

// unparsed returns a line of a file without nodes as it may be shown: without what
// may be the value of a variable.
func (s *source) unparsed(n int) string {
	line := s.line(n)
	from, secret := s.secretFrom(n)
	if !secret {
		return line
	}
	var b strings.Builder
	b.WriteString(line[:from])
	for _, c := range line[from:] {
		if !unicode.IsSpace(c) {
			c = '·'
		}
		b.WriteRune(c)
	}
	return b.String()
}

// secretFrom returns the offset in a line of a file without nodes from which on it
// may hold a secret, if it may.
func (s *source) secretFrom(n int) (offset int, secret bool) {
	if s.closed {
		return 0, true
	}
	if s.user != nil {
		if offset, secret := s.user.secretFrom(n); secret {
			return min(offset, len(s.line(n))), true
		}
	}
	line := s.line(n)
	under, direct := s.underSecret(n)
	if under {
		if m := firstKey().FindStringSubmatchIndex(line); m != nil && direct && !strings.Contains(line[:m[3]], "- ") {
			return strings.IndexByte(line[m[3]:], ':') + m[3] + 1, true
		}
		return len(line) - len(strings.TrimLeft(line, " \t")), true
	}
	for _, m := range anyKey().FindAllStringSubmatchIndex(line, -1) {
		first := strings.TrimLeft(line[:m[2]], " \t-\"'") == ""
		if word := line[m[2]:m[3]]; s.secretKey(word) != "" && (!first || s.mayBeSlip(n, word)) {
			return strings.IndexByte(line[m[3]:], ':') + m[3] + 1, true
		}
	}
	return 0, false
}

// underSecret tells whether a line stands under a key that is secret, and whether
// that is the key of variables right above it.
func (s *source) underSecret(n int) (under, direct bool) {
	indent := indentOf(s.line(n))
	if !placedKey(s.line(n)) {
		indent = deeper // as deep as the lines above let it be
	}
	for above, right := n-1, true; above > 0 && indent > 0; above-- {
		line := s.line(above)
		if at := indentOf(line); !commented(line) && at < indent && placedKey(line) {
			indent = at
			if m := firstKey().FindStringSubmatch(line); m != nil && s.mayBeSlip(above, m[1]) {
				if key := s.secretKey(m[1]); key != "" {
					return true, right && key == "env"
				}
			}
			right = false
		}
	}
	return false, false
}

// mayBeSlip tells whether a line's first key may be a slip of the pen for a key of a
// job: a name right under jobs is none.
func (s *source) mayBeSlip(n int, word string) bool {
	if word == "env" || word == "stdin" {
		return true
	}
	indent := indentOf(s.line(n))
	for above := n - 1; above > 0; above-- {
		line := s.line(above)
		if commented(line) || indentOf(line) >= indent {
			continue
		}
		return !strings.HasPrefix(line, "jobs:") && !strings.HasPrefix(line, "groups:")
	}
	return true
}

func commented(line string) bool {
	trimmed := strings.TrimLeft(line, " \t-")
	return trimmed == "" || trimmed[0] == '#'
}

// placedKey tells a line that begins with a key, in a place that can be told.
func placedKey(line string) bool {
	return firstKey().MatchString(line) && !tabIndent().MatchString(line)
}

// deeper is more than any indentation.
const deeper = math.MaxInt

// indentOf is how many bytes stand before a line's text; the dash of a list's item
// counts among them.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t-")) }
