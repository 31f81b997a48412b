package ipc

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write docs/rpc.md")

const docsFile = "../docs/rpc.md"

// docs/rpc.md is what the table and the comments say. When this fails, run
//
//	go test ./ipc -run TestDocsFresh -update
func TestDocsFresh(t *testing.T) {
	want := rpcDocs(t)
	if *update {
		if err := os.WriteFile(docsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/rpc.md is not what the table says: run go test ./ipc -run TestDocsFresh -update")
	}
}

// The requests of the text are real: every one of them would be carried out.
func TestDocsExamples(t *testing.T) {
	taken := 0
	for line := range strings.Lines(rpcDocs(t)) {
		if line, ok := strings.CutPrefix(line, "→ "); ok {
			list, _, bad := parse([]byte(line), 10)
			if bad != nil {
				t.Fatalf("%s: %v", line, bad)
			}
			for _, r := range list {
				if r.bad != nil {
					t.Errorf("%s: %v", line, r.bad)
				}
				for _, d := range Methods() {
					if d.Name != r.method {
						continue
					}
					taken++
					if bad := decodeParams(d.Name, r.params, reflect.New(d.Params).Interface()); bad != nil {
						t.Errorf("%s: %v", line, bad)
					}
				}
			}
		}
	}
	if taken < 4 {
		t.Errorf("%d requests in the text", taken)
	}
}

// comments are what the source says of types and of their fields.
type comments struct {
	types  map[string]string
	fields map[string]string // Type.Field
}

func readComments(t *testing.T) comments {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	c := comments{map[string]string{}, map[string]string{}}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			spec := gen.Specs[0].(*ast.TypeSpec)
			c.types[spec.Name.Name] = oneLine(gen.Doc.Text())
			s, ok := spec.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range s.Fields.List {
				for _, id := range f.Names {
					c.fields[spec.Name.Name+"."+id.Name] = oneLine(f.Doc.Text() + f.Comment.Text())
				}
			}
		}
	}
	return c
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// rpcDocs is docs/rpc.md.
func rpcDocs(t *testing.T) string {
	t.Helper()
	said := readComments(t)
	var b strings.Builder
	b.WriteString(docsIntro)
	b.WriteString("\n## Errors\n\n| code | `data.code` | meaning |\n|---|---|---|\n")
	for _, e := range ErrorCodes() {
		fmt.Fprintf(&b, "| %d | `%s` | %s |\n", e.Code, e.Word, e.Doc)
	}
	b.WriteString(docsErrors)
	b.WriteString("\n## Notifications\n\n")
	b.WriteString(docsNotifications)
	d := docs{&b, said, map[string]bool{}, nil}
	d.link(reflect.TypeFor[OutputChunk]())
	d.link(reflect.TypeFor[EventNotification]())
	b.WriteString("\n## Methods\n")
	for _, m := range Methods() {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", m.Name, m.Doc)
		if m.Params.NumField() == 0 {
			b.WriteString("\nParameters: none.\n")
		} else {
			b.WriteString("\nParameters, in this order when given by position:\n\n")
			d.table(m.Params)
		}
		fmt.Fprintf(&b, "\nResult: %s.\n", d.link(m.Result))
	}
	b.WriteString("\n## Types\n\nA field marked ? may be absent.\n")
	for len(d.todo) > 0 {
		next := d.todo[0]
		d.todo = d.todo[1:]
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n", next.Name(), said.types[next.Name()])
		d.table(next)
	}
	return b.String()
}

// docs writes tables and remembers the types that they mention.
type docs struct {
	b    *strings.Builder
	said comments
	seen map[string]bool
	todo []reflect.Type
}

func (d *docs) table(of reflect.Type) {
	d.b.WriteString("| name | type | |\n|---|---|---|\n")
	for _, f := range reflect.VisibleFields(of) {
		if f.Anonymous {
			continue
		}
		owner := of
		if len(f.Index) > 1 {
			owner = of.Field(f.Index[0]).Type
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		mark := ""
		if options != "" {
			mark = " ?"
		}
		fmt.Fprintf(d.b, "| `%s`%s | %s | %s |\n", name, mark, d.link(f.Type), strings.ReplaceAll(d.said.fields[owner.Name()+"."+f.Name], "|", `\|`))
	}
}

// link is a type in words, with a link to its table.
func (d *docs) link(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Time]():
		return "time"
	case reflect.TypeFor[Seconds]():
		return "seconds"
	case reflect.TypeFor[[]byte]():
		return "base64"
	case reflect.TypeFor[OpenRPC]():
		return "an [OpenRPC](https://spec.open-rpc.org) document"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.link(t.Elem())
	case reflect.Slice:
		return "list of " + d.link(t.Elem())
	case reflect.Map:
		return "object of " + d.link(t.Elem())
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Struct:
		if !d.seen[t.Name()] {
			d.seen[t.Name()] = true
			d.todo = append(d.todo, t)
		}
		return fmt.Sprintf("[%s](#%s)", t.Name(), strings.ToLower(t.Name()))
	default:
		return t.Kind().String()
	}
}

