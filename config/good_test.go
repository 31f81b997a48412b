package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
)

func load(t *testing.T, path string, h config.Host) *config.Config {
	t.Helper()
	c, err := config.Load(path, h)
	if problems, ok := errors.AsType[config.Problems](err); ok {
		for _, p := range problems {
			t.Error(config.Render(p, false))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// loadText loads one file.
func loadText(t *testing.T, text string) *config.Config {
	t.Helper()
	return load(t, "/etc/jobs.yaml", tree(map[string]string{"/etc/jobs.yaml": text}))
}

func TestEveryKey(t *testing.T) {
	c := load(t, "testdata/good/every-key.yaml", testHost())
	dir, err := filepath.Abs("testdata/good")
	if err != nil {
		t.Fatal(err)
	}
	umask, nice := uint32(0o22), 10
	got := *c.Job("every-key")
	if len(got.Slots) != 4 || got.Slots[2].Text() != "H H * * mon" {
		t.Errorf("Slots are %v", got.Slots)
	}
	if got.Delay <= 0 || got.Delay >= 36*time.Hour {
		t.Errorf("Delay is %s, want a share of 36h", got.Delay)
	}
	got.Slots, got.Delay = nil, 0
	want := config.Job{
		Name: "every-key", Description: "uses every key there is", Tags: []string{"nightly", "off-site"}, Enabled: true,
		Only:   config.Only{Hosts: []string{"lap*"}, OS: []string{"linux", "darwin"}},
		Source: config.Source{File: filepath.Join(dir, "every-key.yaml"), Line: 12},
		Process: config.Process{
			Command: `cat > "$LSH_JOB"`, Shell: []string{"/bin/bash", "-euc"}, Stdin: "a line\n", Dir: "/home/me/src/site",
			Env: []config.EnvVar{
				{Name: "DEBUG", Value: "true"},
				{Name: "LANG", Value: "de_DE.UTF-8"},
				{Name: "PATH", Value: "/home/me/bin:/usr/bin:/bin"},
				{Name: "PORT", Value: "8080"},
				{Name: "PRICE", Value: "5 $ and $HOME"},
			},
			EnvFile:    []config.EnvFile{{Path: filepath.Join(dir, "site.env")}, {Path: "/home/me/.config/site.env", Optional: true}},
			InheritEnv: []string{"EDITOR"}, Umask: &umask, Nice: &nice,
		},
		Schedule: []string{"30 2 * * *", "@every 90m", "H H * * mon", "@start"}, Timezone: "America/New_York", Jitter: 75 * time.Minute,
		DST:     schedule.DST{Gap: schedule.GapSkip, Overlap: schedule.OverlapBoth},
		Overlap: config.OverlapReplace, Group: "heavy", Timeout: 90 * time.Minute,
		// stop.grace comes from the defaults: mappings are laid over each other key by key.
		Stop: config.Stop{Signal: "INT", Grace: 20 * time.Second}, Success: []int{0, 3},
		OnChange: config.OnChange{Action: config.ChangeSignal, Signal: "HUP"}, Here: true,
		CatchUp: config.CatchUpOne, CatchUpWithin: 48 * time.Hour, MovedFrom: "former",
		Retry:  config.Retry{Max: 3, Delay: 30 * time.Second, MaxDelay: time.Hour, On: []int{1, 75}},
		Output: config.Output{MaxSize: 512 << 10, KeepRuns: 7, KeepFor: 14 * 24 * time.Hour},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("job is\n%+v, want\n%+v", got, want)
	}
	files := []string{"/home/me/.config/site.env", filepath.Join(dir, "site.env")}
	slices.Sort(files) // where the checkout lies decides which comes first
	if !slices.Equal(c.EnvFiles, files) {
		t.Errorf("EnvFiles are %v, want %v", c.EnvFiles, files)
	}
	if c.Groups["heavy"].MaxParallel != 1 {
		t.Errorf("Groups are %v", c.Groups)
	}
}

func TestWhatIsLeftOut(t *testing.T) {
	j := *loadText(t, "version: 1\njobs:\n  web: {command: caddy run}\n").Job("web")
	want := config.Job{
		Name: "web", Enabled: true, Here: true, Source: config.Source{File: "/etc/jobs.yaml", Line: 3},
		Process: config.Process{Command: "caddy run", Shell: []string{"/bin/sh", "-c"}, Dir: "/home/me"},
		Stop:    config.Stop{Signal: "TERM", Grace: 10 * time.Second}, Success: []int{0},
		CatchUpWithin: 24 * time.Hour,
		Retry:         config.Retry{Delay: 10 * time.Second, MaxDelay: 10 * time.Minute},
		Output:        config.Output{MaxSize: 10 << 20, KeepRuns: 100, KeepFor: 30 * 24 * time.Hour},
	}
	if !reflect.DeepEqual(j, want) {
		t.Errorf("job is\n%+v, want\n%+v", j, want)
	}
}

// A list is executed without a shell, its items as they are written; 0 takes a
// default back.
func TestArgumentList(t *testing.T) {
	j := load(t, "testdata/good/every-key.yaml", testHost()).Job("by-hand")
	if got := j.CommandArgv(); !slices.Equal(got, []string{"make", "report", "5", "true"}) || j.Shell != nil {
		t.Errorf("argv is %q, shell %q", got, j.Shell)
	}
	if j.Timeout != 0 || j.Timezone != "Europe/Berlin" || len(j.Tags) != 1 {
		t.Errorf("timeout %s, timezone %s, tags %v", j.Timeout, j.Timezone, j.Tags)
	}
}

func TestAnchorsAndMerges(t *testing.T) {
	c := load(t, "testdata/good/anchors.yaml", testHost())
	two := c.Job("two")
	if two.Command != "make two" || !slices.Equal(two.Schedule, []string{"@daily"}) {
		t.Errorf("job two is %+v", two)
	}
	if want := []config.EnvVar{{Name: "A", Value: "1"}, {Name: "B", Value: "3"}}; !slices.Equal(two.Env, want) {
		t.Errorf("env is %v, want %v", two.Env, want)
	}
}

// A few lines of aliases can stand for billions of values.
func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\ndefaults:\n  env: &e\n")
	for i := range 2000 {
		b.WriteString("    V" + strings.Repeat("x", i%7) + string(rune('A'+i%26)) + string(rune('A'+i/26%26)) + string(rune('A'+i/676)) + ": v\n")
	}
	b.WriteString("jobs:\n")
	for i := range 5000 {
		b.WriteString("  j" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)) + ": {command: x, env: *e}\n")
	}
	_, err := config.Load("/jobs.yaml", tree(map[string]string{"/jobs.yaml": b.String()}))
	if err == nil || !strings.Contains(err.Error(), "aliases") {
		t.Errorf("Load: %v", err)
	}
}

