package journal_test

import (
	"fmt"
	"testing"

	"github.com/lsh-project/lsh/daemon/internal/journal"
)

// BenchmarkCommit is the durable price of a run: its intent with its slot and the job's cursor in one commit, its end in
// another. In a burst, many runs share a commit.
func BenchmarkCommit(b *testing.B) {
	for _, burst := range []int{1, 500} {
		b.Run(fmt.Sprintf("%druns", burst), func(b *testing.B) {
			j := open(b, b.TempDir())
			n := 0
			for b.Loop() {
				ids := make([]string, burst)
				for _, state := range []string{"queued", "succeeded"} {
					batch := journal.Batch{Durable: true}
					for i := range ids {
						job := fmt.Sprintf("job-%d", i)
						if state == "queued" {
							ids[i] = newID()
							s := journal.Slot{Job: job, At: at(n), Outcome: "ran", Reason: "its slot is due", Run: ids[i]}
							batch.PutSlots(s)
						}
						batch.PutRun(journal.Run{ID: ids[i], Job: job, State: state, Trigger: "schedule", Attempt: 1, Scheduled: at(n)})
						batch.PutJob(journal.Job{Name: job, Cursor: at(n), LastRun: ids[i]})
					}
					j.Write(&batch)
				}
				n++
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*burst), "µs/run")
		})
	}
}
