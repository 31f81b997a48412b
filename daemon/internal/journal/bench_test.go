package journal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

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

// BenchmarkMillion compares a journal of a million runs with one of a hundred: to open it with all that a worker needs, and
// to answer history and status.
func BenchmarkMillion(b *testing.B) {
	few, many := filled(b, 100), filled(b, 1_000_000)
	size, err := os.Stat(filepath.Join(many, "journal.db"))
	if err != nil {
		b.Fatal(err)
	}
	for name, f := range map[string]func(*journal.Journal) error{
		"history -n 20": func(j *journal.Journal) error {
			_, _, err := j.Runs(journal.RunFilter{Limit: 20})
			return err
		},
		"history --failed": func(j *journal.Journal) error {
			_, _, err := j.Runs(journal.RunFilter{Limit: 20, States: []string{"failed", "timed_out", "lost"}})
			return err
		},
		"history JOB": func(j *journal.Journal) error {
			_, _, err := j.Runs(journal.RunFilter{Limit: 20, Job: "job-7"})
			return err
		},
		"by the end of its id": func(j *journal.Journal) error {
			_, _, err := j.Run("abcd1234")
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			a, z := open(b, few), open(b, many)
			var small, large time.Duration
			for b.Loop() {
				began := time.Now()
				if err := f(a); err != nil {
					b.Fatal(err)
				}
				middle := time.Now()
				if err := f(z); err != nil {
					b.Fatal(err)
				}
				small, large = small+middle.Sub(began), large+time.Since(middle)
			}
			b.ReportMetric(float64(large)/float64(small), "ratio")
		})
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			j := open(b, many)
			if _, err := j.Boot(); err != nil {
				b.Fatal(err)
			}
			j.Close()
		}
		b.ReportMetric(float64(size.Size())/1_000_000, "bytes/run")
	})
}

// filled is the directory of a journal with so many runs of a hundred jobs.
func filled(b *testing.B, runs int) string {
	b.Helper()
	dir := b.TempDir()
	j := open(b, dir)
	code := 0
	took := 3 * time.Second
	const page = 10_000
	for from := 0; from < runs; from += page {
		batch := journal.Batch{}
		for i := from; i < min(runs, from+page); i++ {
			id, job := newID(), fmt.Sprintf("job-%d", i%100)
			state := "succeeded"
			if i%1000 == 0 {
				state = "failed"
			}
			batch.PutRun(journal.Run{
				ID: id, Job: job, State: state, Trigger: "schedule", Attempt: 1, Scheduled: at(i), Started: at(i), Ended: at(i + 3),
				Duration: &took, Lateness: &took, ExitCode: &code, Pid: 4711, Generation: 3, CPU: &took, OutputBytes: 12,
				SpecHash: "7ae094fc948c14231f363dff75ddcbcfdf7192fe9fc307fc2cefdf2da98b7920",
			})
			batch.PutSlots(journal.Slot{Job: job, At: at(i), Outcome: "ran", Reason: "its slot is due", Run: id, Nominal: "2030-03-17T17:46:40"})
			if i >= runs-100 {
				batch.PutJob(journal.Job{Name: job, Cursor: at(i), LastRun: id})
			}
		}
		j.Write(&batch)
	}
	j.Maintain(b.Context())
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	return dir
}
