package watch

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// TestOtherNames makes noise around the jobs file: what happens under other names is nobody's business.
func TestOtherNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sh(plain)
	d.start()
	before := d.count()
	d.sh(`cd .config/lsh; for i in 1 2 3 4 5 6 7 8 9; do echo > n$i; mv n$i m$i; mkdir d$i; echo >> m$i; rm m$i; done; echo > ../x`)
	time.Sleep(2 * d.watcher.pace.quiet)
	if n := d.count() - before; n != 0 {
		t.Errorf("%d looks for other files' sake", n)
	}
}

// TestEndlessSeries shows that changed is called though the events never leave the quiet it waits for.
func TestEndlessSeries(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.watcher.pace.quiet, d.watcher.pace.patient = time.Hour, 100*time.Millisecond
	d.sh(plain)
	d.start()
	before := d.count()
	d.sh(`cat $new > $jobs`)
	d.expect(d.main, "new", before)
}

// TestSeries shows that changed waits for quiet.
func TestSeries(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.watcher.pace.quiet, d.watcher.pace.patient = time.Hour, time.Hour
	d.sh(plain)
	d.start()
	before := d.count()
	d.sh(`for i in 1 2 3; do cat $old > $jobs; done`)
	time.Sleep(200 * time.Millisecond)
	if n := d.count() - before; n != 0 {
		t.Errorf("%d looks before there was quiet", n)
	}
}

// TestRunFollows sets the path once and never again: Run itself goes after each directory that appears.
func TestRunFollows(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	calls, resume := d.startHeldUp()
	for _, script := range []string{`:`, `mkdir .config`, `mkdir .config/lsh`, `echo > $jobs`, `echo 2 > $jobs`} {
		d.sh(script)
		select {
		case <-calls:
			resume <- struct{}{}
		case <-time.After(patience):
			t.Fatalf("%s: nobody was told to look", script)
		}
	}
}

// TestSameDirectoryAgain moves a watched directory away and back while changed is held up, so that it looks untouched
// when its events come to be judged; but the watch went when it moved.
func TestSameDirectoryAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sh(`mkdir -p .config/lsh`)
	calls, resume := d.startHeldUp()
	<-calls
	must(t, os.Rename(d.dir+"/.config/lsh", d.dir+"/away"))
	must(t, os.Rename(d.dir+"/away", d.dir+"/.config/lsh"))
	resume <- struct{}{}
	for _, script := range []string{`:`, `cat $new > $jobs`} {
		d.sh(script)
		select {
		case <-calls:
			resume <- struct{}{}
		case <-time.After(patience):
			t.Fatalf("%s: nobody was told to look", script)
		}
	}
}

// TestPoll shows the safety net: with nothing to be noticed, changed is called all the same.
func TestPoll(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.watcher.pace.safety = 20 * time.Millisecond
	d.start()
	d.until("three polls", func() bool { return d.looks > 3 })
}

// TestSetWithoutRun remembers, before and after Run: Run's first act is to watch and call changed.
func TestSetWithoutRun(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sh(plain)
	for range 2 {
		d.watcher.Set([]string{d.main}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var calls atomic.Int32
		if err := d.watcher.Run(ctx, func() { calls.Add(1); cancel() }); err != nil {
			t.Fatal(err)
		}
		if calls.Load() != 1 {
			t.Errorf("changed was called %d times at the start, want once", calls.Load())
		}
	}
}

func TestRunTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.start()
	if err := d.watcher.Run(t.Context(), func() {}); err == nil {
		t.Error("a second Run was let in")
	}
}

// TestChangedIsNeverConcurrent holds one call up while the files go on changing.
func TestChangedIsNeverConcurrent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sh(plain)
	d.watcher.pace.quiet, d.watcher.pace.safety = time.Millisecond, 5*time.Millisecond
	d.watcher.Set([]string{d.main}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var inside, calls atomic.Int32
	err := d.watcher.Run(ctx, func() {
		if inside.Add(1) != 1 {
			t.Error("changed was called while it ran")
		}
		if err := os.WriteFile(d.main, fmt.Append(nil, calls.Load()), 0o600); err != nil {
			t.Error(err)
		}
		d.watcher.Set([]string{d.main}, nil) // from within, too
		time.Sleep(10 * time.Millisecond)
		inside.Add(-1)
		if calls.Add(1) == 20 {
			cancel()
		}
	})
	if err != nil {
		t.Error(err)
	}
}
