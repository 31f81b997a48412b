package lock

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	helperPidFile  = "LSH_TEST_LOCK_PID_FILE"
	helperStateDir = "LSH_TEST_LOCK_STATE_DIR"
)

// TestMain turns the test binary into a daemon that does nothing but lock,
// when a test has started it as one.
func TestMain(m *testing.M) {
	if dir := os.Getenv(helperStateDir); dir != "" {
		os.Exit(lockUntilTold(os.Getenv(helperPidFile), dir))
	}
	os.Exit(m.Run())
}

// lockUntilTold locks after a first line on stdin, says how that went, and
// gives back what it has after a second.
func lockUntilTold(pidFile, stateDir string) int {
	in := bufio.NewReader(os.Stdin)
	fmt.Println("ready")
	in.ReadString('\n')
	l, err := Acquire(pidFile, stateDir)
	if held, ok := errors.AsType[*HeldError](err); ok {
		fmt.Println("held by", held.Pid)
		return 0
	}
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println("mine", os.Getpid())
	in.ReadString('\n')
	l.Release()
	return 0
}

// other is such a process.
type other struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startOther(t *testing.T, pidFile, stateDir string) *other {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := &other{cmd: exec.Command(exe)}
	o.cmd.Env = append(os.Environ(), helperPidFile+"="+pidFile, helperStateDir+"="+stateDir)
	o.cmd.Stderr = os.Stderr
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	o.out = bufio.NewReader(out)
	if err := o.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.in.Close()
		o.cmd.Process.Kill()
		o.cmd.Wait()
	})
	if got := o.line(t); got != "ready" {
		t.Fatalf("helper says %q, want ready", got)
	}
	return o
}

func (o *other) tell(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(o.in, "\n"); err != nil {
		t.Fatal(err)
	}
}

func (o *other) line(t *testing.T) string {
	t.Helper()
	line, err := o.out.ReadString('\n')
	if err != nil {
		t.Fatalf("read from the helper: %v", err)
	}
	return strings.TrimSpace(line)
}

// places are a pid file's path in a directory like /tmp, and a state
// directory that is not there yet.
func places(t *testing.T) (pidFile, stateDir string) {
	t.Helper()
	dir := t.TempDir()
	return filepath.Join(dir, "lsh.pid"), filepath.Join(dir, "state", "lsh")
}

func acquire(t *testing.T, pidFile, stateDir string) *Lock {
	t.Helper()
	l, err := Acquire(pidFile, stateDir)
	if err != nil {
		t.Fatalf("Acquire: %v", err)
	}
	t.Cleanup(l.Release)
	return l
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
