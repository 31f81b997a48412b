package process

import (
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// BenchmarkStart against BenchmarkBareForkExec is the price of everything that a Host does beyond the fork. Both reap
// while they start.
func BenchmarkStart(b *testing.B) {
	r := newRoom(b)
	ended := make(chan struct{}, 1<<20)
	r.onExit = func(Exit) { ended <- struct{}{} }
	n := 0
	for b.Loop() {
		id := strconv.Itoa(n)
		n++
		if _, err := r.Start(Spec{
			ID: id, Argv: []string{"/bin/true"}, Dir: "/", Env: []string{path}, Output: filepath.Join(r.dir, id),
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	for range n {
		<-ended
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
