package process

import (
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestARunInheritsNoDescriptors(t *testing.T) {
	loose, err := syscall.Dup(1) // without close-on-exec, as one the daemon was born with
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(loose)
	r := newRoom(t)
	s := r.sh("fds", "ls /proc/$$/fd; :")
	s.Stdin = "text"
	if _, out := r.run(s); out != "0\n1\n2\n" {
		t.Errorf("descriptors %q", out)
	}
}

func TestARunStartsWithDefaultSignals(t *testing.T) {
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, syscall.SIGHUP, syscall.SIGINT) // as the daemon does
	defer signal.Stop(handled)
	r := newRoom(t)
	s := r.sh("signals", "")
	s.Argv = []string{"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}
	_, out := r.run(s)
	for line := range strings.Lines(out) {
		name, set, _ := strings.Cut(line, ":")
		mask, err := strconv.ParseUint(strings.TrimSpace(set), 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, sig := range []syscall.Signal{
			syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGPIPE, syscall.SIGALRM, syscall.SIGTERM,
			syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGCHLD, syscall.SIGURG,
		} {
			if mask&(1<<(sig-1)) != 0 {
				t.Errorf("%s holds %v", name, sig)
			}
		}
	}
	if strings.Count(out, "Sig") != 2 {
		t.Errorf("output %q", out)
	}
}

func TestARunLeadsItsOwnSession(t *testing.T) {
	r := newRoom(t)
	p := r.start(r.sh("session", "echo up; sleep 1000"))
	got, ok := readTask(p.Pid)
	if !ok || got.pgid != p.Pid || got.sid != p.Pid || got.start != p.StartTime || got.dead {
		t.Errorf("got %+v, %v", got, ok)
	}
}
