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
		text = strings.Repeat("x", r.beforeTail()) + text
		for length := most; length <= most+r.beforeTail(); length += 31 {
			for filler := range len(secret) {
				data := text + strings.Repeat("y", filler)
				tail, truncated := r.tail([]Piece{{Text: []byte(data[len(data)-length:])}}, true, most)
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

// Where something was dropped from the middle, either side may have a part of a secret: of a value, of a URL's password, or of what a
// pattern says. So have all that was printed in one line without a blank.
func TestOutputWithoutItsMiddle(t *testing.T) {
	r := newRedactor([]string{"0123456789-secret"}, []*regexp.Regexp{regexp.MustCompile(`tok-[a-z]+`)})
	for _, unit := range []string{"0123456789-secret", "postgres://user:passW0rdpart@h/", " tok-hgfedcba"} {
		data := strings.Repeat(unit, 2000)
		for cut := range len(unit) {
			pieces := []Piece{
				{Text: []byte(data[cut:8000])}, {Text: []byte("\n[… 9 bytes dropped …]\n"), Mark: true}, {Text: []byte(data[8000+cut : len(unit)*(14000/len(unit))])},
			}
			tail, truncated := r.tail(pieces, cut > 0, tailBytes)
			if !strings.Contains(tail, "dropped") || len(tail) < 1000 || truncated != (cut > 0) {
				t.Fatalf("%q cut at %d: %d bytes, truncated %v", unit, cut, len(tail), truncated)
			}
			for _, part := range []string{"2345", "assW0", "hgfe", "dcba"} {
				if strings.Contains(tail, part) {
					t.Fatalf("%q cut at %d: there is %q", unit, cut, part)
				}
			}
		}
	}
}

// A value is met in other forms than its own: in JSON, in a URL, in lines.
func TestFormsOfAValue(t *testing.T) {
	r := newRedactor([]string{`quo"te\x`, "a b/c%d", "first line\nsecond line"}, nil)
	for text, want := range map[string]string{
		`{"V": "quo\"te\\x"}`:                              `{"V": "[redacted]"}`,
		"https://h/?q=a+b%2Fc%25d&x":                       "https://h/?q=[redacted]&x",
		"> second line <":                                  "> [redacted] <",
		"https://h/?password=hunter2&x=1 https://h/?x=abc": "https://h/?password=[redacted]&x=1 https://h/?x=abc",
	} {
		if got := r.redact(text); got != want {
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
		if got, truncated := r.tail([]Piece{{Text: []byte(text)}}, false, 10); got != want || truncated != (len(storable(text)) > 10) {
			t.Errorf("%q: %q, truncated %v; want %q", text, got, truncated, want)
		}
	}
}
