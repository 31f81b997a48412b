package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// silentDaemon is a socket that lets clients come and answers none, as a service manager's does whose daemon does not start.
func silentDaemon(t *testing.T) (socket string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "lsh") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	ln, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return socket
}

// saidOf runs lsh, whose patience is short, and gives its exit code and what it says on stderr.
func saidOf(t *testing.T, p patience, args ...string) (code int, stderr string) {
	t.Helper()
	var said bytes.Buffer
	a := newApp(strings.NewReader(""), &bytes.Buffer{}, &said, os.LookupEnv, time.Now)
	defer a.close()
	a.args, a.patience = args, p
	code = a.finish(newRoot(a, args).ExecuteContext(t.Context()))
	return code, said.String()
}

func TestADaemonThatAnswersNothingIsGivenUp(t *testing.T) {
	t.Setenv("LSH_SOCKET", silentDaemon(t))
	t.Setenv("PATH", t.TempDir()) // no service manager
	soon := patience{time.Millisecond, 2 * time.Millisecond, 300 * time.Millisecond}
	for _, command := range []string{"list", "status", "daemon status", "history", "generations", "events", "events -f", "metrics", "run a --wait", "rpc daemon.status"} {
		t.Run(command, func(t *testing.T) {
			code, said := saidOf(t, soon, strings.Fields(command)...)
			for _, want := range []string{"the daemon does not answer; waiting for it", "lsh: the daemon is there and has not answered within 300 ms\n", "hint: lsh doctor\n"} {
				if !strings.Contains(said, want) {
					t.Errorf("it says %q, want %q", said, want)
				}
			}
			if code != exitNotRunning {
				t.Errorf("exit code %d, want %d", code, exitNotRunning)
			}
		})
	}
}
