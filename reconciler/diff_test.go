package reconciler_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/reconciler"
)

// load reads a jobs file as a host named "laptop" would.
func load(t *testing.T, text string) *config.Config {
	t.Helper()
	host := config.Host{
		Name: "laptop", OS: "linux", Home: "/home/ann", ID: "laptop",
		Getenv:   func(string) (string, bool) { return "", false },
		ReadFile: func(string) ([]byte, error) { return []byte("version: 1\n" + text), nil },
	}
	cfg, err := config.Load("/home/ann/jobs.yaml", host)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// diff compares two files; runs are in progress of the jobs named.
func diff(t *testing.T, before, after string, running ...string) reconciler.Plan {
	t.Helper()
	a, b := load(t, before), load(t, after)
	spec := func(c *config.Config) func(string) string {
		return func(name string) string {
			if j := c.Job(name); j != nil {
				return j.Process.Hash([]byte("key"), os.ReadFile)
			}
			return ""
		}
	}
	return reconciler.Diff(a, b, reconciler.View{
		Now: noon, Generation: 41, Applied: spec(a), Proposed: spec(b),
		Runs: func(job string) []reconciler.Run {
			if slices.Contains(running, job) {
				return []reconciler.Run{{ID: "r1", Phase: reconciler.Running, Pid: 991, Started: noon.Add(-4 * time.Minute)}}
			}
			return nil
		},
		Paused: func(job string) string {
			if job == "nightly" {
				return "paused until it is resumed"
			}
			return ""
		},
	})
}

// printed is a plan as text.
func printed(p reconciler.Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s %s %s", c.Action, c.Job, c.Class)
		if c.From != "" {
			fmt.Fprintf(&b, " from %s", c.From)
		}
		fmt.Fprintf(&b, ": %s\n", c.Reason)
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "  %s: %s -> %s\n", f.Key, f.Before, f.After)
		}
		if c.Reschedules {
			fmt.Fprintf(&b, "  next %s -> %s\n", times(reconciler.Next(c.Before, p.Now)), times(reconciler.Next(c.After, p.Now)))
		}
		for _, w := range c.Warnings {
			fmt.Fprintf(&b, "  ! %s\n", w)
		}
	}
	return b.String() + p.String() + "\n"
}

func times(ts []time.Time) string {
	var out []string
	for _, t := range ts {
		out = append(out, t.Format("Mon 15:04"))
	}
	if out == nil {
		return "none"
	}
	return strings.Join(out, ", ")
}

const base = `
defaults: {timezone: UTC}
jobs:
  backup: {command: restic backup, schedule: "0 3 * * *"}
  nightly: {command: make nightly, schedule: "0 4 * * *"}
  report: {command: make report, schedule: "@daily"}
`

func TestDiff(t *testing.T) {
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(base) }
	cases := []struct {
		name, after string
		running     []string
		want        string
	}{
		{"nothing", base, nil, "no job changes\n"},
		{"a comment and the order", strings.Replace(base, "jobs:", "# mine\njobs:\n", 1), nil, "no job changes\n"},
		{"schedule", edit("0 3 *", "30 3 *"), []string{"backup"}, `change backup hot: schedule changed; slots count from now
  schedule: 0 3 * * * -> 30 3 * * *
  next Wed 03:00, Thu 03:00, Fri 03:00 -> Wed 03:30, Thu 03:30, Fri 03:30
1 hot
`},
		{"command", edit("restic backup", "restic backup ~"), nil, `change backup next_run: command changed
  command: restic backup -> restic backup ~
1 next_run
`},
		{"command of a run in progress", edit("restic backup", "restic backup ~"), []string{"backup"}, `change backup next_run: command changed; the run in progress (pid 991, 4m) finishes under the old one
  command: restic backup -> restic backup ~
1 next_run
`},
		{"command and on_change: restart", edit("restic backup", "restic backup ~, on_change: restart"), []string{"backup"}, `change backup restart: command, on_change changed; the run in progress (pid 991, 4m): TERM, at most 10s, then it begins again
  command: restic backup -> restic backup ~
  on_change: finish -> restart
1 restart
`},
		{"a paused job", edit("0 4 *", "0 5 *"), nil, `change nightly hot: schedule changed; slots count from now
  schedule: 0 4 * * * -> 0 5 * * *
  next Wed 04:00, Thu 04:00, Fri 04:00 -> Wed 05:00, Thu 05:00, Fri 05:00
  ! paused until it is resumed: it takes effect then
1 hot
`},
		{"added", base + "  new: {command: date}\n", nil, `add new start: new job, runs only by hand
  next none -> none
1 start
`},
		{"removed with a run", edit(`  report: {command: make report, schedule: "@daily"}`, ""), []string{"report"}, `remove report stop: no longer in the file; the run in progress (pid 991, 4m) finishes (lsh apply --stop-removed stops it)
  next Wed 00:00, Thu 00:00, Fri 00:00 -> none
1 stop
`},
		{"renamed", edit("report:", "weekly:"), nil, `rename weekly hot from report: the same job under a new name; its history, its overrides and its runs go with it
1 hot
`},
		{"disabled", edit("make report,", "make report, enabled: false,"), []string{"report"}, `change report stop: enabled changed; it runs no more; the run in progress (pid 991, 4m) finishes
  enabled: true -> false
  next Wed 00:00, Thu 00:00, Fri 00:00 -> none
1 stop
`},
		{"not for this host any more", edit("make report,", "make report, only: {hosts: [server-*]},"), nil, `change report stop: only.hosts changed; it runs no more on this host: only.hosts is server-*, this is laptop
  only.hosts:  -> server-*
  next Wed 00:00, Thu 00:00, Fri 00:00 -> none
1 stop
`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := printed(diff(t, base, c.after, c.running...)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestSummaryCountsClasses(t *testing.T) {
	p := diff(t, base, strings.Replace(base, "0 3 *", "30 3 *", 1)+"  new: {command: date}\n")
	want := map[config.Class]int{config.ClassHot: 1, config.ClassStart: 1}
	if got := p.Summary(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPlanIDNamesBaseAndFiles(t *testing.T) {
	a, again := diff(t, base, base), diff(t, base, base)
	other := diff(t, base, base+"  new: {command: date}\n")
	if a.ID != again.ID || a.ID == other.ID {
		t.Errorf("ids %s, %s and %s: the same for the same files only", a.ID, again.ID, other.ID)
	}
}

func TestHold(t *testing.T) {
	file := func(names ...string) string {
		if len(names) == 0 {
			return "jobs: {}\n"
		}
		text := "jobs:\n"
		for _, n := range names {
			text += "  " + n + ": {command: echo " + n + "}\n"
		}
		return text
	}
	cases := []struct {
		name          string
		before, after []string
		want          string
	}{
		{"one of three", []string{"a", "b", "c"}, []string{"a", "b"}, ""},
		{"two of three", []string{"a", "b", "c"}, []string{"a"}, ""},
		{"half of four", []string{"a", "b", "c", "d"}, []string{"a", "b"}, ""},
		{"more than half of four", []string{"a", "b", "c", "d"}, []string{"a"}, "it removes 3 of 4 jobs"},
		{"more than half, others added", []string{"a", "b", "c", "d"}, []string{"a", "x", "y", "z"}, "it removes 3 of 4 jobs"},
		{"the only one", []string{"a"}, nil, "it removes every job (1)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := diff(t, file(c.before...), file(c.after...)).Hold(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
