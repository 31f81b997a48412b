package ipc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const nobody = 65534

// TestMain is the other user's program when the test binary runs as one.
func TestMain(m *testing.M) {
	if act := os.Getenv("IPC_TEST_FOREIGN"); act != "" {
		fmt.Println(foreignAct(act, os.Getenv("IPC_TEST_PATH")))
		io.Copy(io.Discard, os.Stdin) // what it has planted stays until it is told to leave
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// foreignAct is what the other user tries, and how it went.
func foreignAct(act, path string) error {
	switch act {
	case "connect":
		nc, err := net.Dial("unix", path)
		if err != nil {
			return err
		}
		nc.SetDeadline(time.Now().Add(patient))
		io.WriteString(nc, request1("echo", `["let me in"]`)) // fails when it is closed already
		answer, err := io.ReadAll(nc)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		return fmt.Errorf("closed after %d bytes", len(answer))
	case "dial":
		_, err := Dial(context.Background(), []string{path + ".absent", path})
		return err
	case "socket":
		ln, err := net.Listen("unix", path)
		if err != nil {
			return err
		}
		go func() {
			for {
				nc, err := ln.Accept()
				if err != nil {
					return
				}
				io.WriteString(nc, `{"jsonrpc":"2.0","id":1,"result":{"text":"trust me"}}`+"\n")
			}
		}()
		return os.Chmod(path, 0o777)
	case "symlink":
		return os.Symlink(os.Getenv("IPC_TEST_TARGET"), path)
	case "fifo":
		return syscall.Mkfifo(path, 0o666)
	case "directory":
		return os.Mkdir(path, 0o777)
	case "private directory":
		return os.Mkdir(path, 0o700)
	case "file":
		return os.WriteFile(path, nil, 0o666)
	default:
		return errors.New("unknown act")
	}
}

// asNobody runs foreignAct as another user and gives back what came of it.
// What was planted stays until the test's end.
func asNobody(t *testing.T, act, path string, env ...string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(self) // where it is, others may not look
	if err != nil {
		t.Fatal(err)
	}
	dir := shortDir(t)
	program := filepath.Join(dir, "foreign")
	if err := errors.Join(os.WriteFile(program, binary, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(env, "IPC_TEST_FOREIGN="+act, "IPC_TEST_PATH="+path)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	cmd.Stderr = os.Stderr
	leave, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		leave.Close()
		cmd.Wait()
	})
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// Even with every permission of the file system given away, the credentials
// keep another user out.
func TestForeignClient(t *testing.T) {
	server := start(t, Limits{}, arithmetic)
	if err := os.Chmod(filepath.Dir(server.path), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := asNobody(t, "connect", server.path); !strings.HasSuffix(got, "permission denied") {
		t.Errorf("with the socket as it was born: %s", got)
	}
	if err := os.Chmod(server.path, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := asNobody(t, "connect", server.path); got != "closed after 0 bytes" {
		t.Errorf("with its mode opened: %s", got)
	}
	if log := server.log.String(); !strings.Contains(log, "uid=65534") {
		t.Errorf("log: %s", log)
	}
	if _, err := echo.Call(t.Context(), server.dial(t), text{}); err != nil {
		t.Errorf("the owner: %v", err)
	}
}

// What another user plants in /tmp keeps the daemon from that path, and
// neither side is led anywhere by it.
func TestForeignSquatter(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	server := start(t, Limits{}, arithmetic)
	for _, kind := range []string{"socket", "symlink", "fifo", "directory", "file"} {
		tmp := shortDir(t)
		if err := os.Chmod(tmp, 0o777|os.ModeSticky); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(tmp, "s")
		if got := asNobody(t, kind, path, "IPC_TEST_TARGET="+server.path); got != "<nil>" {
			t.Fatalf("plant %s: %s", kind, got)
		}
		_, err := Listen(path)
		squatted, ok := errors.AsType[*SquattedError](err)
		if !ok || squatted.Kind != kind || squatted.Owner != nobody {
			t.Errorf("listen where a %s is: %v", kind, err)
		}
		if _, err := Dial(t.Context(), []string{path}); err == nil || !strings.Contains(errors.Unwrap(err).Error(), "uid 65534") {
			t.Errorf("dial a %s: %v", kind, err)
		}
		nowhere := filepath.Join(tmp, "nowhere") // says less than the other
		_, err = Dial(t.Context(), []string{nowhere, path})
		absent, ok := errors.AsType[*NotRunningError](err)
		if !ok || !strings.Contains(err.Error(), path+": it is uid 65534's") || !strings.Contains(absent.Hint(), path) || errors.Is(err, os.ErrNotExist) {
			t.Errorf("dial a %s after nothing: %v", kind, err)
		}
		c, err := Dial(t.Context(), []string{path, server.path})
		if err != nil {
			t.Errorf("with our own behind a %s: %v", kind, err)
			continue
		}
		if got, err := echo.Call(t.Context(), c, text{"x"}); err != nil || got.Text != "x" {
			t.Errorf("behind a %s: %v, %v", kind, got, err)
		}
		c.Close()
	}
}

// Whose directory it is can put another socket in the place of ours.
func TestForeignDirectory(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	tmp := shortDir(t)
	if err := os.Chmod(tmp, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(tmp, "lsh")
	if got := asNobody(t, "private directory", dir); got != "<nil>" {
		t.Fatal(got)
	}
	ln, err := Listen(filepath.Join(dir, "s"))
	if err == nil {
		ln.Close()
		t.Fatal("listens in the directory of another user")
	}
	if !strings.HasSuffix(err.Error(), "its directory is uid 65534's") {
		t.Error(err)
	}
}

// A socket that may not be used is not told as one that is not there.
func TestADeniedSocketIsNoAbsentOne(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	server := start(t, Limits{}, arithmetic)
	dir := filepath.Dir(server.path)
	for mode, says := range map[os.FileMode]string{
		0o711: server.path + ": it is uid 0's, and this user may not use it",
		0o700: "this user may not enter its directory",
	} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if got := asNobody(t, "dial", server.path); !strings.Contains(got, says) {
			t.Errorf("in a directory of mode %v: %s, want %s", mode, got, says)
		}
	}
}
