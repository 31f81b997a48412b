package watch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNoLeaks arms 200 times, for two sets of paths in turn and with directories replaced in between: the kernel must be
// left with the watches of the last set and the same descriptors as after the first. It is not parallel: it counts what
// the whole process has open.
func TestNoLeaks(t *testing.T) {
	before := descriptors(t)
	t.Run("watching", func(t *testing.T) {
		d := newDesk(t)
		d.sh(`mkdir -p .config/lsh a/b; cat $old > $jobs; cat $old > a/b/env`)
		d.start()
		here, there := []string{d.main}, []string{d.dir + "/a/b/env", d.dir + "/a/c/d/none"}
		d.watcher.Set(here, nil)
		fds, watches := descriptors(t), inotifyWatches(t)
		if watches < 4 {
			t.Fatalf("%d watches for %s", watches, d.main)
		}
		for i := range 200 {
			d.watcher.Set(there, []string{d.dir + "/*/b/*"})
			aside := fmt.Sprintf("%s/was%d", d.dir, i)
			must(t, os.Rename(d.dir+"/a/b", aside))
			must(t, os.Mkdir(d.dir+"/a/b", 0o700))
			must(t, os.WriteFile(d.dir+"/a/b/env", nil, 0o600))
			must(t, os.Rename(d.dir+"/.config/lsh", d.dir+"/lsh"))
			d.watcher.Set(here, nil)
			must(t, os.Rename(d.dir+"/lsh", d.dir+"/.config/lsh"))
			d.watcher.Set(here, nil)
		}
		d.until("the watches to settle", func() bool {
			d.watcher.Set(here, nil)
			return inotifyWatches(t) == watches
		})
		if now := descriptors(t); now != fds {
			t.Errorf("%d descriptors are open, there were %d", now, fds)
		}
	})
	if now := descriptors(t); now != before {
		t.Errorf("%d descriptors are open after Run, there were %d before", now, before)
	}
}

// TestOverflow lets the kernel drop events while changed is held up, among them the only one that mattered.
func TestOverflow(t *testing.T) {
	text, err := os.ReadFile("/proc/sys/fs/inotify/max_queued_events")
	must(t, err)
	limit, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(t, err)
	if limit > 200_000 {
		t.Fatalf("fs.inotify.max_queued_events is %d, too many to fill the queue; run sysctl fs.inotify.max_queued_events=16384", limit)
	}
	d := newDesk(t)
	d.sh(plain)
	calls, resume := d.startHeldUp()
	<-calls
	d.sh(`cd .config/lsh; touch a b`)
	for i := range limit + 8192 { // more than the queue holds and fsnotify has read already
		must(t, os.Chmod(filepath.Dir(d.main)+"/"+[]string{"a", "b"}[i%2], 0o600))
	}
	resume <- struct{}{}
	select {
	case <-calls:
	case <-time.After(patience):
		t.Error("events were lost, and nobody was told to look")
	}
}

// TestUnwatchableDirectory polls a directory that may be passed through but not read, says so, and stops when it may be
// read. Root may read everything, so the test runs as another user then.
func TestUnwatchableDirectory(t *testing.T) {
	if os.Geteuid() == 0 {
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestUnwatchableDirectory$", "-test.v")
		cmd.Dir = "/"
		cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestUnwatchableDirectory") {
			t.Fatalf("as nobody: %v\n%s", err, out)
		}
		return
	}
	d := newDesk(t)
	d.watcher.pace.polling = 50 * time.Millisecond
	d.sh(`mkdir -p .config/lsh`)
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(d.main), 0o700) })
	d.start()
	if polling, reason := d.watcher.Mode(); polling {
		t.Fatalf("polling, because %q", reason)
	}
	d.sh(`chmod 0311 .config/lsh`)
	d.until("polling", func() bool {
		polling, _ := d.watcher.Mode()
		return polling
	})
	want := "watch " + filepath.Dir(d.main) + ": permission denied"
	if _, reason := d.watcher.Mode(); reason != want {
		t.Errorf("polling because %q, want %q", reason, want)
	}
	polled := d.count() + 3
	d.until("polls", func() bool { return d.looks > polled })

	d.sh(`chmod 0755 .config/lsh`)
	d.until("watching by events again", func() bool {
		polling, _ := d.watcher.Mode()
		return !polling
	})
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(entries)
}

// inotifyWatches counts what the kernel watches for this process (proc(5), fdinfo).
func inotifyWatches(t *testing.T) int {
	t.Helper()
	infos, err := filepath.Glob("/proc/self/fdinfo/*")
	must(t, err)
	n := 0
	for _, info := range infos {
		text, _ := os.ReadFile(info) // that of the directory just listed is gone
		n += strings.Count(string(text), "inotify wd:")
	}
	return n
}
