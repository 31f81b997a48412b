package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// notices are what a daemon tells the service manager that a script plays.
type notices struct {
	mu    sync.Mutex
	texts []string
	seen  int // those before have been asked about
}

func (n *notices) listen(conn net.PacketConn) {
	buf := make([]byte, 4096)
	for {
		size, _, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		n.mu.Lock()
		n.texts = append(n.texts, string(buf[:size]))
		n.mu.Unlock()
	}
}

// find goes on to the next notice that matches.
func (n *notices) find(pattern *regexp.Regexp) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := n.seen; i < len(n.texts); i++ {
		if pattern.MatchString(n.texts[i]) {
			n.seen = i + 1
			return true
		}
	}
	return false
}

// told is every notice, for a failure's message.
func (n *notices) told() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return fmt.Sprintf("after the first %d of %q", n.seen, n.texts)
}

// noticesKey is where a script's notices are among its values.
type noticesKey struct{}

// notifysocket has the script listen for what a daemon tells a service manager.
func notifySocket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: notifysocket")
	}
	path := filepath.Join(ts.Getenv("WORK"), "notify")
	conn, err := net.ListenPacket("unixgram", path)
	ts.Check(err)
	n := &notices{}
	go n.listen(conn)
	ts.Defer(func() { conn.Close() })
	ts.Setenv("NOTIFY_SOCKET", path)
	ts.Value(noticesKey{}).(*heard).notices = n
}

// heard is what the commands of a script keep between them.
type heard struct{ notices *notices }

// notified PATTERN waits for the next notice that matches, after the one before.
func notified(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: notified PATTERN")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	n := ts.Value(noticesKey{}).(*heard).notices
	for deadline := time.Now().Add(scriptPatience); !n.find(pattern); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("no notice that matches %s %s", pattern, n.told())
		}
	}
}

// activate PATH COMMAND… starts a command as a service manager does that has made its listening socket.
func activate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: activate PATH COMMAND…")
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: args[0], Net: "unix"})
	ts.Check(err)
	ln.SetUnlinkOnClose(false)
	ts.Check(os.Chmod(args[0], 0o600))
	listener, err := ln.File()
	ts.Check(err)
	cmd := exec.Command("sh", append([]string{"-c", `LISTEN_PID=$$ exec "$@"`, "sh"}, args[1:]...)...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"HOME", "PATH", "TZ", "LSH_SOCKET", "LSH_PID_FILE", "LSH_LOG_FILE", "XDG_RUNTIME_DIR"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.Env = append(cmd.Env, "LISTEN_FDS=1", "LISTEN_FDNAMES=lshd")
	cmd.ExtraFiles = []*os.File{listener}
	ts.Check(cmd.Start())
	ts.Check(ln.Close())
	ts.Check(listener.Close())
	ts.Defer(func() {
		_ = cmd.Process.Kill() // it has ended, unless the script failed
		_ = cmd.Wait()
	})
}
