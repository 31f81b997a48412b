package daemon

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/tally"
	"github.com/lsh-project/lsh/ipc"
)

// BenchmarkDurableRun holds runs as the daemon makes them (decided, in the journal, started, ended, in the journal) against the same
// commands started and reaped by a bare loop over the same Host, which writes nothing down. They take turns, so that a
// busy machine is busy for both. The bar for the ratio is 1.5; in a burst, runs share their commits.
func BenchmarkDurableRun(b *testing.B) {
	for _, burst := range []int{1, 500} {
		b.Run(fmt.Sprintf("%druns", burst), func(b *testing.B) {
			d := newDurable(b, burst)
			var ratios []float64
			var ours time.Duration
			for b.Loop() {
				began := time.Now()
				d.bare(b, burst)
				middle := time.Now()
				d.durable(b)
				took := time.Since(middle)
				ours += took
				ratios = append(ratios, took.Seconds()/middle.Sub(began).Seconds())
			}
			slices.Sort(ratios)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(ours.Microseconds())/float64(b.N*burst), "µs/run")
			b.ReportMetric(ratios[len(ratios)/2], "ratio")
		})
	}
}

// durable is a loop over real processes and a real journal, that nobody runs.
type durable struct {
	*loop
	host  *process.Host
	dir   string
	alone sync.Map // runs of the bare loop
	ended chan struct{}
	next  atomic.Int64
}

func newDurable(b *testing.B, jobs int) *durable {
	d := &durable{dir: b.TempDir(), ended: make(chan struct{}, jobs)}
	box := newMailbox()
	host, err := process.NewHost(slog.New(slog.DiscardHandler), func(x process.Exit) {
		if _, bare := d.alone.LoadAndDelete(x.ID); bare {
			d.ended <- struct{}{}
			return
		}
		_ = d.tally.Ended(tally.Ended{Run: x.ID, Pid: x.Pid, Code: x.Code, At: x.Ended})
		box.post(func(l *loop) { l.exited(x) })
	})
	if err != nil {
		b.Fatal(err)
	}
	d.host = host
	d.loop = newTestLoop(b, b.TempDir(), host, box)
	d.started = time.Now()
	b.Cleanup(func() {
		host.Close()
		d.alarm.Close()
		d.trimmer.Close()
		d.tally.Close()
		d.journal.Close()
	})
	var text strings.Builder
	text.WriteString("version: 1\ndefaults: {output: {keep_runs: 1000000}}\njobs:\n")
	for i := range jobs {
		fmt.Fprintf(&text, "  job-%03d: {command: 'true', dir: /, env: {PATH: /usr/bin:/bin}}\n", i)
	}
	cfg, err := config.Load("/home/ann/jobs.yaml", testHost(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	d.turn([]func(*loop){func(l *loop) {
		f := &loaded{config: cfg, specs: map[string]string{}}
		l.accept(f, l.diff(f, ipc.ApplyParams{}), origin{reason: "a test"})
	}})
	return d
}

// durable has every job run once, until the journal has all of their ends.
func (d *durable) durable(b *testing.B) {
	d.turn([]func(*loop){func(l *loop) {
		for _, e := range l.entries {
			l.request(e, "", nil)
		}
	}})
	for len(d.live) > 0 {
		<-d.box.wake
		d.turn(d.box.take())
	}
	for _, e := range d.entries {
		if e.last == nil || e.last.State != ipc.RunSucceeded {
			b.Fatalf("%s: %+v", e.name, e.last)
		}
	}
}

// bare starts so many of the same commands and waits for them.
func (d *durable) bare(b *testing.B, runs int) {
	for range runs {
		id := fmt.Sprint("bare-", d.next.Add(1))
		d.alone.Store(id, true)
		if _, err := d.host.Start(process.Spec{
			ID: id, Argv: []string{"/bin/sh", "-c", "true"}, Dir: "/", Env: []string{"PATH=/usr/bin:/bin"}, Output: filepath.Join(d.dir, id),
		}); err != nil {
			b.Fatal(err)
		}
	}
	for range runs {
		<-d.ended
	}
}
