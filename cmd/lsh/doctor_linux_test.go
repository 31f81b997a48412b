package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestServiceProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), serviceUnit)
	for _, c := range []struct{ line, want string }{
		{"ExecStart=" + unitCommand([]string{"/usr/bin/lsh", "daemon", "run"}), "/usr/bin/lsh"},
		{"ExecStart=" + unitCommand([]string{"/home/a b/lsh", "daemon", "run"}), "/home/a b/lsh"},
		{"ExecStart=" + unitCommand([]string{"/home/100%/lsh", "daemon", "run"}), "/home/100%/lsh"},
		{"ExecStart=-/usr/bin/lsh daemon run", "/usr/bin/lsh"},
		{"ExecStart=%h/bin/lsh daemon run", ""},
		{"ExecStart=lsh daemon run", ""},
		{"Restart=no", ""},
	} {
		if err := os.WriteFile(path, []byte("[Service]\n"+c.line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := serviceProgram(path); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

func TestStoppedProcess(t *testing.T) {
	child := exec.Command("sh", "-c", "sleep 60 & echo; wait")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-child.Process.Pid, syscall.SIGKILL)
		_ = child.Wait()
	}()
	if _, err := out.Read(make([]byte, 1)); err != nil { // the sleep is there
		t.Fatal(err)
	}
	if got := stoppedProcess(child.Process.Pid); got != 0 {
		t.Errorf("%d is called stopped", got)
	}
	if err := syscall.Kill(-child.Process.Pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return stoppedProcess(child.Process.Pid) == child.Process.Pid })
	if err := syscall.Kill(child.Process.Pid, syscall.SIGCONT); err != nil { // the shell, and not its child
		t.Fatal(err)
	}
	eventually(t, func() bool {
		got := stoppedProcess(child.Process.Pid)
		return got != 0 && got != child.Process.Pid
	})
}

func TestListenerAt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	if got := listenerAt(path); got != os.Getpid() {
		t.Errorf("%d, want %d", got, os.Getpid())
	}
	l.Close()
	if got := listenerAt(path); got != 0 {
		t.Errorf("%d, where nobody listens", got)
	}
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(scriptPatience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come to that")
		}
	}
}

// What is advised for the clock is what this machine has.
func TestClockHint(t *testing.T) {
	for _, c := range []struct {
		systemd       bool
		program, want string
	}{
		{true, "chronyd", "sudo timedatectl set-ntp true"},
		{false, "chronyd", "sudo chronyd"},
		{false, "ntpd", "sudo ntpd -g"},
		{false, "", "install chrony, or another program that keeps the clock right; in a container, on its host"},
	} {
		find := func(program string) (string, error) {
			if program != c.program {
				return "", exec.ErrNotFound
			}
			return program, nil
		}
		if got := clockHint(c.systemd, find); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
