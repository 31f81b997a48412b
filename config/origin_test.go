package config_test

import (
	"maps"
	"testing"

	"github.com/lsh-project/lsh/config"
)

// Of each key the place is told that counts: the job's own, else the nearest
// default's.
func TestOrigins(t *testing.T) {
	h := tree(map[string]string{
		"/jobs.yaml": `version: 1
include: more.yaml
defaults:
  timeout: 1h
  stop: {grace: 5s}
  env:
    A: main
    B: main
jobs:
  here:
    command: "true"
    env: {B: own}
  other:
    command: "true"
    nice: 3
`,
		"/more.yaml": `defaults:
  timeout: 2h
  env: {C: more}
jobs:
  there:
    command: "true"
    stop:
      signal: INT
`,
	})
	main := func(line int, inDefaults bool) config.Origin {
		return config.Origin{Source: config.Source{File: "/jobs.yaml", Line: line}, Default: inDefaults}
	}
	more := func(line int, inDefaults bool) config.Origin {
		return config.Origin{Source: config.Source{File: "/more.yaml", Line: line}, Default: inDefaults}
	}
	for job, want := range map[string]map[string]config.Origin{
		"here": {
			"command": main(11, false), "timeout": main(4, true), "stop.grace": main(5, true),
			"env": main(12, false), "env.A": main(7, true), "env.B": main(12, false),
		},
		"there": {
			"command": more(6, false), "timeout": more(2, true), "stop.grace": main(5, true), "stop.signal": more(8, false),
			"env": more(3, true), "env.A": main(7, true), "env.B": main(8, true), "env.C": more(3, true),
		},
		"nowhere": {},
	} {
		got, err := config.Origins("/jobs.yaml", h, job)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", job, got, want)
		}
	}
}
