package ipc

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestListenIsPrivate(t *testing.T) {
	path := filepath.Join(shortDir(t), "new", "dir", "s")
	ln, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for name, want := range map[string]os.FileMode{path: os.ModeSocket | 0o600, filepath.Dir(path): os.ModeDir | 0o700} {
		if info, err := os.Lstat(name); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// Our own stale socket makes way; nothing else does, and nothing is harmed.
func TestListenWhereSomethingIs(t *testing.T) {
	for _, c := range []struct {
		kind  string // "" where the socket can be made
		plant func(path string) error
	}{
		{"", func(path string) error {
			ln, err := net.Listen("unix", path)
			if err == nil {
				ln.(*net.UnixListener).SetUnlinkOnClose(false)
				err = ln.Close()
			}
			return err
		}},
		{"symlink", func(path string) error { return os.Symlink(path+".target", path) }},
		{"symlink", func(path string) error {
			if err := os.WriteFile(path+".target", []byte("precious"), 0o600); err != nil {
				return err
			}
			return os.Symlink(path+".target", path)
		}},
		{"fifo", func(path string) error { return syscall.Mkfifo(path, 0o600) }},
		{"directory", func(path string) error { return os.Mkdir(path, 0o700) }},
		{"file", func(path string) error { return os.WriteFile(path, nil, 0o600) }},
	} {
		path := filepath.Join(shortDir(t), "s")
		if err := c.plant(path); err != nil {
			t.Fatal(err)
		}
		before, _ := os.Lstat(path)
		ln, err := Listen(path)
		if c.kind == "" {
			if err != nil {
				t.Errorf("stale socket: %v", err)
				continue
			}
			ln.Close()
			continue
		}
		squatted, ok := errors.AsType[*SquattedError](err)
		if !ok || squatted.Kind != c.kind || squatted.Owner != os.Geteuid() || squatted.Path != path {
			t.Errorf("%s: %v", c.kind, err)
		}
		after, err := os.Lstat(path)
		if err != nil || !os.SameFile(before, after) || before.Mode() != after.Mode() {
			t.Errorf("%s: was touched: %v", c.kind, err)
		}
		if _, err := os.Lstat(path + ".target"); c.kind == "symlink" && err == nil {
			if text, _ := os.ReadFile(path + ".target"); string(text) != "precious" {
				t.Errorf("the target of the symlink was touched")
			}
		}
	}
}

func TestListenWherePathsAreWrong(t *testing.T) {
	for path, want := range map[string]string{
		"s":                                 "is not absolute",
		"@abstract":                         "is not absolute",
		"":                                  "is not absolute",
		"/tmp/" + strings.Repeat("x", 200):  "the path has 205 bytes, a socket's at most ",
		"/dev/null/s":                       "not a directory",
		filepath.Join(shortDir(t), "a\x00"): "invalid argument",
	} {
		ln, err := Listen(path)
		if err == nil {
			ln.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", path, err)
		}
		if h, ok := err.(interface{ Hint() string }); strings.HasPrefix(want, "the path") && (!ok || h.Hint() == "") {
			t.Errorf("%q: no hint", path)
		}
	}
}

// A daemon that leaves does not take its successor's socket with it, and one
// whose socket was cleaned away notices.
func TestCloseRemovesOnlyItsOwn(t *testing.T) {
	path := filepath.Join(shortDir(t), "s")
	first, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	if !first.StillThere() {
		t.Error("just made, and not there")
	}
	second, err := Listen(path) // takes it for stale, as it may with the lock
	if err != nil {
		t.Fatal(err)
	}
	if first.StillThere() {
		t.Error("the successor's socket is taken for its own")
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if !second.StillThere() {
		t.Fatal("closing the first removed the second")
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after closing: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// In a directory that all may write to, the socket could be replaced; not in
// one like /tmp, where all may write but only to what is their own.
func TestListenWhereAllMayWrite(t *testing.T) {
	for mode, fine := range map[os.FileMode]bool{
		0o700: true, 0o755: true, 0o775: true, 0o777 | os.ModeSticky: true, 0o777: false, 0o702: false,
	} {
		dir := shortDir(t)
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		ln, err := Listen(filepath.Join(dir, "s"))
		if err == nil {
			ln.Close()
		}
		if (err == nil) != fine {
			t.Errorf("mode %v: %v", mode, err)
		}
		if h, ok := err.(interface{ Hint() string }); !fine && (!ok || h.Hint() != "chmod o-w "+dir) {
			t.Errorf("mode %v: no hint: %v", mode, err)
		}
	}
}
