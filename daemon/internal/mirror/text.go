package mirror

import (
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// shortest is the least length of a value that is looked for in texts: shorter ones are in every other word.
	shortest = 4
	// longestText bounds every text but a tail, in bytes.
	longestText = 32 << 10
	redacted    = "[redacted]"
)

// passwordInURL is a URL with a password: scheme://user:password@.
var passwordInURL = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s:/?#@]*:)([^\s/?#]+)(@)`)

// passwordInQuery is a URL's parameter that says what it holds.
var passwordInQuery = regexp.MustCompile(`(?i)([?&](?:password|passwd|secret|token|access_token|api_?key)=)[^\s&#"']+`)

// redactor takes out of texts what must not leave the machine.
type redactor struct {
	values   *strings.Replacer
	longest  int // of the values, in bytes
	patterns []*regexp.Regexp
}

func newRedactor(values []string, patterns []*regexp.Regexp) *redactor {
	r := &redactor{patterns: patterns}
	known := map[string]bool{}
	for _, v := range values {
		for _, form := range forms(v) {
			known[form] = true
		}
	}
	var sorted []string
	for v := range known {
		if len(v) >= shortest {
			sorted = append(sorted, v)
			r.longest = max(r.longest, len(v))
		}
	}
	// The replacer prefers what comes first: of two values, the one that holds the other.
	slices.SortFunc(sorted, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var pairs []string
	for _, v := range sorted {
		pairs = append(pairs, v, redacted)
	}
	r.values = strings.NewReplacer(pairs...)
	return r
}

// forms are how a value is met in texts: as it is and as it is stored, in lines, in JSON, and in URLs.
func forms(value string) []string {
	all := []string{value, storable(value), url.QueryEscape(value), url.PathEscape(value)}
	if quoted, err := json.Marshal(value); err == nil {
		all = append(all, strings.Trim(string(quoted), `"`))
	}
	for line := range strings.Lines(value) {
		all = append(all, strings.TrimSpace(line))
	}
	return all
}

// redact takes the secrets out of a text.
func (r *redactor) redact(s string) string {
	if r.longest > 0 {
		s = r.values.Replace(s)
	}
	if strings.Contains(s, "://") {
		s = passwordInURL.ReplaceAllString(s, "${1}"+redacted+"${3}")
		s = passwordInQuery.ReplaceAllString(s, "${1}"+redacted)
	}
	for _, p := range r.patterns {
		s = p.ReplaceAllLiteralString(s, redacted)
	}
	return s
}

// text is a text as it may be sent: redacted, without what Postgres cannot store, and not too long.
func (r *redactor) text(s string) string { return cut(r.redact(storable(s)), longestText) }

// Piece is a part of an output.
type Piece struct {
	Text []byte
	Mark bool // it stands for what is missing between two others, and is not of the output
}

// beforeTail is how much is left out on both sides of where an output was cut: as much as a secret may take of which the other part is
// missing. It could not be found.
func (r *redactor) beforeTail() int { return r.longest + 1<<10 }

// tail is the end of an output as it may be sent, at most so many bytes. more says that there was something before its pieces.
func (r *redactor) tail(pieces []Piece, more bool, most int) (tail string, truncated bool) {
	var b strings.Builder
	for i, p := range pieces {
		if p.Mark {
			b.Write(p.Text)
			continue
		}
		s := r.redact(storable(string(p.Text)))
		if i > 0 || more {
			s = lastBytes(s, len(s)-r.beforeTail())
		}
		if i < len(pieces)-1 {
			s = strings.ToValidUTF8(s[:max(0, len(s)-r.beforeTail())], "")
		}
		b.WriteString(s)
	}
	s := b.String()
	return lastBytes(s, most), more || len(s) > most
}

// lastBytes is the end of a text, at most so many bytes.
func lastBytes(s string, most int) string {
	s = s[max(0, len(s)-max(0, most)):]
	for len(s) > 0 && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}

// storable is a text without NULs, which no text of Postgres may hold, and without bytes that are no UTF-8.
func storable(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