func TestNoJobsIsNoMistake(t *testing.T) {
	for _, text := range []string{"version: 1\n", "version: 1\njobs: {}\n", "\ufeffversion: 1\r\njobs:\r\n"} {
		if c := loadText(t, text); len(c.Jobs) != 0 {
			t.Errorf("%q: jobs are %v", text, c.Jobs)
		}
	}
	load(t, "testdata/good/nothing.yaml", testHost())
}

// A file that is missing or empty is never taken for one without jobs.
func TestMissingAndEmpty(t *testing.T) {
	h := tree(map[string]string{"/empty.yaml": "", "/blank.yaml": " \n\t\n"})
	if _, err := config.Load("/jobs.yaml", h); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	for _, path := range []string{"/empty.yaml", "/blank.yaml"} {
		if _, err := config.Load(path, h); !errors.Is(err, config.ErrEmpty) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Bytes that are no text have no place in YAML; what stands beside them may be secret.
func TestNotUTF8(t *testing.T) {
	_, err := config.Load("/jobs.yaml", tree(map[string]string{"/jobs.yaml": "version: 1\ndefaults:\n  env:\n    A: swordfish\xff\n"}))
	problems, _ := errors.AsType[config.Problems](err)
	if len(problems) != 1 || problems[0].Line != 4 || strings.Contains(problems[0].Excerpt, "swordfish") {
		t.Errorf("problems are %+v", problems)
	}
}

func TestHostSelection(t *testing.T) {
	const text = "version: 1\njobs:\n  mine:\n    command: x\n    dir: ${NOT_SET_HERE}/x\n    only: "
	for only, here := range map[string]bool{
		"{hosts: [laptop]}":               true,
		"{hosts: [LAPTOP.example.*]}":     true,
		"{hosts: [desk, lap*]}":           true,
		"{hosts: [desk]}":                 false,
		"{os: [linux]}":                   true,
		"{os: [darwin]}":                  false,
		"{hosts: [laptop], os: [darwin]}": false,
	} {
		h := tree(map[string]string{"/jobs.yaml": text + only + "\n"})
		c, err := config.Load("/jobs.yaml", h)
		if here {
			// The variable matters only where the job does.
			if err == nil || !strings.Contains(err.Error(), "NOT_SET_HERE") {
				t.Errorf("%s: %v", only, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", only, err)
			continue
		}
		if j := c.Job("mine"); j.Here || j.NotHere == "" {
			t.Errorf("%s: here %v, because %q", only, j.Here, j.NotHere)
		}
	}
}

// The delay of a job is its own, and the same at each load.
func TestJitterIsStable(t *testing.T) {
	const text = "version: 1\ndefaults: {jitter: 1h}\njobs:\n  a: {command: x, schedule: '@daily'}\n  b: {command: x, schedule: '@daily'}\n"
	one, two := loadText(t, text), loadText(t, text)
	if one.Job("a").Delay != two.Job("a").Delay || one.Job("a").Delay == one.Job("b").Delay {
		t.Errorf("delays are %s, %s and %s", one.Job("a").Delay, two.Job("a").Delay, one.Job("b").Delay)
	}
}

func TestIncludes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("jobs.yaml", "version: 1\ninclude: [jobs.d/*.yaml, '*.yaml', none.d/*.yaml]\ndefaults: {timeout: 1h, env: {A: main, B: main}}\njobs:\n  main: {command: x, group: late}\n")
	write("jobs.d/b.yaml", "jobs:\n  b: {command: x}\n")
	write("jobs.d/a.yaml", "include: more/a2.yaml\ndefaults: {timeout: 2h, env: {B: a}}\ngroups: {late: {max_parallel: 3}}\njobs:\n  a: {command: x, dir: sub}\n")
	write("jobs.d/more/a2.yaml", "jobs:\n  a2: {command: x}\n")
	write("jobs.d/.#b.yaml", "an editor's lock")
	c := load(t, filepath.Join(dir, "jobs.yaml"), testHost())

	var files []string
	for _, f := range c.Files {
		files = append(files, strings.TrimPrefix(f.Path, dir+"/"))
	}
	if want := []string{"jobs.yaml", "jobs.d/a.yaml", "jobs.d/more/a2.yaml", "jobs.d/b.yaml"}; !slices.Equal(files, want) {
		t.Errorf("files are %v, want %v", files, want)
	}
	if want := []string{dir + "/*.yaml", dir + "/jobs.d/*.yaml", dir + "/jobs.d/more/a2.yaml", dir + "/none.d/*.yaml"}; !slices.Equal(c.Includes, want) {
		t.Errorf("patterns are %v, want %v", c.Includes, want)
	}
	// The main file's defaults lie under all jobs, those of an include under its own.
	for name, want := range map[string]time.Duration{"main": time.Hour, "a": 2 * time.Hour, "a2": time.Hour, "b": time.Hour} {
		if got := c.Job(name).Timeout; got != want {
			t.Errorf("timeout of %s is %s, want %s", name, got, want)
		}
	}
	if want := []config.EnvVar{{Name: "A", Value: "main"}, {Name: "B", Value: "a"}}; !slices.Equal(c.Job("a").Env, want) {
		t.Errorf("env of a is %v, want %v", c.Job("a").Env, want)
	}
	if got := c.Job("a").Dir; got != dir+"/jobs.d/sub" {
		t.Errorf("dir of a is %s", got)
	}

	before := c.Hash
	write("jobs.d/b.yaml", "jobs:\n  b: {command: y}\n")
	if after := load(t, filepath.Join(dir, "jobs.yaml"), testHost()); after.Hash == before {
		t.Error("the hash is the same after an include has changed")
	}
	if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "none.d")); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(filepath.Join(dir, "jobs.yaml"), testHost()); err == nil || !strings.Contains(err.Error(), "leads nowhere") {
		t.Errorf("directory of a pattern gone missing: %v", err)
	}
}

// Mappings may be merged into themselves, again and again.
func TestMergesWithoutEnd(t *testing.T) {
	const text = "version: 1\njobs:\n  a:\n    command: x\n    timeout: soon\n    env: &e {<<: [*e, *e], A: 1}\n  b: &b {<<: [*b, *b], command: x}\n"
	_, err := config.Load("/jobs.yaml", tree(map[string]string{"/jobs.yaml": text}))
	if err == nil || !strings.Contains(err.Error(), "soon") {
		t.Errorf("Load: %v", err)
	}
}
