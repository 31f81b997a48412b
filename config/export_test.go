package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/schedule"
)

// exported is what Export makes of all jobs of a file.
func exported(t interface{ Fatal(...any) }, path string, h config.Host) (*config.Config, string) {
	c, err := config.Load(path, h)
	if err != nil {
		t.Fatal(err)
	}
	written, err := config.Load(path, config.Symbolic(h))
	if err != nil {
		t.Fatal(err)
	}
	var jobs []config.Exported
	for _, j := range c.Jobs {
		jobs = append(jobs, config.Exported{Job: j, Written: written.Job(j.Name)})
	}
	return c, string(config.Export(jobs, c.Groups, "", h))
}

// sameJobs reads a text, and holds its jobs to be those of another file.
func sameJobs(t interface {
	Errorf(string, ...any)
	Fatalf(string, ...any)
}, want *config.Config, text string, h config.Host,
) {
	h.ReadFile = func(string) ([]byte, error) { return []byte(text), nil }
	got, err := config.Load("/elsewhere/jobs.yaml", h)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(got.Jobs) != len(want.Jobs) {
		t.Errorf("%d jobs, want %d\n%s", len(got.Jobs), len(want.Jobs), text)
	}
	none := func(string) ([]byte, error) { return nil, os.ErrNotExist }
	for _, a := range want.Jobs {
		b := got.Job(a.Name)
		if b == nil {
			t.Fatalf("job %s is gone\n%s", a.Name, text)
		}
		if changes := config.Changed(a, b); changes != nil {
			t.Errorf("job %s: %v\n%s", a.Name, changes, text)
		}
		if a.Hash([]byte("key"), none) != b.Hash([]byte("key"), none) {
			t.Errorf("job %s starts another process\n%s", a.Name, text)
		}
		if !slices.EqualFunc(a.Slots, b.Slots, (*schedule.Schedule).Same) || a.Delay != b.Delay {
			t.Errorf("job %s comes due at other times\n%s", a.Name, text)
		}
		if a.Group != "" && want.Groups[a.Group] != got.Groups[b.Group] {
			t.Errorf("group %s has another limit\n%s", a.Group, text)
		}
	}
}

// What is exported is read as the same jobs, for every file that there is.
func TestExportIsReadAsTheSame(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"testdata/good/*.yaml", "../examples/*.yaml", "../examples/dotfiles/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) < 6 {
		t.Fatalf("only %d files: %v", len(paths), paths)
	}
	for _, path := range paths {
		h := testHost()
		if _, err := config.Load(path, h); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		c, text := exported(t, path, h)
		sameJobs(t, c, text, h)
	}
}

// It is a file as a person would write it: variables and ~ stay what they are.
func TestExportReadsLikeTheManual(t *testing.T) {
	h := tree(map[string]string{
		"/etc/jobs.yaml": `version: 1
include: more/often.yaml
defaults: {jitter: 20m, dst: {gap: skip}, env: {PATH: "${HOME}/bin:${PATH}"}}
groups: {heavy: {max_parallel: 2}}
jobs:
  backup:
    description: "nightly: everything"
    command: |
      set -e
      restic backup ~/
    schedule: ["30 2 * * *", "@daily"]
    dir: ~/src
    env: {PRICE: "5 $$ and $HOME", LITERAL: "$${HOME}", YES: "yes"}
    env_file: [job.env, "-${HOME}/more.env"]
    umask: 022
    group: heavy
    stop: {grace: 1m}
    retry: {max: 2}
`,
		"/etc/more/often.yaml": `jobs: {often: {command: [tool, "a b", "5"], schedule: "@every 5m", nice: 3, dir: sub}}
`,
	})
	c, text := exported(t, "/etc/jobs.yaml", h)
	sameJobs(t, c, text, h)
	const want = `version: 1

defaults:
  dst: {gap: skip}
  jitter: 20m

groups:
  heavy: {max_parallel: 2}

jobs:
  backup:
    description: "nightly: everything"
    command: |
      set -e
      restic backup ~/
    dir: ~/src
    env:
      LITERAL: "$${HOME}"
      PATH: "${HOME}/bin:${PATH}"
      PRICE: 5 $ and $HOME
      "YES": "yes"
    env_file: [/etc/job.env, -~/more.env]
    umask: "022"
    schedule: ["30 2 * * *", "@daily"]
    group: heavy
    stop: {grace: 1m}
    retry: {max: 2}

  often:
    command: [tool, a b, "5"]
    dir: /etc/more/sub
    env:
      PATH: "${HOME}/bin:${PATH}"
    nice: 3
    schedule: "@every 5m"
`
	if text != want {
		t.Errorf("exported:\n%s\nwant:\n%s", text, want)
	}
}

// Whatever a value holds, it is the same once it has been written and read again.
func TestExportKeepsEveryText(t *testing.T) {
	h := testHost()
	text := rapid.OneOf(
		rapid.StringMatching(`[ -~]{0,20}`),
		rapid.StringMatching("[a$\\{\\}/~ \n\t#:'\"&*!|>%@`\\-\\[\\],?]{0,12}"),
		rapid.StringMatching(`(\$\$|\$\{HOME\}|\$|\{|a|/|~){0,6}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		var values []string
		for range 4 {
			values = append(values, text.Draw(t, "value"))
		}
		if strings.TrimSpace(values[0]) == "" {
			values[0] += "x"
		}
		j := config.Job{
			Name: "j", Description: values[1], Enabled: true, Here: true,
			Process: config.Process{
				Command: values[0], Shell: []string{"/bin/sh", "-c"}, Stdin: values[2], Dir: h.Home,
				Env: []config.EnvVar{{Name: "A", Value: values[3]}},
			},
			Stop: config.Stop{Signal: "TERM", Grace: time.Second}, Success: []int{0}, Output: config.DefaultOutput(),
		}
		file := string(config.Export([]config.Exported{{Job: &j}}, nil, "a head\nof two lines", h))
		back := h
		back.ReadFile = func(string) ([]byte, error) { return []byte(file), nil }
		c, err := config.Load("/jobs.yaml", back)
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		got := c.Job("j")
		if got.Command != j.Command || got.Description != j.Description || got.Stdin != j.Stdin || got.Env[0] != j.Env[0] {
			t.Fatalf("%q %q %q %q, want %q\n%s", got.Command, got.Description, got.Stdin, got.Env[0].Value, values, file)
		}
	})
}
