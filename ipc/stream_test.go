package ipc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// cutReader gives what it reads in pieces of the sizes in cuts, over and over.
type cutReader struct {
	r    io.Reader
	cuts []byte
	next int
}

func (c *cutReader) Read(p []byte) (int, error) {
	size := 1
	if len(c.cuts) > 0 {
		size += int(c.cuts[c.next%len(c.cuts)])
		c.next++
	}
	return c.r.Read(p[:min(size, len(p))])
}

// pieces is all that a stream makes of what is read, as a link does.
func pieces(t *testing.T, r io.Reader) []piece {
	const most = 1 << 20
	s := stream{lines: lines{max: most}}
	var all []piece
	take := func() {
		for p, ok := s.take(); ok; p, ok = s.take() {
			all = append(all, p)
		}
	}
	for {
		take()
		if s.full() {
			t.Skip("it is too large to be received at all")
		}
		if s.fill(r) != nil {
			break
		}
	}
	if s.open() {
		s.splitLines()
		take()
	}
	if rest := s.rest(); len(rest.text) > 0 {
		all = append(all, rest)
	}
	return all
}

func listed(list []piece) string {
	var b strings.Builder
	for _, p := range list {
		fmt.Fprintf(&b, "%q, command: %v\n", p.text, p.command)
	}
	return b.String()
}

// Requests are the same however the stream is cut, and nothing between them is
// lost but white space. An object of the first protocol is one request.
func FuzzStream(f *testing.F) {
	for _, x := range exchanges {
		f.Add([]byte(x.sent), []byte{0, 3})
	}
	for _, s := range append(seeds, `{"command":"a","args":{"b":"}{"}`, "{\n\"id\":1,\n\"method\":\"a\"}\n", "{\n{\n}\n}", `{"a":{"command":"b"}}`, "{\"command\":\"a\nb\"}\n") {
		f.Add([]byte(s), []byte{7})
	}
	f.Fuzz(func(t *testing.T, sent, cuts []byte) {
		want := pieces(t, bytes.NewReader(sent))
		got := pieces(t, &cutReader{r: bytes.NewReader(sent), cuts: cuts})
		if !slices.EqualFunc(got, want, func(a, b piece) bool { return a.command == b.command && bytes.Equal(a.text, b.text) }) {
			t.Fatalf("cut:\n%s\nwhole:\n%s", listed(got), listed(want))
		}
		rest := sent
		for _, p := range want {
			at := bytes.Index(rest, p.text)
			if at < 0 || len(bytes.TrimSpace(rest[:at])) > 0 {
				t.Fatalf("%q is not next in %q", p.text, rest)
			}
			rest = rest[at+len(p.text):]
		}
		if len(bytes.TrimSpace(rest)) > 0 {
			t.Fatalf("%q is lost", rest)
		}
	})
}

// Where objects of the first protocol stand side by side, a parser of JSON
// finds the same ones.
func FuzzObjectsSideBySide(f *testing.F) {
	f.Add([]byte(`{"a":"}"}`), []byte(`"x"`), "\n", []byte{1})
	f.Add([]byte(`[1, {"command": 2}]`), []byte(`{"method":"\\"}`), "", []byte{})
	f.Add([]byte("{\n\t\"b\" :\n[ ]}"), []byte(`null`), " \r\n ", []byte{2, 0})
	f.Fuzz(func(t *testing.T, args, id []byte, between string, cuts []byte) {
		if !json.Valid(args) || !json.Valid(id) || len(bytes.Trim([]byte(between), " \t\r\n")) > 0 {
			t.Skip()
		}
		nested := bytes.Count(args, []byte("[")) + bytes.Count(args, []byte("{")) + bytes.Count(id, []byte("[")) + bytes.Count(id, []byte("{"))
		if nested >= deepest {
			t.Skip()
		}
		one := `{"command":"a","args":` + string(args) + `,"id":` + string(id) + `}`
		two := "{\n\"id\":" + string(id) + ",\n\"args\": " + string(args) + "\n,\"command\":\"b\"}"
		got := pieces(t, &cutReader{r: bytes.NewReader([]byte(one + between + two + one)), cuts: cuts})
		if len(got) != 3 || string(got[0].text) != one || string(got[1].text) != two || string(got[2].text) != one {
			t.Fatalf("got\n%s", listed(got))
		}
		for _, p := range got {
			if !p.command {
				t.Errorf("%q is no command", p.text)
			}
		}
	})
}
