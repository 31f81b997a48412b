package daemon_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/lsh-project/lsh/ipc"
)

// onSmallDisk has f done in a process of its own, whose temporary directory is a disk of one megabyte.
func onSmallDisk(t *testing.T, f func(dir string)) {
	t.Helper()
	const mark = "LSH_TEST_SMALL_DISK"
	if dir := os.Getenv(mark); dir != "" {
		if err := unix.Mount("small", dir, "tmpfs", 0, "size=1m,nr_inodes=200"); errors.Is(err, os.ErrPermission) {
			t.Skip("this machine lets nobody make a disk")
		} else if err != nil {
			t.Fatal(err)
		}
		t.Setenv("TMPDIR", dir)
		f(dir)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mark+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.ENOSPC) {
		t.Skip("this machine lets nobody make a disk")
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// fill takes all room of a disk, and with inodes all files that it has a place for.
func fill(t *testing.T, dir string, inodes bool) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, "ballast"), 0o700); err != nil {
		t.Fatal(err)
	}
	name := func(i int) string { return filepath.Join(dir, "ballast", strconv.Itoa(i)) }
	full := os.WriteFile(name(0), make([]byte, 2<<20), 0o600)
	for i := 1; inodes && i < 1000; i++ {
		if full = os.WriteFile(name(i), nil, 0o600); full != nil {
			break
		}
	}
	if !errors.Is(full, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", full)
	}
}

func free(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
}

func TestAJobRunsThoughThereIsNoRoomForItsOutput(t *testing.T) {
	onSmallDisk(t, func(dir string) {
		h := newHome(t, `
jobs:
  never-ran: {command: echo hello; exit 3}
`)
		fill(t, dir, true)
		if r := h.run("never-ran"); r.ExitCode == nil || *r.ExitCode != 3 || !strings.Contains(r.OutputLost, "no space left") {
			t.Errorf("run is %+v", r)
		}
		if w := h.job("never-ran").Warnings; len(w) != 1 || !strings.Contains(w[0], "no space left") {
			t.Errorf("of the job is told %q", w)
		}
		free(t, dir)
		if r := h.run("never-ran"); r.OutputLost != "" || h.output(r.ID) != "hello\n" {
			t.Errorf("with room again, run is %+v and printed %q", r, h.output(r.ID))
		}
		if w := h.job("never-ran").Warnings; len(w) > 0 {
			t.Errorf("with room again, of the job is told %q", w)
		}
	})
}

func TestARunThatMeetsAFullDiskSaysSo(t *testing.T) {
	onSmallDisk(t, func(dir string) {
		h := newHome(t, `
jobs:
  long: {command: 'echo before; read go <go; echo after', dir: `+dir+`}
  short: {command: echo hello}
`)
		if err := syscall.Mkfifo(filepath.Join(dir, "go"), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := h.run("short"); r.OutputLost != "" {
			t.Errorf("with room, run is %+v", r)
		}
		long := call(h, ipc.JobsRun, ipc.RunParams{Job: "long"}).Run.ID
		h.until("it prints", func() bool { return h.output(long) == "before\n" })
		fill(t, dir, false)
		h.until("its record tells", func() bool {
			return strings.Contains(call(h, ipc.RunsGet, ipc.RunGetParams{Run: long}).OutputLost, "disk was full")
		})
		if w := h.job("long").Warnings; len(w) != 1 || !strings.Contains(w[0], "disk was full") {
			t.Errorf("of the job in progress is told %q", w)
		}
		if r := h.run("short"); !strings.Contains(r.OutputLost, "disk was full") {
			t.Errorf("without room, run is %+v and printed %q", r, h.output(r.ID))
		}
		free(t, dir)
		if err := os.WriteFile(filepath.Join(dir, "go"), []byte("go\n"), 0); err != nil {
			t.Fatal(err)
		}
		if r := call(h, ipc.RunsWait, ipc.RunGetParams{Run: long}); r.State != ipc.RunSucceeded || !strings.Contains(r.OutputLost, "disk was full") {
			t.Errorf("run is %+v", r)
		}
	})
}

func TestTheReturnOfTheJournalIsAnEvent(t *testing.T) {
	onSmallDisk(t, func(dir string) {
		h := newHome(t, "jobs: {a: {command: 'true'}}")
		events := h.events(0)
		fill(t, dir, false)
		h.until("the journal cannot be written", func() bool {
			h.run("a")
			return call(h, ipc.DaemonStatus, ipc.StatusParams{}).Daemon.Journal.State == ipc.JournalDegraded
		})
		free(t, dir)
		for e := range events {
			if e.Kind == "journal.recovered" {
				if !strings.Contains(e.Message, "rows that were kept in memory") {
					t.Error(e.Message)
				}
				return
			}
		}
	})
}

func TestWhatOutlivesARunDoesNotFillTheDisk(t *testing.T) {
	h := newHome(t, `
jobs:
  leaves:
    command: while sleep 0.01; do head -c 65536 /dev/zero; done & exit 0
    output: {max_size: 64K}
`)
	r := h.run("leaves")
	path := filepath.Join(h.paths.StateDir, "output", "leaves", r.ID+".log")
	h.until("much more is printed than is kept", func() bool {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size() > 8<<20
	})
	h.until("the rest is dropped", func() bool {
		info, err := os.Stat(path)
		return err == nil && info.Sys().(*syscall.Stat_t).Blocks*512 < 6<<20
	})
	call(h, ipc.JobsStop, ipc.SelectParams{Jobs: []string{"leaves"}})
}
