package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// BenchmarkIdle20 is what the daemon of a usual user costs while nothing is
// due. The bars are 25 MB, and no wake-ups but for the safety polls: the
// files every 10 s; sockets, log and clock every 30 s, each a few threads.
func BenchmarkIdle20(b *testing.B) {
	const settle, watch = 5 * time.Second, 60 * time.Second
	h := newBenchHome(b)
	h.save(manyJobs(20))
	h.start()
	pid := h.daemon.Process.Pid
	time.Sleep(settle)
	wakes, cpu := wakeUps(b, pid), cpuTime(b, pid)
	time.Sleep(watch)
	report(b, map[string]float64{
		"rss_MB":     megabytes(b, pid, "VmRSS"),
		"wakeups/s":  float64(wakeUps(b, pid)-wakes) / watch.Seconds(),
		"idle_cpu_%": percent(cpuTime(b, pid)-cpu, watch),
	})
}

// BenchmarkKeeper is what the parent of the worker costs: after its start, and after it has inherited the runs of a worker
// that was killed. The bar is 8 MB.
func BenchmarkKeeper(b *testing.B) {
	const runs, kills = 50, 5
	h := newBenchHome(b)
	var text strings.Builder
	text.WriteString("version: 1\njobs:\n")
	for i := range runs {
		fmt.Fprintf(&text, "  job-%02d: {command: 'sleep 2', schedule: '* * * * * *'}\n", i)
	}
	h.save(text.String())
	h.env = append(h.env, "LSH_PID_FILE="+filepath.Join(h.dir, "pid"), "LSH_LOG_FILE="+filepath.Join(h.dir, "log"), "LSH_SOCKET="+h.socket)
	h.time("lsh", "daemon", "start")
	defer h.time("lsh", "daemon", "stop", "--timeout", "0")
	before := mustCall(b, h.client(), ipc.DaemonStatus, ipc.StatusParams{Limit: 1}).Daemon
	fresh := megabytes(b, before.Pid, "VmRSS")
	worker := before.WorkerPid
	for range kills {
		_ = syscall.Kill(worker, syscall.SIGKILL)
		time.Sleep(3 * time.Second)
		now := mustCall(b, h.client(), ipc.DaemonStatus, ipc.StatusParams{Limit: 1}).Daemon
		if now.WorkerPid == worker {
			b.Fatal("there is no other worker")
		}
		worker = now.WorkerPid
	}
	report(b, map[string]float64{"rss_MB": fresh, "after_kills_rss_MB": megabytes(b, before.Pid, "VmRSS")})
}

// BenchmarkHundredThousand is a daemon with very many jobs, none of which is
// due. The bars are 400 MB once it has settled and 1 % of a core.
func BenchmarkHundredThousand(b *testing.B) {
	const settle, watch = 20 * time.Second, 30 * time.Second
	h := newBenchHome(b)
	h.save(manyJobs(100_000))
	// The daemon resets the kernel's own mark once it has loaded.
	peak, loaded := 0.0, make(chan struct{})
	var sampling sync.WaitGroup
	h.begun = func(pid int) {
		sampling.Go(func() {
			for tick := time.Tick(10 * time.Millisecond); ; <-tick {
				select {
				case <-loaded:
					return
				default:
					peak = max(peak, megabytes(b, pid, "VmRSS"))
				}
			}
		})
	}
	ready := h.start()
	pid := h.daemon.Process.Pid
	time.Sleep(settle)
	close(loaded)
	sampling.Wait()
	rss, cpu := megabytes(b, pid, "VmRSS"), cpuTime(b, pid)
	time.Sleep(watch)
	used := cpuTime(b, pid) - cpu
	client := h.client()
	if runs := mustCall(b, client, ipc.RunsList, ipc.RunsListParams{}).Runs; len(runs) > 0 {
		b.Fatalf("%s ran: it was not idle", runs[0].Job)
	}
	report(b, map[string]float64{
		"s_to_ready": ready.Seconds(), "rss_MB": rss, "peak_MB": peak, "idle_cpu_%": percent(used, watch),
	})
}

func percent(part, whole time.Duration) float64 { return 100 * part.Seconds() / whole.Seconds() }
