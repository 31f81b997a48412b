package daemon_test

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// BenchmarkMillionRuns holds a daemon with a million runs in its journal against one with a hundred, as whole processes: until it answers after
// its start, and `lsh history -n 20` and `lsh status` of both in turns. The bars are 500 ms, and ratios of 2.
func BenchmarkMillionRuns(b *testing.B) {
	const pairs = 100
	bin := b.TempDir()
	for _, program := range []string{"../cmd/lsh", "../cmd/lshd"} {
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", bin+"/", program)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", program, err, out)
		}
	}
	few, many := newPast(b, bin, 100), newPast(b, bin, 1_000_000)
	var ready []time.Duration
	for range 5 {
		ready = append(ready, many.start())
		many.stop()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(middle(ready).Seconds()*1000, "ready_ms")
	b.ReportMetric(float64(many.bytes())/1_000_000, "bytes/run")
	few.start()
	many.start()
	defer few.stop()
	defer many.stop()
	for name, args := range map[string][]string{"history": {"history", "-n", "20"}, "status": {"status"}} {
		var ratios []float64
		for range pairs {
			small := few.time(args...)
			ratios = append(ratios, many.time(args...).Seconds()/small.Seconds())
		}
		b.ReportMetric(middle(ratios), name+"_ratio")
	}
}

func middle[T interface{ ~int64 | ~float64 }](all []T) T {
	return slices.Sorted(slices.Values(all))[len(all)/2]
}

// past is a home whose journal has runs already.
type past struct {
	b      *testing.B
	bin    string
	dir    string
	daemon *exec.Cmd
}

func newPast(b *testing.B, bin string, runs int) *past {
	b.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "lsh") // short, as a socket's path must be
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	p := &past{b: b, bin: bin, dir: dir}
	if err := os.MkdirAll(p.state(), 0o700); err != nil {
		b.Fatal(err)
	}
	jobs := "version: 1\ndefaults: {output: {keep_runs: 10000000, keep_for: 4000w}}\njobs:\n"
	for i := range 10 {
		jobs += fmt.Sprintf("  job-%d: {command: 'true', schedule: '@yearly'}\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "jobs.yaml"), []byte(jobs), 0o600); err != nil {
		b.Fatal(err)
	}
	p.fill(runs)
	return p
}

func (p *past) state() string { return filepath.Join(p.dir, "state") }

// fill writes runs with their slots, one a minute up to now.
func (p *past) fill(runs int) {
	p.b.Helper()
	j, err := journal.Open(p.state(), slog.New(slog.DiscardHandler))
	if err != nil {
		p.b.Fatal(err)
	}
	took, code := 3*time.Second, 0
	spec := fmt.Sprintf("%x", sha256.Sum256([]byte("true")))
	const page = 10_000
	for from := 0; from < runs; from += page {
		var batch journal.Batch
		for i := from; i < min(runs, from+page); i++ {
			at := time.Now().Add(-time.Duration(runs-i) * time.Minute).Truncate(time.Minute)
			id, job := uuid.Must(uuid.NewV7()).String(), fmt.Sprintf("job-%d", i%10)
			batch.PutRun(journal.Run{
				ID: id, Job: job, State: "succeeded", Trigger: "schedule", Attempt: 1, Scheduled: at, Started: at, Ended: at.Add(took),
				Duration: &took, Lateness: &took, ExitCode: &code, Pid: 4711, Generation: 1, CPU: &took, OutputBytes: 12, SpecHash: spec,
			})
			batch.PutSlots(journal.Slot{Job: job, At: at, Outcome: "ran", Reason: "its slot is due", Run: id, Nominal: at.Format("2006-01-02T15:04:05")})
			if i >= runs-10 {
				batch.PutJob(journal.Job{Name: job, Cursor: at, LastRun: id})
			}
		}
		j.Write(&batch)
	}
	j.Maintain(p.b.Context())
	if err := j.Close(); err != nil {
		p.b.Fatal(err)
	}
}

func (p *past) bytes() int64 {
	info, err := os.Stat(filepath.Join(p.state(), "journal.db"))
	if err != nil {
		p.b.Fatal(err)
	}
	return info.Size()
}

func (p *past) env() []string {
	env := []string{"HOME=" + p.dir, "PATH=" + os.Getenv("PATH"), "LSH_STATE_DIR=" + p.state(), "LSH_JOBS_FILE=" + filepath.Join(p.dir, "jobs.yaml")}
	for _, path := range []string{"socket", "pid_file", "log_file"} {
		env = append(env, "LSH_"+strings.ToUpper(path)+"="+filepath.Join(p.dir, path))
	}
	return env
}

// start starts the daemon and says how long it took until it answered.
func (p *past) start() time.Duration {
	p.b.Helper()
	told, tell, err := os.Pipe()
	if err != nil {
		p.b.Fatal(err)
	}
	defer told.Close()
	p.daemon = exec.Command(filepath.Join(p.bin, "lshd"), "--background", "--ready-fd=3")
	p.daemon.ExtraFiles, p.daemon.Env = []*os.File{tell}, p.env()
	began := time.Now()
	if err := p.daemon.Start(); err != nil {
		p.b.Fatal(err)
	}
	tell.Close()
	line, err := bufio.NewReader(told).ReadString('\n')
	took := time.Since(began)
	if err != nil || strings.Contains(line, "error") {
		p.b.Fatalf("start daemon: %q, %v", line, err)
	}
	return took
}

func (p *past) stop() {
	_ = p.daemon.Process.Signal(syscall.SIGTERM)
	_ = p.daemon.Wait()
}

// time runs lsh and returns how long that took.
func (p *past) time(args ...string) time.Duration {
	p.b.Helper()
	cmd := exec.Command(filepath.Join(p.bin, "lsh"), args...)
	cmd.Env = p.env()
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		p.b.Fatalf("lsh %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return time.Since(began)
}
