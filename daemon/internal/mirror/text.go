package mirror

import (
	"cmp"
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

// redactor takes out of texts what must not leave the machine.
type redactor struct {
	values   *strings.Replacer
	secrets  []string // those of values
	longest  int      // of the values, in bytes
	patterns []*regexp.Regexp
}

func newRedactor(values []string, patterns []*regexp.Regexp) *redactor {
	r := &redactor{patterns: patterns}
	known := map[string]bool{}
	for _, v := range values {
		known[v], known[storable(v)] = true, true // a text is looked at as it is stored
		// Output has a value of several lines in lines.
		for line := range strings.Lines(v) {
			known[strings.TrimSpace(line)] = true
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
	r.values, r.secrets = strings.NewReplacer(pairs...), sorted
	return r
}

// redact takes the secrets out of a text.
func (r *redactor) redact(s string) string {
	if r.longest > 0 {
		s = r.values.Replace(s)
	}
	if strings.Contains(s, "://") {
		s = passwordInURL.ReplaceAllString(s, "${1}"+redacted+"${3}")
	}
	for _, p := range r.patterns {
		s = p.ReplaceAllLiteralString(s, redacted)
	}
	return s
}

// text is a text as it may be sent: redacted, without what Postgres cannot store, and not too long.
func (r *redactor) text(s string) string { return cut(r.redact(storable(s)), longestText) }

// beforeTail is how much more than a tail is read: what a secret across its beginning may take, and a line with it.
func (r *redactor) beforeTail() int { return r.longest + 1<<10 }

// tail is the end of an output as it may be sent, at most so many bytes. more says that data does not have all before it. It is cut after
// it was redacted, since half a secret is none that could be found.
func (r *redactor) tail(data []byte, more bool, most int) (tail string, truncated bool) {
	text := string(data)
	if more {
		text = r.whole(text)
	}
	s := r.redact(storable(text))
	if len(s) <= most {
		return s, more
	}
	s = s[len(s)-most:]
	for len(s) > 0 && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s, true
}

// whole leaves out the part of a secret that a text may begin with, and the part of a line where that is short: what else there is
// to redact is seldom longer.
func (r *redactor) whole(text string) string {
	end := 0
	for _, v := range r.secrets {
		for n := len(v) - 1; n > end; n-- {
			if strings.HasPrefix(text, v[len(v)-n:]) {
				end = n
			}
		}
	}
	if i := strings.IndexByte(text[:min(len(text), r.beforeTail())], '\n'); i >= end {
		end = i + 1
	}
	// What looks like a part may be the beginning of another secret, which goes, too.
	for again := true; again; {
		again = false
		for _, v := range r.secrets {
			from := max(0, end-len(v)+1)
			if i := strings.Index(text[from:], v); i >= 0 && from+i < end && from+i+len(v) > end {
				end, again = from+i+len(v), true
			}
		}
	}
	return text[end:]
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
