package lock

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody owns what the other user of these tests has planted.
const nobody = 65534

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a file of another user")
	}
}

// plants are what somebody may have put at a path before us. Each tells
// words that the complaint must contain, and how to check that the plant and
// what it leads to are as they were.
var plants = []struct {
	name  string
	plant func(t *testing.T, path string) (unharmed func(t *testing.T))
	says  string
}{
	{"symlink to a file of ours", func(t *testing.T, path string) func(*testing.T) {
		victim := filepath.Join(t.TempDir(), "victim")
		write(t, victim, "precious")
		check(t, os.Symlink(victim, path))
		return func(t *testing.T) { wantText(t, victim, "precious") }
	}, "a symbolic link of user"},
	{"symlink to nothing", func(t *testing.T, path string) func(*testing.T) {
		victim := filepath.Join(t.TempDir(), "victim")
		check(t, os.Symlink(victim, path))
		return func(t *testing.T) {
			if _, err := os.Lstat(victim); err == nil {
				t.Error("the link was followed: its target was made")
			}
		}
	}, "a symbolic link of user"},
	{"hard link to a file of ours", func(t *testing.T, path string) func(*testing.T) {
		victim := filepath.Join(filepath.Dir(path), "victim")
		write(t, victim, "precious")
		check(t, os.Link(victim, path))
		return func(t *testing.T) { wantText(t, victim, "precious") }
	}, "2 names"},
	{"named pipe", func(t *testing.T, path string) func(*testing.T) {
		check(t, syscall.Mkfifo(path, 0o666))
		return func(*testing.T) {}
	}, "a named pipe"},
	{"directory", func(t *testing.T, path string) func(*testing.T) {
		check(t, os.Mkdir(path, 0o755))
		return func(*testing.T) {}
	}, "a directory"},
	{"file of another user", func(t *testing.T, path string) func(*testing.T) {
		asRoot(t)
		write(t, path, "theirs")
		check(t, os.Chown(path, nobody, nobody))
		return func(t *testing.T) { wantText(t, path, "theirs") }
	}, "belongs to user nobody"},
}

func TestASquattedPidFileCostsOnlyThePidFile(t *testing.T) {
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			pidFile, stateDir := places(t)
			unharmed := p.plant(t, pidFile)
			before := mustLstat(t, pidFile)

			l := acquire(t, pidFile, stateDir)
			w := l.Warnings()
			if len(w) != 1 || !strings.Contains(w[0], p.says) || !strings.Contains(w[0], pidFile) {
				t.Errorf("warnings %q, want one with %q and the path", w, p.says)
			}
			if err := l.Renew(); err == nil {
				t.Error("Renew took the squatted path")
			}
			if _, err := Acquire(pidFile, stateDir); !isHeldByUs(err) {
				t.Errorf("a second daemon: %v, want it refused by the state directory's lock", err)
			}
			l.Release()
			if after := mustLstat(t, pidFile); !os.SameFile(before, after) || before.Mode() != after.Mode() {
				t.Errorf("the plant was %v and is %v", before.Mode(), after.Mode())
			}
			unharmed(t)
		})
	}
}

func TestTheSquatterLeaves(t *testing.T) {
	pidFile, stateDir := places(t)
	check(t, os.Mkdir(pidFile, 0o755))
	l := acquire(t, pidFile, stateDir)

	check(t, os.Remove(pidFile))
	if err := l.Renew(); err != nil {
		t.Fatalf("Renew: %v", err)
	}
	if w := l.Warnings(); len(w) != 0 {
		t.Errorf("warnings %q, want none any more", w)
	}
	if _, ok := holderOf(pidFile); !ok {
		t.Error("the pid file is not locked")
	}
}

func TestAPlantedStateLockIsRefused(t *testing.T) {
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			pidFile, stateDir := places(t)
			check(t, os.MkdirAll(stateDir, 0o700))
			unharmed := p.plant(t, filepath.Join(stateDir, lockName))
			_, err := Acquire(pidFile, stateDir)
			if _, ok := errors.AsType[*StateDirError](err); !ok || !strings.Contains(err.Error(), p.says) {
				t.Errorf("Acquire: %v, want a StateDirError with %q", err, p.says)
			}
			if _, err := os.Lstat(pidFile); err == nil {
				t.Error("a pid file was made")
			}
			unharmed(t)
		})
	}
}

func TestStateDirectory(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T, path string)
		says string // "" when it is to be accepted
		hint string
	}{
		{"private", func(t *testing.T, path string) { check(t, os.Mkdir(path, 0o700)) }, "", ""},
		{"readable by others", func(t *testing.T, path string) { check(t, os.Mkdir(path, 0o755)) }, "", ""},
		{"writable by others", func(t *testing.T, path string) {
			check(t, os.Mkdir(path, 0o700))
			check(t, os.Chmod(path, 0o702))
		}, "others may write to it", "chmod go-w"},
		{"writable by the group", func(t *testing.T, path string) {
			check(t, os.Mkdir(path, 0o700))
			check(t, os.Chmod(path, 0o770))
		}, "others may write to it", "chmod go-w"},
		{"a file", func(t *testing.T, path string) { write(t, path, "") }, "not a directory", ""},
		{"our link to our directory", func(t *testing.T, path string) { check(t, os.Symlink(t.TempDir(), path)) }, "", ""},
		{"our link to nothing", func(t *testing.T, path string) { check(t, os.Symlink("nowhere", path)) }, "a symbolic link", ""},
		{"our link to a file", func(t *testing.T, path string) {
			write(t, path+".target", "")
			check(t, os.Symlink(path+".target", path))
		}, "a symbolic link", ""},
		{"of another user", func(t *testing.T, path string) {
			asRoot(t)
			check(t, os.Mkdir(path, 0o755))
			check(t, os.Chown(path, nobody, nobody))
		}, "belongs to user nobody", "state_dir"},
		{"another's link to our directory", func(t *testing.T, path string) {
			asRoot(t)
			check(t, os.Symlink(t.TempDir(), path))
			check(t, os.Lchown(path, nobody, nobody))
		}, "belongs to user nobody", "state_dir"},
		{"our link to another's directory", func(t *testing.T, path string) {
			asRoot(t)
			target := t.TempDir()
			check(t, os.Chown(target, nobody, nobody))
			check(t, os.Symlink(target, path))
		}, "user nobody", "state_dir"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			stateDir := filepath.Join(dir, "state")
			test.make(t, stateDir)
			l, err := Acquire(filepath.Join(dir, "lsh.pid"), stateDir)
			if test.says == "" {
				if err != nil {
					t.Fatalf("Acquire: %v", err)
				}
				l.Release()
				return
			}
			bad, ok := errors.AsType[*StateDirError](err)
			if !ok || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), stateDir) {
				t.Fatalf("Acquire: %v, want a StateDirError with %q and the path", err, test.says)
			}
			if !strings.Contains(bad.Hint(), test.hint) {
				t.Errorf("hint %q, want %q in it", bad.Hint(), test.hint)
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantText(t *testing.T, path, want string) {
	t.Helper()
	if got := read(t, path); got != want {
		t.Errorf("%s says %q, want %q", path, got, want)
	}
}

func mustLstat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Lstat(path)
	check(t, err)
	return info
}

func isHeldByUs(err error) bool {
	held, ok := errors.AsType[*HeldError](err)
	return ok && held.Pid == os.Getpid()
}
