package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/pgtest"
	"github.com/lsh-project/lsh/ipc"
)

// BenchmarkSync50 is what sync costs a daemon that begins 50 runs a second: two of them go side by side, with and without a database.
// The bar is 10 % more CPU of the daemon; runs are as late in both.
func BenchmarkSync50(b *testing.B) {
	const settle, watch = 10 * time.Second, 60 * time.Second
	var text strings.Builder
	text.WriteString("version: 1\njobs:\n")
	for i := range 50 {
		fmt.Fprintf(&text, "  job-%02d: {command: [\"true\"], schedule: '@every 1s'}\n", i)
	}
	off, on := newBenchHome(b), newBenchHome(b)
	on.sync(pgtest.Start(b))
	homes := []*benchHome{off, on}
	for _, h := range homes {
		h.save(text.String())
		h.start()
	}
	time.Sleep(settle)
	before := []time.Duration{cpuTime(b, off.daemon.Process.Pid), cpuTime(b, on.daemon.Process.Pid)}
	time.Sleep(watch)
	used, late := make([]float64, 2), make([]float64, 2)
	for i, h := range homes {
		used[i] = percent(cpuTime(b, h.daemon.Process.Pid)-before[i], watch)
		late[i] = h.lateness()
	}
	if s := mustCall(b, on.client(), ipc.SyncNow, ipc.SyncNowParams{}); !s.Done {
		b.Fatalf("sync: %+v", s.Sync)
	}
	report(b, map[string]float64{
		"off_cpu_%": used[0], "on_cpu_%": used[1], "x-off": used[1] / used[0], "off_ms_late": late[0], "on_ms_late": late[1],
	})
}

// BenchmarkSyncIdle is what the database has of a daemon while nothing is due: a connection a minute, and none between.
func BenchmarkSyncIdle(b *testing.B) {
	const settle, watch = 20 * time.Second, 180 * time.Second
	h := newBenchHome(b)
	db := pgtest.Start(b)
	url := h.sync(db)
	proxy := pgtest.NewProxy(b, db.Address(pgtest.Direct))
	h.setDatabase(proxy.URL(url))
	h.save(manyJobs(20))
	h.start()
	pid := h.daemon.Process.Pid
	time.Sleep(settle)
	connections, cpu, open := proxy.Connections(), cpuTime(b, pid), 0
	const looks = 360
	for range looks {
		time.Sleep(watch / looks)
		open += min(1, proxy.Open())
	}
	report(b, map[string]float64{
		"connections/min": float64(proxy.Connections()-connections) / watch.Minutes(), "held_%": 100 * float64(open) / looks,
		"idle_cpu_%": percent(cpuTime(b, pid)-cpu, watch),
	})
}

// sync has the daemon sync to a database, and gives its URL.
func (h *benchHome) sync(db *pgtest.Database) (url string) {
	h.b.Helper()
	init := exec.Command(filepath.Join(h.bin, "lsh"), "sync", "init", "--admin-url", "-", "--user", db.Name, "-o", "json")
	init.Env, init.Stdin = h.env, strings.NewReader(db.AdminURL(pgtest.Direct))
	out, err := init.Output()
	if err != nil {
		h.b.Fatalf("sync init: %v\n%s", err, out)
	}
	var made ipc.SyncInit
	if err := json.Unmarshal(out, &made); err != nil {
		h.b.Fatal(err)
	}
	h.setDatabase(made.URL)
	return made.URL
}

func (h *benchHome) setDatabase(url string) {
	h.b.Helper()
	settings := fmt.Sprintf("database: {url: %q}\n", url)
	if err := os.WriteFile(filepath.Join(filepath.Dir(h.jobs), "config.yaml"), []byte(settings), 0o600); err != nil {
		h.b.Fatal(err)
	}
}

// lateness is the median of the last runs, in milliseconds after their slots.
func (h *benchHome) lateness() float64 {
	h.b.Helper()
	var all []time.Duration
	for _, r := range mustCall(h.b, h.client(), ipc.RunsList, ipc.RunsListParams{Limit: 2000}).Runs {
		if r.Lateness != nil {
			all = append(all, r.Lateness.Duration())
		}
	}
	if len(all) == 0 {
		h.b.Fatal("no run was due")
	}
	slices.Sort(all)
	return milliseconds(median(all))
}
