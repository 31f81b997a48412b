package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// burst is how many jobs are due in the same second.
const burst = 500

// BenchmarkBurst500 has many jobs due in the same second, twice a minute,
// and a bare loop start the same commands in between. ratio compares the
// time from the first fork to the last, as the kernel has it; from_due_ratio
// the time from the slot to the last. The bar for both is 1.3.
func BenchmarkBurst500(b *testing.B) {
	const (
		rounds  = 5
		period  = 30 * time.Second
		every   = "*/30 * * * * *"
		command = "sleep 10"       // so that all are there at once, on a slow machine too
		ended   = 17 * time.Second // after the slot all have
	)
	h := newBenchHome(b)
	var text strings.Builder
	text.WriteString("version: 1\ndefaults: {timezone: UTC}\njobs:\n")
	for i := range burst {
		fmt.Fprintf(&text, "  job-%03d: {command: %q, schedule: %q}\n", i, command, every)
	}
	h.save(text.String())
	h.start()
	client := h.client()
	first := time.Now().Truncate(period).Add(period)
	if time.Until(first) < 2*time.Second {
		first = first.Add(period) // let it come to rest before
	}
	var ratios, fromDue []float64
	var spans, bares, firsts, lasts []time.Duration
	for round := range rounds {
		slot := first.Add(time.Duration(round) * period)
		time.Sleep(time.Until(slot.Add(time.Second)))
		var runs []ipc.Run
		for len(runs) < burst {
			if time.Since(slot) > ended {
				b.Fatalf("%d of %d jobs have started", len(runs), burst)
			}
			time.Sleep(300 * time.Millisecond)
			runs = startedAt(b, client, slot)
		}
		var pids []int
		var soonest, latest time.Duration = time.Hour, 0
		for _, r := range runs {
			pids = append(pids, r.Pid)
			soonest, latest = min(soonest, r.Lateness.Duration()), max(latest, r.Lateness.Duration())
		}
		span := forkSpan(b, pids)
		time.Sleep(time.Until(slot.Add(ended)))
		bare, whole := bareBurst(b, h.env, command)
		ratios = append(ratios, span.Seconds()/bare.Seconds())
		fromDue = append(fromDue, latest.Seconds()/whole.Seconds())
		spans, bares = append(spans, span), append(bares, bare)
		firsts, lasts = append(firsts, soonest), append(lasts, latest)
	}
	report(b, map[string]float64{
		"ms": milliseconds(median(spans)), "bare_ms": milliseconds(median(bares)), "ratio": median(ratios),
		"from_due_ratio": median(fromDue), "cold_ratio": ratios[0],
		"first_late_ms": milliseconds(median(firsts)), "max_late_ms": milliseconds(median(lasts)),
	})
}

// startedAt are the runs of a slot that have begun. Each must have its
// lateness recorded.
func startedAt(b *testing.B, client *ipc.Client, slot time.Time) []ipc.Run {
	b.Helper()
	var runs []ipc.Run
	for after := ""; ; {
		page := mustCall(b, client, ipc.RunsList, ipc.RunsListParams{Since: slot, After: after})
		for _, r := range page.Runs {
			if !r.ScheduledAt.Equal(slot) || r.Pid == 0 {
				continue
			}
			if r.Lateness == nil {
				b.Fatalf("run without lateness: %+v", r)
			}
			runs = append(runs, r)
		}
		if after = page.After; after == "" {
			return runs
		}
	}
}

// bareBurst starts the commands in a plain loop: the time between the first
// fork and the last, and that of the whole loop.
func bareBurst(b *testing.B, env []string, command string) (span, whole time.Duration) {
	b.Helper()
	var pids []int
	var all []*exec.Cmd
	began := time.Now()
	for range burst {
		cmd := exec.Command("/bin/sh", "-c", command)
		cmd.Env = env
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		all = append(all, cmd)
	}
	whole = time.Since(began)
	for _, cmd := range all {
		pids = append(pids, cmd.Process.Pid)
	}
	span = forkSpan(b, pids)
	for _, cmd := range all { // they have served
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	return span, whole
}

// forkSpan is the time between the first and the last fork of processes that
// are still there, to a hundredth of a second.
func forkSpan(b *testing.B, pids []int) time.Duration {
	b.Helper()
	var first, last int
	for i, pid := range pids {
		at := statField(b, pid, 22)
		if i == 0 || at < first {
			first = at
		}
		last = max(last, at)
	}
	return time.Duration(last-first) * tick
}
