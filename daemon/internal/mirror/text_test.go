package mirror

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedact(t *testing.T) {
	r := newRedactor([]string{
		"hunter2hunter2", "hunter2", "abc", "", "-----BEGIN KEY-----\n  c2VjcmV0a2V5\r\n-----END KEY-----\n", "p\xffssw\x00rd",
	}, []*regexp.Regexp{regexp.MustCompile(`sk_[a-z0-9]+`), regexp.MustCompile(`(?i)bearer \S+`)})
	for text, want := range map[string]string{
		"nothing":               "nothing",
		"with hunter2":          "with [redacted]",
		"hunter2hunter2hunter2": "[redacted][redacted]", // the one that holds the other, first
		"abc is too short":      "abc is too short",
		"c2VjcmV0a2V5":          "[redacted]", // a line of several, without its indentation
		"-----BEGIN KEY-----\n  c2VjcmV0a2V5\r\n-----END KEY-----":         "[redacted]\n  [redacted]\r\n[redacted]",
		"the password p\xffssw\x00rd is no text":                           "the password [redacted] is no text",
		"postgres://ann:secret@host/db":                                    "postgres://ann:[redacted]@host/db",
		"postgres://ann:se@cret@host/db and https://you:other@host:1/?a=b": "postgres://ann:[redacted]@host/db and https://you:[redacted]@host:1/?a=b",
		"https://host/path:1@2, http://user@host":                          "https://host/path:1@2, http://user@host",
		"redis://:secret@host":                                             "redis://:[redacted]@host",
		"sk_live123, Bearer xyz.abc":                                       "[redacted], [redacted]",
		"a\x00b\xff":                                                       "ab\ufffd",
	} {
		if got := r.text(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got, want := string(r.json([]byte(`{"a": ["hunter2", 1, null, {"b": "x hunter2"}]}`))), `{"a":["[redacted]",1,null,{"b":"x [redacted]"}]}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := r.json([]byte("{")); got != nil {
		t.Errorf("what is no JSON is %s", got)
	}
	if got := newRedactor(nil, nil).text("hunter2 postgres://a:b@c"); got != "hunter2 postgres://a:[redacted]@c" {
		t.Errorf("without values: %q", got)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	r := newRedactor(nil, nil)
	for _, text := range []string{strings.Repeat("é", longestText), "x" + strings.Repeat("é", longestText)} {
		got := r.text(text)
		if !utf8.ValidString(got) || len(got) > longestText+len("…") || !strings.HasSuffix(got, "é…") {
			t.Errorf("%d bytes that end in %q", len(got), got[len(got)-5:])
		}
	}
}

// An end that was read begins anywhere, also within a secret. Of that nothing is left, however much shorter what is
// redacted has become.
func TestTailThatBeginsWithinASecret(t *testing.T) {
	secret := "0123456789abcdefghijklmnopqrstuvwxyz-0123456789"
	r := newRedactor([]string{secret, "uvwxyz-0123456789-and-more"}, nil)
	const most = 200
	for what, text := range map[string]string{
		"one":          strings.Repeat("x", 500) + secret + strings.Repeat("y", most),
		"many":         strings.Repeat(secret, 20),
		"many, parted": strings.Repeat(secret+" ", 20),
		"in lines":     strings.Repeat("the secret is "+secret+"\n", 20),
	} {
		for length := most; length <= most+r.longest; length += 3 {
			for filler := range len(secret) {
				data := text + strings.Repeat("y", filler)
				tail, truncated := r.tail([]byte(data[len(data)-length:]), true, most)
				for part := range strings.SplitSeq(tail, redacted) {
					for i := 0; i+shortest <= len(secret); i++ {
						if strings.Contains(part, secret[i:i+shortest]) {
							t.Fatalf("%s, %d bytes with %d behind: %q has a part of the secret", what, length, filler, tail)
						}
					}
				}
				if !truncated || len(tail) > most {
					t.Fatalf("%s: %d bytes, truncated %v", what, len(tail), truncated)
				}
			}
		}
	}
}

// What is in the part of a line that a tail would begin with cannot be known to be a secret.
func TestTailBeginsWithALine(t *testing.T) {
	r := newRedactor([]string{"hunter2", "ends with hun"}, []*regexp.Regexp{regexp.MustCompile(`sk_[a-z0-9]+`)})
	for text, want := range map[string]string{
		"live123\nnext":                       "next",
		"ret@host/db\npostgres://a:b@c\nlast": "postgres://a:[redacted]@c\nlast",
		"a line that is all there is":         "a line that is all there is",
		"hunter2 and more":                    " and more", // it may be the end of the other
		strings.Repeat("long ", 300) + "\nx":  strings.Repeat("long ", 300) + "\nx",
	} {
		if got, _ := r.tail([]byte(text), true, 10_000); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTail(t *testing.T) {
	r := newRedactor([]string{"hunter2"}, nil)
	for text, want := range map[string]string{
		"short":          "short",
		"hunter2":        "[redacted]",
		"0123456789abcd": "456789abcd",
		"ééééééé":        "ééééé",
		"xéééééé":        "ééééé",
		"x\x00\xffy":     "x\ufffdy",
	} {
		if got, truncated := r.tail([]byte(text), false, 10); got != want || truncated != (len(storable(text)) > 10) {
			t.Errorf("%q: %q, truncated %v; want %q", text, got, truncated, want)
		}
	}
}
