package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
)

// TestReadmeCommands holds the README to the way that it promises, from a clone
// to a job of one's own, to its two commands for a look, and the check of a
// change to the second of them.
func TestReadmeCommands(t *testing.T) {
	way := strings.Split(strings.TrimSpace(fences(t, "sh")[0]), "\n")
	if len(way) > 4 || !strings.HasPrefix(way[0], "git clone ") || !strings.HasPrefix(way[1], "make install ") {
		t.Errorf("the way to a first job is\n%s", strings.Join(way, "\n"))
	}
	for _, line := range way[2:] {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if c, rest, err := newRoot(&app{}, nil).Find(words[1:]); words[0] != "lsh" || err != nil || len(rest) > 0 || !c.Runnable() {
			t.Errorf("the README says %q, which is no command", line)
		}
	}
	fence := fences(t, "sh")[1]
	for i, want := range []string{"make run ", "make test "} {
		if lines := strings.Split(fence, "\n"); !strings.HasPrefix(lines[i], want) {
			t.Errorf("command %d of the README is %q, want %q", i+1, lines[i], want)
		}
	}
	if script := read(t, ".ci/run"); !strings.Contains(script, "\nmake test\n") {
		t.Errorf(".ci/run does not run the README's test command, make test:\n%s", script)
	}
	makefile := read(t, "Makefile")
	for _, target := range []string{"run", "test", "supabase", "bench", "lint", "build", "install", "release", "deps"} {
		if !regexp.MustCompile(`(?m)^` + target + `:`).MatchString(makefile) {
			t.Errorf("the Makefile has no target %s", target)
		}
	}
}

// TestReadmeKeys holds the README's reference to the language: every key has
// a row, and every row a key.
func TestReadmeKeys(t *testing.T) {
	var schema struct {
		Properties map[string]any
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(config.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(read(t, "README.md"), "\n## The jobs file\n")
	section, _, _ := strings.Cut(rest, "\n### ")
	tables := regexp.MustCompile(`(?m)^\| key .*\n\|[-|]+\n((?:\|.*\n)+)`).FindAllStringSubmatch(section, -1)
	if len(tables) != 2 {
		t.Fatalf("the README's jobs file has %d tables of keys, want 2: of the file and of a job", len(tables))
	}
	for i, known := range []map[string]any{schema.Properties, schema.Defs["job"].Properties} {
		if len(known) == 0 {
			t.Fatal("the schema has no keys")
		}
		var told []string
		for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)`").FindAllStringSubmatch(tables[i][1], -1) {
			told = append(told, row[1])
			if known[row[1]] == nil {
				t.Errorf("the README tells of the key %s, which is not accepted", row[1])
			}
		}
		for key := range known {
			if !slices.Contains(told, key) {
				t.Errorf("the README does not tell of the key %s", key)
			}
		}
	}
}

// TestReadmeFiles loads the jobs files that the README shows.
func TestReadmeFiles(t *testing.T) {
	shown := fences(t, "yaml")
	if len(shown) == 0 {
		t.Fatal("the README shows no jobs file")
	}
	for _, text := range shown {
		path := filepath.Join(t.TempDir(), "jobs.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(path, config.LocalHost()); err != nil {
			t.Errorf("the README's file:\n%s\n%v", text, err)
		}
	}
}

// TestReadmeCommandList holds the README to the commands of the program.
func TestReadmeCommandList(t *testing.T) {
	_, rest, _ := strings.Cut(read(t, "README.md"), "\n## Commands and exit codes\n")
	table, _, _ := strings.Cut(rest, "\n`lsh COMMAND --help`")
	daemon, others := "", ""
	for line := range strings.Lines(table) {
		if strings.Contains(line, "`lsh daemon ") {
			daemon += line
			continue
		}
		others += line
	}
	known := map[string]bool{}
	for _, c := range newRoot(&app{}, nil).Commands() {
		known[c.Name()] = true
		for _, sub := range c.Commands() {
			known[sub.Name()] = true
		}
		if !c.Hidden && !names(others+daemon, c.Name()) {
			t.Errorf("the README does not tell of lsh %s", c.Name())
		}
		for _, sub := range c.Commands() {
			if c.Name() == "daemon" && !names(daemon, sub.Name()) {
				t.Errorf("the README does not tell of lsh daemon %s", sub.Name())
			}
		}
	}
	for _, code := range regexp.MustCompile("`[^`]+`").FindAllString(table, -1) {
		words := strings.Fields(strings.Trim(code, "`"))
		if command := words[len(words)-1]; !known[command] {
			t.Errorf("the README tells of %s, and there is no command %s", code, command)
		}
	}
}

// names tells whether a text has a command, in code, as its last or only word.
func names(text, command string) bool {
	return regexp.MustCompile("`(lsh )?(daemon )?" + command + "`|`lsh " + command + " ").MatchString(text)
}

// TestArchitectureNamesRooms holds the tour of the house to the law.
func TestArchitectureNamesRooms(t *testing.T) {
	tour := read(t, "docs/architecture.md")
	for name := range law {
		if !strings.Contains(tour, "| `"+name+"` |") {
			t.Errorf("docs/architecture.md has no row for the room %s", name)
		}
	}
}

// TestLinks follows the links between the documents, which rot unseen.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, document := range []string{"README.md", "CONTRIBUTING.md", "docs/architecture.md"} {
		for _, found := range link.FindAllStringSubmatch(read(t, document), -1) {
			to := filepath.Join(houseRoot, filepath.Dir(document), found[1])
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s: %v", document, found[1], err)
			}
		}
	}
}

// fences are the blocks of a language in the README.
func fences(t *testing.T, language string) []string {
	t.Helper()
	var blocks []string
	for _, found := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(read(t, "README.md"), -1) {
		blocks = append(blocks, found[1])
	}
	return blocks
}

// read is the text of a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(houseRoot, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
