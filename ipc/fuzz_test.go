package ipc

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

var seeds = []string{
	`{"jsonrpc":"2.0","id":1,"method":"sum","params":[1,2]}`,
	`[{"jsonrpc":"2.0","id":"a","method":"echo","params":{"text":"é"}},{"jsonrpc":"2.0","method":"echo"},1]`,
	`{"jsonrpc":"2.0","id":1.5,"method":"sum","params":{"a":1e999}}`,
	`{"jsonrpc":"2.0","id":{},"method":"sum"}`,
	`{"id":null,"id":2,"jsonrpc":"2.0","method":"sum","params":null}`,
	`{"command":"list","args":[],"id":1}`,
	`[]`, `[[]]`, `{}`, `null`, "\"\xff\"", ` `, "\n\n", `{"jsonrpc":"2.0","id":1,"method":"\u0000"}`,
}

// Whatever comes, what goes out are lines of the two protocols, one for each
// request that asks for an answer, and the connection still serves afterwards;
// but for half an object of the first protocol, of which what follows is a part.
func FuzzServeLine(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	server := start(f, Limits{}, arithmetic)
	f.Fuzz(func(t *testing.T, sent []byte) {
		if bytes.Contains(sent, []byte(`block`)) || bytes.Contains(sent, []byte(`\u`)) { // it would not end
			t.Skip()
		}
		const last = `{"jsonrpc":"2.0","id":1,"method":"sum","params":[40,2]}`
		all := append(bytes.Clone(sent), "\n"+last+"\n"...)
		if p := pieces(t, bytes.NewReader(all)); string(p[len(p)-1].text) != last {
			t.Skip()
		}
		w := server.wire(t)
		go w.Write(all)
		answers := 0
		for sane := false; !sane; answers++ {
			line := w.line()
			checkAnswers(t, line)
			sane = line == `{"jsonrpc":"2.0","result":42,"id":1}`
		}
		ends := func(with string) int { return bytes.Count(sent, []byte(with)) }
		if most := ends("\n") + ends("}") + ends("]") + 2; answers > most { // a bracket ends an object that is broken
			t.Errorf("%d answers to %d lines and objects", answers, most)
		}
	})
}

func checkAnswers(t *testing.T, line string) {
	var list []map[string]json.RawMessage
	if !strings.HasPrefix(line, "[") {
		line = "[" + line + "]"
	}
	if err := json.Unmarshal([]byte(line), &list); err != nil || len(list) == 0 {
		t.Fatalf("answered %q: %v", line, err)
	}
	for _, a := range list {
		if a["success"] != nil {
			checkReply(t, line, a)
			continue
		}
		_, ok := a["result"]
		_, bad := a["error"]
		if _, id := a["id"]; string(a["jsonrpc"]) != `"2.0"` || ok == bad || !id || len(a) != 3 {
			t.Fatalf("answered %q", line)
		}
	}
}

func checkReply(t *testing.T, line string, a map[string]json.RawMessage) {
	var failed string
	members := len(a)
	if a["id"] != nil {
		members--
	}
	success := string(a["success"]) == "true"
	if err := json.Unmarshal(a["error"], &failed); success == (err == nil) || !success && (failed == "" || members != 2) || members > 2 {
		t.Fatalf("answered %q", line)
	}
}

// Decoding params never panics, and what it takes it takes as encoding/json
// does.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `null`, `{"jobs":["a"],"for":1.5,"until":"2026-01-01T00:00:00Z"}`, `[["a"],"tag",true,2]`, `{"All":true}`, `{"all":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			t.Skip()
		}
		var got, want SelectParams
		if bad := decodeParams("jobs.pause", raw, &got); bad != nil {
			if bad.Code != CodeInvalidParams || bad.Message == "" {
				t.Errorf("%s: %+v", raw, bad)
			}
			return
		}
		if bytes.TrimSpace(raw)[0] != '{' {
			return
		}
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatalf("%s: taken, while encoding/json says %v", raw, err)
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: %s, want %s", raw, a, b)
		}
	})
}

// Lines are the same however the stream is cut.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\n\nbc\nlong line\nrest"))
	f.Add(bytes.Repeat([]byte("x\n"), 5000))
	f.Fuzz(func(t *testing.T, stream []byte) {
		const most = 8 << 10
		for _, r := range []io.Reader{bytes.NewReader(stream), iotest.OneByteReader(bytes.NewReader(stream))} {
			want := bytes.Split(stream, []byte("\n"))
			in := lines{max: most}
			for {
				if line, ok := in.take(); ok {
					if !bytes.Equal(line, want[0]) {
						t.Fatalf("got %q, want %q", line, want[0])
					}
					want = want[1:]
					continue
				}
				if in.full() {
					if len(want[0]) <= most {
						t.Fatalf("a line of %d bytes is too long", len(want[0]))
					}
					break
				}
				if in.fill(r) == io.EOF {
					if !bytes.Equal(in.rest(), want[0]) || len(want) != 1 {
						t.Fatalf("rest %q, want %q", in.rest(), want[0])
					}
					break
				}
			}
			if cap(in.buf) > most+1 {
				t.Fatalf("the buffer has %d bytes", cap(in.buf))
			}
		}
	})
}
