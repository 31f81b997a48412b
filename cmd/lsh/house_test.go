package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// houseRoot is the top of the repository as seen from this test.
const houseRoot = "../.."

// room is what one package of the house may do.
type room struct {
	doors []string // packages of ours that it may import
	tests []string // and those that only its tests may
	bans  []ban    // what it must do without, tests excepted
}

// ban forbids imports, or names of an imported package, and says why.
type ban struct {
	imports []string // "net/*" is everything below net
	names   []string // "time.Now"
	why     string
}

// The floors keep the same bans for the same reasons.
var (
	pure = []ban{
		{names: []string{"time.Now", "time.Since", "time.Until", "time.After", "time.AfterFunc", "time.NewTimer", "time.NewTicker", "time.Sleep", "time.Tick"}, why: "time is an argument of every decision, and WakeAt is its answer"},
		{imports: []string{"os", "os/*", "io/fs", "io/ioutil", "path/filepath", "syscall", "golang.org/x/sys/*"}, why: "a decision reads no file and starts no process"},
		{imports: []string{"net", "net/*"}, why: "a decision talks to nobody"},
		{imports: []string{"context"}, why: "a decision never waits, so there is nothing to cancel"},
		{imports: []string{"log", "log/*"}, why: "an action carries its reason: the daemon logs it"},
	}
	oneReaper = []ban{{
		imports: []string{"os/exec"},
		names:   []string{"os.StartProcess", "syscall.ForkExec", "syscall.StartProcess", "syscall.Wait4"},
		why:     "one reaper waits for all children: start them through daemon/internal/process",
	}}
)

// law is the house: its rooms, and the doors between them. Imports only fall.
var law = map[string]room{
	"config/schedule": {},
	"config":          {doors: []string{"config/schedule"}},
	"config/settings": {doors: []string{"config"}},
	"ipc":             {},

	"reconciler": {doors: []string{"config", "config/schedule"}, bans: pure},

	"daemon": {
		doors: []string{
			"config", "config/schedule", "reconciler", "ipc",
			"daemon/internal/alarm", "daemon/internal/environ", "daemon/internal/fleet", "daemon/internal/helm", "daemon/internal/journal", "daemon/internal/lock",
			"daemon/internal/logfile", "daemon/internal/mirror", "daemon/internal/output", "daemon/internal/process", "daemon/internal/tally", "daemon/internal/watch",
			"daemon/keeper",
		},
		tests: []string{"daemon/pgtest"},
		bans:  oneReaper,
	},
	"daemon/keeper":           {},
	"daemon/pgtest":           {},
	"daemon/internal/alarm":   {bans: oneReaper},
	"daemon/internal/helm":    {doors: []string{"daemon/keeper"}, bans: oneReaper},
	"daemon/internal/journal": {bans: oneReaper},
	"daemon/internal/mirror":  {doors: []string{"config", "config/schedule", "daemon/internal/journal"}, tests: []string{"daemon/pgtest"}, bans: oneReaper},
	"daemon/internal/fleet":   {doors: []string{"config", "config/schedule", "daemon/internal/mirror", "ipc"}, tests: []string{"daemon/pgtest"}, bans: oneReaper},
	"daemon/internal/output":  {bans: oneReaper},
	"daemon/internal/tally":   {bans: oneReaper},
	"daemon/internal/lock":    {doors: []string{"config", "daemon/internal/ownfile"}, bans: oneReaper},
	"daemon/internal/ownfile": {bans: oneReaper},
	"daemon/internal/environ": {doors: []string{"config"}, bans: oneReaper},
	"daemon/internal/logfile": {doors: []string{"config", "daemon/internal/ownfile"}, bans: oneReaper},
	"daemon/internal/process": {doors: []string{"config"}},
	"daemon/internal/watch":   {doors: []string{"config"}, bans: oneReaper},

	"cmd/lsh":  {doors: []string{"config", "config/schedule", "daemon/keeper", "ipc"}, tests: []string{"daemon/pgtest"}},
	"cmd/lshd": {doors: []string{"config", "config/settings", "daemon"}, tests: []string{"daemon/pgtest"}},

	"examples": {tests: []string{"config"}},
}

// floors are the top-level folders. Nothing else grows at the top of the
// repository without need.
var floors = []string{".ci", ".git", ".cache", "bin", "cmd", "config", "daemon", "dist", "docs", "examples", "ipc", "reconciler"}

// TestImportLaw holds every package to the law. It parses the imports itself
// instead of asking `go list`: the test cache knows which files a test has
// read, but not what a child process saw, and would hide a broken law.
func TestImportLaw(t *testing.T) {
	files := parseHouse(t)
	seen := map[string]bool{}
	for _, f := range files {
		seen[f.room] = true
		for _, complaint := range judge(f) {
			t.Error(complaint)
		}
	}
	for name := range law {
		if !seen[name] {
			t.Errorf("the law has a room %s, the house does not: take it out of the table", name)
		}
	}
}

func TestTopLevelFolders(t *testing.T) {
	entries, err := os.ReadDir(houseRoot)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(floors, e.Name()) {
			t.Errorf("%s/ is not a part of the house: a new top-level folder needs a reason, and a row in docs/architecture.md", e.Name())
		}
	}
}

