package config_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
)

// manyJobs is a jobs file of so many jobs, no two of which are alike.
func manyJobs(count int) string {
	var b strings.Builder
	b.WriteString("version: 1\ndefaults:\n  timezone: Europe/Berlin\n  timeout: 1h\n  env: {PATH: \"${HOME}/bin:/usr/bin\"}\ngroups:\n  heavy: {max_parallel: 2}\njobs:\n")
	for i := range count {
		fmt.Fprintf(&b, "  job-%06d:\n    description: the job of number %d\n    command: /usr/local/bin/work --number %d\n", i, i, i)
		fmt.Fprintf(&b, "    schedule: \"%d %d * * *\"\n    tags: [bench, part-%d]\n    group: heavy\n", i%60, i/60%24, i%7)
		if i%10 == 0 {
			fmt.Fprintf(&b, "    env: {NUMBER: %d}\n    stop: {grace: 30s}\n", i)
		}
	}
	return b.String()
}

func benchmarkLoad(b *testing.B, count int) {
	path := filepath.Join(b.TempDir(), "jobs.yaml")
	if err := os.WriteFile(path, []byte(manyJobs(count)), 0o600); err != nil {
		b.Fatal(err)
	}
	h := testHost()
	b.ReportAllocs()
	var kept *config.Config
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		c, err := config.Load(path, h)
		if err != nil {
			b.Fatal(err)
		}
		kept = c
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(count), "B/job-kept")
	runtime.KeepAlive(kept)
}

func BenchmarkLoad10000(b *testing.B)  { benchmarkLoad(b, 10_000) }
func BenchmarkLoad100000(b *testing.B) { benchmarkLoad(b, 100_000) }

// BenchmarkChanged10000 is the comparison that each reload makes.
func BenchmarkChanged10000(b *testing.B) {
	h := testHost()
	h.ReadFile = func(string) ([]byte, error) { return []byte(manyJobs(10_000)), nil }
	one, err := config.Load("/jobs.yaml", h)
	if err != nil {
		b.Fatal(err)
	}
	two, err := config.Load("/jobs.yaml", h)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for i, j := range one.Jobs {
			if config.Changed(j, two.Jobs[i]) != nil {
				b.Fatal("a job differs from itself")
			}
		}
	}
}

// testHost is a machine that is the same wherever the tests run.
func testHost() config.Host {
	env := map[string]string{"PATH": "/usr/bin:/bin", "EDITOR": "vi"}
	return config.Host{
		Name: "laptop.example.org", OS: "linux", Home: "/home/me", ID: "0123456789abcdef",
		Getenv:   func(name string) (string, bool) { value, ok := env[name]; return value, ok },
		ReadFile: os.ReadFile,
	}
}

// tree is a set of files that lie nowhere.
func tree(files map[string]string) config.Host {
	h := testHost()
	h.ReadFile = func(path string) ([]byte, error) {
		text, ok := files[path]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
	return h
}