const docsIntro = `<!-- Written by go test ./ipc -run TestDocsFresh -update. Edit ipc/methods.go, ipc/types.go or ipc/docs_test.go. -->

# Talking to the daemon

The daemon speaks [JSON-RPC 2.0](https://www.jsonrpc.org/specification) on a Unix socket, one message a line. The ` + "`lsh`" + `
command uses nothing else: what it can do, any program can. Programs of lsh's predecessor are answered in their own words on the
same socket: [legacy.md](legacy.md).

` + "```" + `
$ echo '{"jsonrpc":"2.0","id":1,"method":"jobs.list"}' | nc -NU /tmp/lsh-daemon-$USER.sock
$ echo '{"jsonrpc":"2.0","id":1,"method":"jobs.list"}' | socat -t 5 - UNIX-CONNECT:/tmp/lsh-daemon-$USER.sock
$ lsh rpc jobs.list '{"tag":"nightly"}'
` + "```" + `

` + "`lsh status -o json`" + ` names the sockets. A client tries, in this order, ` + "`LSH_SOCKET`" + `, the one in
` + "`$XDG_RUNTIME_DIR/lsh/`" + ` (in the state directory when there is no such directory, or others may write to it), and
the one in /tmp. Only the daemon's own user and root are answered; a client should make sure of the same about the daemon,
by the peer's credentials (SO_PEERCRED).

## Messages

` + "```" + `
→ {"jsonrpc":"2.0","id":1,"method":"jobs.run","params":{"job":"backup","reason":"before the upgrade"}}
→ {"jsonrpc":"2.0","id":"a","method":"jobs.run","params":["backup"]}
→ [{"jsonrpc":"2.0","id":1,"method":"daemon.status"},{"jsonrpc":"2.0","id":2,"method":"jobs.next","params":{"limit":3}}]
→ {"jsonrpc":"2.0","method":"jobs.skip","params":{"jobs":["backup"]}}
← {"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params: jobs.run has no parameter \"jbo\"","data":{"code":"invalid_params","hint":"did you mean \"job\"?"}},"id":1}
` + "```" + `

- A message is one line that ends with a newline. Blank lines are ignored. A last line without a newline counts too, so that a
  client may close its sending side and wait for the answers.
- Parameters are given by name, or by position in the order of the tables below. Unknown ones are refused.
- An id is a string, a number or null, and comes back as it was written. A request without an id is a notification: it is
  carried out and not answered, not even with an error.
- Requests of one connection run side by side. Answers come in any order; a batch is answered, in its own order, once all of it
  is done.
- Times are RFC 3339 with an offset, durations are numbers of seconds, absent means absent: there are no nulls.
- Lists come a page at a time: ask with ` + "`limit`" + `, and again with the answer's ` + "`after`" + ` as long as there is one.

## Limits

| | | beyond it |
|---|---|---|
| a request (a line) | 4 MiB | error -32600, and the connection is closed |
| requests a batch | 1000 | error -32600 |
| an id | 1 KiB | error -32600 |
| answers of a batch, together | 4 MiB | the rest is answered with error -31009 |
| batches in progress on a connection | 1 | a batch waits up to 1 s, then error -31009 |
| requests in progress on a connection | 64, together 4 MiB with the answers to expect | a request waits up to 1 s, then error -31009 |
| answers made and not read, of a connection | 8 MiB | large ones are replaced by error -31009 |
| answers made and not read, of all connections | 32 MiB | the same; 512 KiB a connection are always kept |
| connections | 64 | a line with error -31009, and the connection is closed |
| a line that has begun, without progress | 30 s | closed |
| nothing asked, in progress or subscribed | 10 min | closed |
| not reading what is sent | 10 s | closed |
`

const docsErrors = `
` + "`data.hint`" + ` is the next thing to type, where there is one. The errors of the specification (-32700 to -32600) carry
` + "`data`" + ` only when there is something to add.
`

const docsNotifications = `These are pushed on the connection that asked for them, after the answer to it, until it is closed.

| method | params | after |
|---|---|---|
| ` + "`" + NotifyOutput + "`" + ` | [OutputChunk](#outputchunk) | [runs.output](#runsoutput) with ` + "`follow`" + ` |
| ` + "`" + NotifyEvent + "`" + ` | [EventNotification](#eventnotification) | [events.subscribe](#eventssubscribe) |
`
