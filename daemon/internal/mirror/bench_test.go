package mirror

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// backlogRuns are the runs that wait in the benchmarks, each with its slot.
const backlogRuns = 100_000

// BenchmarkDrain is how fast a backlog of 100,000 runs drains: over loopback, as a ratio against one COPY of the same rows into a bare
// table, and 40 ms away, as a share of what full batches could carry in as many round trips.
func BenchmarkDrain(b *testing.B) {
	for _, c := range []struct {
		name string
		trip time.Duration
	}{{"loopback", 0}, {"40ms", 40 * time.Millisecond}} {
		b.Run(c.name, func(b *testing.B) {
			db := pgtest.Start(b)
			proxy := pgtest.NewProxy(b, db.Address(pgtest.Direct))
			proxy.Delay(c.trip / 2)
			var rows, took, copied float64
			for b.Loop() {
				b.StopTimer()
				j := backlog(b)
				url := freshURL(b, db)
				if c.trip > 0 {
					url = proxy.URL(url)
				}
				m, err := New(Options{
					Log: slog.New(slog.DiscardHandler), Journal: j, Database: config.Database{URL: url}, Dir: b.TempDir(),
					Host: Host{Name: "bench", User: "bench", MachineID: "bench"}, Source: nothing{},
				})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				began := time.Now()
				if !m.round(b.Context()) {
					b.Fatal(m.Status().Err)
				}
				took += time.Since(began).Seconds()
				b.StopTimer()
				m.End(false)
				rows += float64(m.sent)
				if c.trip == 0 {
					copied += copyRows(b, db)
				}
				b.StartTimer()
			}
			b.ReportMetric(rows/took, "rows/s")
			if c.trip > 0 {
				trip := roundTrip(b, proxy.URL(db.AdminURL(pgtest.Direct)))
				b.ReportMetric(100*rows/took/(batchRows/trip), "%possible")
				return
			}
			b.ReportMetric(took/copied, "x-COPY")
		})
	}
}

// backlog is a journal of runs that are over, of a hundred jobs.
func backlog(b *testing.B) *journal.Journal {
	b.Helper()
	j, err := journal.Open(b.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { j.Close() })
	begin := time.Now().Add(-time.Hour)
	for n := 0; n < backlogRuns; {
		var batch journal.Batch
		for range 1000 {
			id := uuid.Must(uuid.NewV7()).String()
			job, at := fmt.Sprintf("job-%02d", n%100), begin.Add(time.Duration(n)*time.Millisecond)
			batch.PutSlots(journal.Slot{Job: job, At: at, Outcome: "ran", Reason: "its slot is due", Run: id})
			batch.PutRun(journal.Run{
				ID: id, Job: job, State: "succeeded", Trigger: "schedule", Attempt: 1, Scheduled: at, Started: at, Ended: at.Add(time.Second),
				Duration: new(time.Second), Lateness: new(time.Millisecond), ExitCode: new(0), Pid: n, Reason: "its slot is due", Generation: 1,
				SpecHash: strings.Repeat("ab", 32), CPU: new(time.Millisecond), MaxRSS: 4 << 20,
			})
			n++
		}
		j.Write(&batch)
	}
	return j
}

// freshURL is the URL of a login of its own, in a database without rows.
func freshURL(b *testing.B, db *pgtest.Database) string {
	b.Helper()
	r, err := Init(context.Background(), InitOptions{AdminURL: db.AdminURL(pgtest.Direct), User: "bench", NewPassword: true})
	if err != nil {
		b.Fatal(err)
	}
	db.Superuser(b, "truncate lsh.hosts cascade")
	return r.URL
}

// copyRows is how many seconds one COPY of all runs and slots into bare tables takes.
func copyRows(b *testing.B, db *pgtest.Database) (seconds float64) {
	b.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, db.AdminURL(pgtest.Direct))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, table := range []string{"runs", "slots"} {
		var text strings.Builder
		if _, err := conn.PgConn().CopyTo(ctx, &text, "copy lsh."+table+" to stdout"); err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Exec(ctx, "drop table if exists bare; create table bare (like lsh."+table+")"); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if _, err := conn.PgConn().CopyFrom(ctx, strings.NewReader(text.String()), "copy bare from stdin"); err != nil {
			b.Fatal(err)
		}
		seconds += time.Since(began).Seconds()
	}
	return seconds
}

// roundTrip is how many seconds the shortest of some calls takes that do nothing.
func roundTrip(b *testing.B, url string) (seconds float64) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	seconds = 1
	for range 20 {
		began := time.Now()
		if _, err := conn.Exec(b.Context(), "select 1"); err != nil {
			b.Fatal(err)
		}
		seconds = min(seconds, time.Since(began).Seconds())
	}
	return seconds
}

// nothing is a source of no jobs.
type nothing struct{}

func (nothing) Declared(string) *Spec                            { return nil }
func (nothing) Secrets(int) ([]string, int)                      { return nil, 0 }
func (nothing) Tail(journal.Run, int64) ([]Piece, bool)          { return nil, false }
func (nothing) Command(context.Context, Command) (string, error) { return "", nil }
