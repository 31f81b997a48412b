package main

import (
	"testing"
	"time"
)

// BenchmarkStatus holds `lsh status` against the least that a Go program can
// do to ask the same: both as whole processes, in turns, so that a busy
// machine is busy for both. The bar for the ratio is 1.5.
func BenchmarkStatus(b *testing.B) {
	const pairs = 300
	h := newBenchHome(b)
	h.save(manyJobs(10))
	h.start()
	for name, args := range map[string][]string{"table": {"status"}, "json": {"status", "-o", "json"}} {
		b.Run(name, func(b *testing.B) {
			h.time("lsh", args...)
			h.time("bare", h.socket)
			var ours, bare []time.Duration
			var ratios []float64
			for i := range pairs {
				var x, y time.Duration
				if i%2 == 0 {
					x, y = h.time("lsh", args...), h.time("bare", h.socket)
				} else {
					y, x = h.time("bare", h.socket), h.time("lsh", args...)
				}
				ours, bare = append(ours, x), append(bare, y)
				ratios = append(ratios, x.Seconds()/y.Seconds())
			}
			report(b, map[string]float64{
				"ms": milliseconds(median(ours)), "bare_ms": milliseconds(median(bare)), "ratio": median(ratios),
			})
		})
	}
}

// BenchmarkCheck10000 is `lsh check` of a large file as a whole process. The
// bar is 600 ms.
func BenchmarkCheck10000(b *testing.B) {
	const times = 11
	h := newBenchHome(b)
	h.save(manyJobs(10_000))
	var all []time.Duration
	for range times {
		all = append(all, h.time("lsh", "check", h.jobs))
	}
	report(b, map[string]float64{"ms": milliseconds(median(all))})
}
