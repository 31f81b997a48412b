package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const endOfStream = "unexpected end of stream"

// openAt tells whether the text up to an offset ends within quotes. The parser alone
// knows: what looks like a quote may stand in a comment or a block of text.
func (s *source) openAt(offset int) bool {
	s.work += offset
	_, _, err := parseYAML(s.text[:offset])
	return err != nil && strings.Contains(err.Error(), endOfStream)
}

// openQuote returns the place of the quote that is still open where a line begins.
func (s *source) openQuote(n int) (line, column int, ok bool) {
	const most = 100 // lines back; a longer value in quotes is no slip
	const large = dear / 8
	starts := s.lineStarts()
	end := len(s.text)
	if n <= len(starts) {
		end = starts[n-1]
	}
	if len(s.text) > large || !s.openAt(end) {
		return 0, 0, false
	}
	line = min(n, len(starts)+1) - 1
	for ; line > 1 && s.openAt(starts[line-1]); line-- {
		if n-line > most {
			return 0, 0, false
		}
	}
	text := s.line(line)
	for i, c := range text {
		at := starts[line-1] + i
		if s.work > mostWork {
			return 0, 0, false
		}
		if (c == '"' || c == '\'') && !s.openAt(at) && s.openAt(at+1) {
			column = 1 + utf8.RuneCountInString(text[:i])
		}
	}
	return line, column, column > 0
}

// opensValue is a line that opens a value in quotes; to a quote left open above it,
// it closes one.
var opensValue = lazily(`^\s*(?:-\s+)?(?:["']?[A-Za-z_][A-Za-z0-9_.-]*["']?\s*:\s*)?[\[{]?\s*["']`)

// swallowed returns the quote that was left open above a line and that the line
// closes, if there is one.
func (s *source) swallowed(n int) (found slip, ok bool) {
	line, column, ok := s.openQuote(n)
	if !ok {
		return slip{}, false
	}
	if opensValue().MatchString(s.line(n)) {
		return slip{line, column, "a quote is opened here and not closed", "close it with the same character, on this line", slipQuote}, true
	}
	text := fmt.Sprintf("the quote opened here is closed on line %d, which goes on", n)
	return slip{line, column, text, "close it where the value ends", slipQuote}, true
}