// TestLawCanFail breaks the law on purpose: a check that cannot fail keeps
// nothing.
func TestLawCanFail(t *testing.T) {
	for _, c := range []struct {
		name, at, src, want string
	}{
		{"a door that is not there", "config/load.go", `package config; import "github.com/lsh-project/lsh/ipc"`, "no door leads from config to ipc"},
		{"a climb", "reconciler/plan.go", `package reconciler; import "github.com/lsh-project/lsh/daemon"`, "no door leads from reconciler to daemon"},
		{"a tool of another", "daemon/internal/lock/lock.go", `package lock; import "github.com/lsh-project/lsh/daemon/internal/process"`, "no door leads from daemon/internal/lock to daemon/internal/process"},
		{"a test's door in the program", "examples/load.go", `package examples; import "github.com/lsh-project/lsh/config"`, "no door leads from examples to config"},
		{"an unknown room", "config/tools/x.go", `package tools`, "config/tools is not a room of the house"},
		{"the clock", "reconciler/plan.go", `package reconciler; import "time"; var t = time.Now()`, "reconciler uses time.Now: time is an argument"},
		{"the clock by another name", "reconciler/plan.go", `package reconciler; import clock "time"; var t = clock.Now`, "reconciler uses time.Now: time is an argument"},
		{"a file", "reconciler/plan.go", `package reconciler; import "os"`, "reconciler imports os: a decision reads no file"},
		{"a process", "daemon/act.go", `package daemon; import "os/exec"`, "daemon imports os/exec: one reaper"},
		{"a package below", "reconciler/plan.go", `package reconciler; import "net/netip"`, "reconciler imports net/netip: a decision talks to nobody"},
		{"init", "config/load.go", `package config; func init() {}`, "func init: what runs before main"},
		{"C", "ipc/peer.go", `package ipc; import "C"`, `import "C": the programs are built without C`},
	} {
		t.Run(c.name, func(t *testing.T) {
			complaints := judge(parseFile(t, c.at, []byte(c.src)))
			if len(complaints) != 1 || !strings.Contains(complaints[0], c.want) {
				t.Errorf("complaints are %q, want one with %q", complaints, c.want)
			}
		})
	}
}

func TestLawAllows(t *testing.T) {
	for _, c := range []struct{ name, at, src string }{
		{"a door", "daemon/act.go", `package daemon; import "github.com/lsh-project/lsh/daemon/internal/process"`},
		{"a test's door in a test", "examples/examples_test.go", `package examples; import "github.com/lsh-project/lsh/config"`},
		{"itself, from outside", "ipc/spec_test.go", `package ipc_test; import "github.com/lsh-project/lsh/ipc"`},
		{"a child process in a test", "daemon/loop_test.go", `package daemon; import "os/exec"; var c = exec.Command`},
		{"time that is given", "reconciler/plan.go", `package reconciler; import "time"; func due(now time.Time) time.Time { return now.Add(time.Hour) }`},
		{"a method called init", "config/load.go", `package config; type T int; func (T) init() {}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if complaints := judge(parseFile(t, c.at, []byte(c.src))); len(complaints) > 0 {
				t.Errorf("complaints are %q, want none", complaints)
			}
		})
	}
}

// sourceFile is one parsed source file and where it stands.
type sourceFile struct {
	path string // from the top of the repository, with slashes
	room string // its folder
	test bool
	ast  *ast.File
}

// judge is everything in f that the law does not allow.
func judge(f sourceFile) []string {
	r, ok := law[f.room]
	if !ok {
		return []string{fmt.Sprintf("%s: %s is not a room of the house: give it a row in the law, with the doors it needs", f.path, f.room)}
	}
	var complaints []string
	complain := func(format string, args ...any) {
		complaints = append(complaints, f.path+": "+fmt.Sprintf(format, args...))
	}
	known := map[string]string{} // local name: import path
	for _, spec := range f.ast.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		local := path.Base(name)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		known[local] = name
		if name == "C" {
			complain(`import "C": the programs are built without C, so that one binary runs anywhere`)
		}
		if to, ours := strings.CutPrefix(name, modulePath+"/"); ours && to != f.room {
			if !slices.Contains(r.doors, to) && !(f.test && slices.Contains(r.tests, to)) {
				complain("no door leads from %s to %s: it may enter %s", f.room, to, doors(r, f.test))
			}
		}
		for _, b := range r.bans {
			if !f.test && b.forbids(name) {
				complain("%s imports %s: %s", f.room, name, b.why)
			}
		}
	}
	for _, d := range f.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			complain("func init: what runs before main cannot be ordered, refused or tested")
		}
	}
	if f.test {
		return complaints
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		used := known[x.Name] + "." + sel.Sel.Name
		for _, b := range r.bans {
			if slices.Contains(b.names, used) {
				complain("%s uses %s: %s", f.room, used, b.why)
			}
		}
		return true
	})
	return complaints
}

func (b ban) forbids(name string) bool {
	return slices.ContainsFunc(b.imports, func(pattern string) bool {
		below, tree := strings.CutSuffix(pattern, "*")
		return name == pattern || tree && strings.HasPrefix(name, below)
	})
}

// doors is what a room may enter, in words.
func doors(r room, test bool) string {
	all := r.doors
	if test {
		all = slices.Concat(r.doors, r.tests)
	}
	if len(all) == 0 {
		return "no other room"
	}
	return strings.Join(all, ", ")
}

// parseHouse parses every Go file of the module, for all systems alike.
func parseHouse(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir(houseRoot, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			// As the go command has it: these hold no packages of the module.
			if name := d.Name(); at != houseRoot && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin" || name == "dist") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(at) != ".go" {
			return nil
		}
		src, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		from, err := filepath.Rel(houseRoot, at)
		if err != nil {
			return err
		}
		files = append(files, parseFile(t, filepath.ToSlash(from), src))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func parseFile(t *testing.T, at string, src []byte) sourceFile {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), at, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return sourceFile{path: at, room: path.Dir(at), test: strings.HasSuffix(at, "_test.go"), ast: parsed}
}
