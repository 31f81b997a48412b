package daemon

import (
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
)

// BenchmarkFiring is the price of one firing beside the process itself: the
// slot is due, its run starts, ends and is recorded. It must not depend on
// the number of jobs: one turn looks at the dirty jobs alone. The shares of
// memory are steadier than the time on a busy machine.
func BenchmarkFiring(b *testing.B) {
	for _, count := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprintf("%djobs", count), func(b *testing.B) {
			l := newBenchLoop(b, count)
			all := l.table.all()
			const stride = 7919 // a prime: neighbours in the heap are not fired in a row
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				fire(b, l, all[i*stride%len(all)])
				i++
			}
		})
	}
}

// fire has the slot of this second run to its end, turn by turn, and puts the
// job back to where it was: an hour before its next slot.
func fire(b *testing.B, l *loop, e *entry) {
	e.cursor = time.Now().Add(-time.Second)
	l.wakes.set(e, e.cursor)
	l.turn(l.box.take())
	if len(e.runs) != 1 {
		b.Fatalf("the slot of %s has begun %d runs", e.name, len(e.runs))
	}
	id := e.runs[0].ID
	e.cursor = time.Now().Add(time.Hour)
	for len(e.runs) > 0 {
		<-l.box.wake
		l.turn(l.box.take())
	}
	row, ok, err := l.journal.Run(id)
	if err != nil || !ok || row.State != ipc.RunSucceeded || row.Lateness == nil {
		b.Fatalf("run %s of %s is not recorded as succeeded: %+v, %v", id, e.name, row, err)
	}
}

// newBenchLoop is a loop of jobs that have a slot each second, with nobody
// running it. All cursors lie an hour ahead, so that none is due by itself.
func newBenchLoop(b *testing.B, count int) *loop {
	box := newMailbox()
	procs := &instantProcesses{box: box}
	l := newTestLoop(b, b.TempDir(), procs, box)
	l.started = time.Now()
	b.Cleanup(func() {
		l.alarm.Close()
		l.trimmer.Close()
		l.tally.Close()
		l.journal.Close()
	})
	l.turn([]func(*loop){func(l *loop) {
		f := &loaded{config: benchConfig(b, count), specs: map[string]string{}}
		l.accept(f, l.diff(f, ipc.ApplyParams{}), origin{reason: "a test"})
		for _, e := range l.entries {
			e.cursor = l.now.Add(time.Hour)
		}
	}})
	if got := len(l.table.all()); got != count || len(l.wakes) != count {
		b.Fatalf("%d jobs, of which %d wait for their slot; want %d", got, len(l.wakes), count)
	}
	return l
}

func benchConfig(b *testing.B, count int) *config.Config {
	b.Helper()
	var text strings.Builder
	text.WriteString("version: 1\ndefaults: {timezone: UTC}\njobs:\n")
	for i := range count {
		fmt.Fprintf(&text, "  job-%06d: {command: work, schedule: '* * * * * *'}\n", i)
	}
	cfg, err := config.Load("/home/ann/jobs.yaml", config.Host{
		Name: "laptop", OS: "linux", Home: "/home/ann", ID: "laptop",
		Getenv:   func(string) (string, bool) { return "", false },
		ReadFile: func(string) ([]byte, error) { return []byte(text.String()), nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	return cfg
}

// instantProcesses have ended when their start is told.
type instantProcesses struct {
	box *mailbox
	pid atomic.Int64
}

func (f *instantProcesses) Start(s process.Spec) (process.Proc, error) {
	p := process.Proc{ID: s.ID, Pid: int(f.pid.Add(1)), Started: time.Now()}
	x := process.Exit{ID: s.ID, Pid: p.Pid, Ended: p.Started}
	f.box.post(func(l *loop) { l.exited(x) })
	return p, nil
}

func (f *instantProcesses) Signal(process.Proc, syscall.Signal) error { return nil }
func (f *instantProcesses) Kill(process.Proc) error                   { return nil }
func (f *instantProcesses) Alive(process.Proc) []int                  { return nil }
func (f *instantProcesses) Lives(process.Proc) bool                   { return false }
func (f *instantProcesses) Watch(process.Proc, func())                {}
