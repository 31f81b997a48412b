package ipc

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Methods lists every method that methods.go defines, in its order.
func TestTableIsComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "methods.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var defined []string
	ast.Inspect(file, func(n ast.Node) bool {
		value, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		of, ok := value.Type.(*ast.IndexListExpr)
		if !ok || of.X.(*ast.Ident).Name != "Method" {
			return true
		}
		name, _ := strconv.Unquote(value.Elts[0].(*ast.BasicLit).Value)
		defined = append(defined, name)
		return true
	})
	var listed []string
	for _, d := range Methods() {
		listed = append(listed, d.Name)
		if d.Doc == "" || !strings.HasSuffix(d.Doc, ".") {
			t.Errorf("%s: its sentence is %q", d.Name, d.Doc)
		}
		checkParams(t, d)
	}
	if !slices.Equal(defined, listed) {
		t.Errorf("methods.go defines %q\nMethods lists %q", defined, listed)
	}
	if missing := NewServer(nil, Limits{}).Missing(); !slices.Equal(missing, listed[:len(listed)-1]) {
		t.Errorf("a new server misses %q", missing)
	}
}

// checkParams holds what decodeParams relies on: every field is one parameter
// with a name of its own and a type that has no members to misspell.
func checkParams(t *testing.T, d Description) {
	for f := range d.Params.Fields() {
		if f.Anonymous || !f.IsExported() || f.Tag.Get("json") == "" {
			t.Errorf("%s: %s is no parameter", d.Name, f.Name)
		}
		if f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[time.Time]() {
			t.Errorf("%s: %s has members, which nobody would check", d.Name, f.Name)
		}
	}
}

func TestTwoHandlersPanic(t *testing.T) {
	defer func() {
		if got := recover(); got != "ipc: subtract has two handlers" {
			t.Errorf("got %v", got)
		}
	}()
	s := NewServer(nil, Limits{})
	arithmetic(s)
	arithmetic(s)
}

// Every code has its word, and errors.go's constants are all listed.
func TestErrorCodes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	constants := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
			constants++
		}
		return true
	})
	if got := len(ErrorCodes()); got != constants {
		t.Errorf("%d codes are listed, %d defined", got, constants)
	}
	for _, c := range ErrorCodes() {
		if e := Errorf(c.Code, "x"); c.Word == "" || e.Data.Code != c.Word {
			t.Errorf("%d: word %q", c.Code, e.Data.Code)
		}
	}
}

// The document describes what the table holds, and every reference in it
// leads somewhere.
func TestDiscover(t *testing.T) {
	server := start(t, Limits{})
	doc, err := Discover.Call(t.Context(), server.dial(t), Empty{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range doc.Methods {
		names = append(names, m.Name)
		for _, p := range append(m.Params, m.Result) {
			checkSchema(t, m.Name+" "+p.Name, p.Schema, doc.Components.Schemas)
		}
	}
	for i, d := range Methods() {
		if names[i] != d.Name {
			t.Errorf("method %d is %s, want %s", i, names[i], d.Name)
		}
	}
	for name, s := range doc.Components.Schemas {
		checkSchema(t, name, s, doc.Components.Schemas)
	}
	get := doc.Methods[slices.Index(names, "jobs.get")]
	if got, _ := json.Marshal(get.Params); string(got) != `[{"name":"job","required":true,"schema":{"type":"string"}},{"name":"show_values","schema":{"type":"boolean"}}]` {
		t.Errorf("jobs.get: %s", got)
	}
	run := doc.Components.Schemas["Run"].Properties
	for field, want := range map[string]Schema{
		"started_at": {Type: "string", Format: "date-time"},
		"duration":   {Type: "number", Description: "seconds"},
		"attempt":    {Type: "integer"},
	} {
		if !reflect.DeepEqual(run[field], want) {
			t.Errorf("run.%s: %+v", field, run[field])
		}
	}
	if got := doc.Components.Schemas["OutputResult"].Properties["data"]; got.ContentEncoding != "base64" {
		t.Errorf("data: %+v", got)
	}
	if _, ok := doc.Components.Schemas["JobDetail"].Properties["name"]; !ok {
		t.Error("a detailed job has no name")
	}
	if e := doc.Components.Errors["stale_plan"]; e.Code != CodeStalePlan {
		t.Errorf("stale_plan: %+v", e)
	}
}

func checkSchema(t *testing.T, where string, s Schema, known map[string]Schema) {
	t.Helper()
	if (s.Ref == "") == (s.Type == "") {
		t.Errorf("%s: %+v", where, s)
	}
	if _, ok := known[strings.TrimPrefix(s.Ref, "#/components/schemas/")]; s.Ref != "" && !ok {
		t.Errorf("%s: %s leads nowhere", where, s.Ref)
	}
	for name, p := range s.Properties {
		checkSchema(t, where+"."+name, p, known)
	}
	if s.Items != nil {
		checkSchema(t, where+"[]", *s.Items, known)
	}
	if s.Values != nil {
		checkSchema(t, where+"{}", *s.Values, known)
	}
}

// What the client links decides how fast every command starts.
func TestImportsAreFew(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			if strings.HasPrefix(path, "net/") || path == "expvar" || path == "os/exec" || strings.Contains(path, ".") && path != "golang.org/x/sys/unix" {
				t.Errorf("%s imports %s: ipc is linked into every lsh command and has to start at once", name, path)
			}
		}
	}
}

func TestSecondsThatFitNoDuration(t *testing.T) {
	for s, want := range map[Seconds]time.Duration{1.5: 1500 * time.Millisecond, 1e300: 1<<63 - 1, -1e300: -1 << 63, 0: 0} {
		if got := s.Duration(); got != want {
			t.Errorf("%v s: %v", s, got)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"jobs.list", "jobs.run", "jobs.resume", "limit"}
	for word, want := range map[string]string{
		"jobs.lst": "jobs.list", "job.run": "jobs.run", "limti": "limit", "": "",
		"something else": "", strings.Repeat("jobs.list", 1000): "",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("%.20q: %q, want %q", word, got, want)
		}
	}
}
