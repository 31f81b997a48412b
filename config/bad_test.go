package config_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

// badFiles are the jobs files of testdata/bad, each with one mistake in it and named
// after it: a file, or a directory whose jobs.yaml includes others.
func badFiles(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"testdata/bad/*.yaml", "testdata/bad/*/jobs.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files match %s: %v", pattern, err)
		}
		for _, path := range paths {
			name, _, _ := strings.Cut(strings.TrimPrefix(path, "testdata/bad/"), "/")
			files[strings.TrimSuffix(name, ".yaml")] = path
		}
	}
	return files
}

// TestBadFiles loads each file with a mistake and compares what `lsh check` prints.
func TestBadFiles(t *testing.T) {
	here, err := filepath.Abs("testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range badFiles(t) {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(path, testHost())
			problems, ok := errors.AsType[config.Problems](err)
			if !ok {
				t.Fatalf("Load: %v, want problems", err)
			}
			var got strings.Builder
			for _, p := range problems {
				got.WriteString(config.Render(p, false))
			}
			text := strings.ReplaceAll(got.String(), here+"/", "")
			golden := filepath.Join("testdata/bad", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("printed:\n%s\nwant:\n%s", text, want)
			}
			if strings.Contains(text, "swordfish") {
				t.Error("the value of a variable is shown")
			}
		})
	}
}

// TestBadFilesSayWhatToDo holds for every mistake there is: it has a place inside
// its file, a key where there is one, and a hint.
func TestBadFilesSayWhatToDo(t *testing.T) {
	for name, path := range badFiles(t) {
		_, err := config.Load(path, testHost())
		problems, _ := errors.AsType[config.Problems](err)
		for _, p := range problems {
			text, err := os.ReadFile(p.File)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(text), "\n")
			if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len([]rune(lines[p.Line-1]))+1 {
				t.Errorf("%s: place %d:%d lies outside of the file", name, p.Line, p.Column)
			}
			if p.Hint == "" {
				t.Errorf("%s: %q has no hint", name, p.Message)
			}
		}
	}
}

// TestEightMistakes spells out what the golden file holds, so that no update of it
// can move a position unseen.
func TestEightMistakes(t *testing.T) {
	_, err := config.Load("testdata/bad/eight-mistakes.yaml", testHost())
	problems, _ := errors.AsType[config.Problems](err)
	type place struct {
		line, column int
		key          string
	}
	var got []place
	for _, p := range problems {
		got = append(got, place{p.Line, p.Column, p.Key})
	}
	want := []place{
		{3, 13, "defaults.timezone"},
		{5, 25, "groups.heavy.max_parallel"},
		{8, 5, "jobs.backup.comand"},
		{9, 19, "jobs.backup.schedule"},
		{10, 12, "jobs.backup.group"},
		{13, 14, "jobs.report.timeout"},
		{14, 14, "jobs.report.overlap"},
		{15, 20, "jobs.report.stop.signal"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems at\n%v, want\n%v", got, want)
	}
	if _, err := json.Marshal(problems); err != nil {
		t.Error(err)
	}
}
