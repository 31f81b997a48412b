package process

import (
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// BenchmarkStart against BenchmarkBareForkExec is the price of everything that a Host does beyond the fork. Both reap
// while they start.
func BenchmarkStart(b *testing.B) {
	ended := make(chan struct{}, 1<<20)
	r := newRoom(b)
	r.onExit = func(Exit) { ended <- struct{}{} }
	n := 0
	for b.Loop() {
		startTrue(b, r, n)
		n++
	}
	b.StopTimer()
	if b.Failed() {
		return
	}
	for range n {
		<-ended
	}
}

// BenchmarkStartFromFour overlaps one run's fork with the making of another's output file, the dearest part beside it.
func BenchmarkStartFromFour(b *testing.B) {
	ended := make(chan struct{}, 1<<20)
	r := newRoom(b)
	r.onExit = func(Exit) { ended <- struct{}{} }
	var next atomic.Int64
	var starters sync.WaitGroup
	b.ResetTimer()
	for range 4 {
		starters.Go(func() {
			for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
				startTrue(b, r, n)
			}
		})
	}
	starters.Wait()
	b.StopTimer()
	if b.Failed() {
		return
	}
	for range b.N {
		<-ended
	}
}

func startTrue(b *testing.B, r *room, n int) {
	id := strconv.Itoa(n)
	s := Spec{ID: id, Argv: []string{"/bin/true"}, Dir: "/", Env: []string{path}, Output: filepath.Join(r.dir, id)}
	if _, err := r.Start(s); err != nil {
		b.Error(err)
	}
}

func BenchmarkBareForkExec(b *testing.B) {
	null, err := syscall.Open("/dev/null", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer syscall.Close(null)
	fds := []uintptr{uintptr(null), uintptr(null), uintptr(null)}
	started, reaped := make(chan struct{}, 1<<20), make(chan struct{})
	go func() {
		defer close(reaped)
		for range started {
			for {
				if _, err := syscall.Wait4(-1, nil, 0, nil); err != syscall.EINTR {
					break
				}
			}
		}
	}()
	for b.Loop() {
		attr := &syscall.ProcAttr{Dir: "/", Env: []string{path}, Files: fds, Sys: &syscall.SysProcAttr{Setsid: true}}
		if _, err := syscall.ForkExec("/bin/true", []string{"/bin/true"}, attr); err != nil {
			b.Fatal(err)
		}
		started <- struct{}{}
	}
	b.StopTimer()
	close(started)
	<-reaped
}
