package schedule_test

import (
	"testing"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{"30 2 * * *", "*/15 8-18 * * mon-fri", "H H * * *", "@every 15m"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				parse(b, text, schedule.Options{Location: time.UTC, Seed: "host/job"})
			}
		})
	}
}

func BenchmarkNext(b *testing.B) {
	loc := zone(b, "America/New_York")
	start := time.Date(2026, 3, 1, 12, 34, 56, 0, loc)
	for _, text := range []string{
		"* * * * * *", "*/5 * * * *", "30 2 * * *", "0 9 * * mon-fri", "0 0 1 1 *", "0 0 29 2 *", "0 0 29 2 */7", "@every 15m",
	} {
		b.Run(text, func(b *testing.B) {
			s := parse(b, text, schedule.Options{Location: loc})
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := s.Next(start); !ok {
					b.Fatal("no slot")
				}
			}
		})
	}
}
