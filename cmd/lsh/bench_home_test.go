package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// benchHome is a user's home for one benchmark: the programs as they are
// released, a jobs file, and the daemon once it is started. The benchmarks
// are whole experiments, each made once a run: they tell what they found by
// metrics of their own, not by ns/op.
type benchHome struct {
	b      *testing.B
	bin    string // directory of lsh, lshd and bare
	dir    string
	env    []string
	jobs   string // path
	socket string // the one that lsh tries first
	daemon *exec.Cmd
	begun  func(pid int) // called before the daemon is ready; may be nil
}

// newBenchHome builds the programs into a home without a daemon.
func newBenchHome(b *testing.B) *benchHome {
	b.Helper()
	bin := b.TempDir()
	for _, program := range []string{".", "../lshd", "./testdata/bare"} {
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", bin+"/", program)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", program, err, out)
		}
	}
	// Short, since a socket's path has 108 bytes, and not in /tmp: the daemon
	// hears of each write to a file in a directory above the jobs file.
	dir, err := os.MkdirTemp("/var/tmp", "lsh")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	h := &benchHome{
		b: b, bin: bin, dir: dir,
		jobs:   filepath.Join(dir, ".config", "lsh", "jobs.yaml"),
		socket: filepath.Join(dir, "run", "lsh", "daemon.sock"),
		env: []string{
			"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TZ=UTC", "LANG=C.UTF-8", "XDG_RUNTIME_DIR=" + filepath.Join(dir, "run"),
		},
	}
	for _, path := range []string{filepath.Dir(h.jobs), filepath.Join(dir, "run")} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			b.Fatal(err)
		}
	}
	return h
}

// save replaces the jobs file as an editor does, and says when.
func (h *benchHome) save(text string) time.Time {
	h.b.Helper()
	if err := os.WriteFile(h.jobs+".new", []byte(text), 0o600); err != nil {
		h.b.Fatal(err)
	}
	now := time.Now()
	if err := os.Rename(h.jobs+".new", h.jobs); err != nil {
		h.b.Fatal(err)
	}
	return now
}

// start starts the daemon and returns how long it took until it answered. It
// is stopped with the benchmark.
func (h *benchHome) start() time.Duration {
	h.b.Helper()
	told, tell, err := os.Pipe()
	if err != nil {
		h.b.Fatal(err)
	}
	defer told.Close()
	defer tell.Close()
	h.daemon = exec.Command(filepath.Join(h.bin, "lshd"), "--background", "--ready-fd=3")
	h.daemon.ExtraFiles = []*os.File{tell}
	for _, path := range []string{"socket", "pid_file", "log_file"} {
		h.daemon.Env = append(h.daemon.Env, "LSH_"+strings.ToUpper(path)+"="+filepath.Join(h.dir, path))
	}
	h.daemon.Env = append(h.daemon.Env, h.env...)
	began := time.Now()
	if err := h.daemon.Start(); err != nil {
		h.b.Fatal(err)
	}
	h.b.Cleanup(func() {
		_ = h.daemon.Process.Signal(syscall.SIGTERM) // twice: at once
		_ = h.daemon.Process.Signal(syscall.SIGINT)
		_ = h.daemon.Wait()
	})
	if err := tell.Close(); err != nil {
		h.b.Fatal(err)
	}
	if h.begun != nil {
		h.begun(h.daemon.Process.Pid)
	}
	if ready, err := awaitReady(told); err != nil || ready.Error != nil {
		h.b.Fatalf("start daemon: %v %+v", err, ready.Error)
	}
	return time.Since(began)
}

// client is a connection to the daemon.
func (h *benchHome) client() *ipc.Client {
	h.b.Helper()
	c, err := ipc.Dial(h.b.Context(), []string{h.socket})
	if err != nil {
		h.b.Fatal(err)
	}
	h.b.Cleanup(func() { c.Close() })
	return c
}

// mustCall calls a method of the daemon.
func mustCall[P, R any](b *testing.B, c *ipc.Client, m ipc.Method[P, R], p P) R {
	b.Helper()
	r, err := m.Call(b.Context(), c, p)
	if err != nil {
		b.Fatalf("%s: %v", m.Name, err)
	}
	return r
}

// time runs a program of ours to its end and returns how long that took.
func (h *benchHome) time(program string, args ...string) time.Duration {
	h.b.Helper()
	cmd := exec.Command(filepath.Join(h.bin, program), args...)
	cmd.Env = h.env
	began := time.Now()
	if err := cmd.Run(); err != nil {
		h.b.Fatalf("%s %s: %v", program, strings.Join(args, " "), err)
	}
	return time.Since(began)
}

// report reports metrics in the place of ns/op.
func report(b *testing.B, metrics map[string]float64) {
	b.ReportMetric(0, "ns/op")
	for unit, n := range metrics {
		b.ReportMetric(n, unit)
	}
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

func median[T interface{ ~int64 | ~float64 }](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// manyJobs is a jobs file of so many jobs, no two of which are alike and of
// which none is due before two hours have passed.
func manyJobs(count int) string {
	var b strings.Builder
	b.WriteString("version: 1\ndefaults: {timezone: UTC, timeout: 1h}\ngroups: {heavy: {max_parallel: 2}}\njobs:\n")
	now := time.Now().UTC()
	for i := range count {
		hour := (now.Hour() + 3 + i%20) % 24
		schedule := fmt.Sprintf("%d %d * * *", i%60, hour)
		switch i % 10 {
		case 1, 2:
			schedule = fmt.Sprintf("%d %d * * %d", i%60, hour, i%7)
		case 3:
			schedule = fmt.Sprintf("%d %d %d * *", i%60, hour, 1+i%28)
		}
		fmt.Fprintf(&b, "  job-%06d:\n    description: the job of number %d\n    command: /usr/local/bin/work --number %d\n", i, i, i)
		fmt.Fprintf(&b, "    schedule: %q\n    tags: [bench, part-%d]\n", schedule, i%7)
		if i%10 == 0 {
			fmt.Fprintf(&b, "    group: heavy\n    env: {NUMBER: %d}\n    stop: {grace: 30s}\n", i)
		}
	}
	return b.String()
}
