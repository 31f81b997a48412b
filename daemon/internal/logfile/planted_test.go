package logfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestOpenRefusesWhatIsPlanted(t *testing.T) {
	tests := []struct {
		name  string
		plant func(t *testing.T, path, victim string)
		says  string
	}{
		{"symlink", func(t *testing.T, path, victim string) { check(t, os.Symlink(victim, path)) }, "symbolic link"},
		{"symlink to nothing", func(t *testing.T, path, victim string) { check(t, os.Symlink(victim+"2", path)) }, "symbolic link"},
		{"hard link", func(t *testing.T, path, victim string) { check(t, os.Link(victim, path)) }, "2 names"},
		{"pipe that nobody reads", func(t *testing.T, path, _ string) { check(t, syscall.Mkfifo(path, 0o666)) }, "open log file"},
		{"pipe that somebody reads", func(t *testing.T, path, _ string) {
			check(t, syscall.Mkfifo(path, 0o666))
			reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
			check(t, err)
			t.Cleanup(func() { reader.Close() })
		}, "it is a named pipe"},
		{"directory", func(t *testing.T, path, _ string) { check(t, os.Mkdir(path, 0o700)) }, "is a directory"},
		{"file of another user", func(t *testing.T, path, _ string) {
			if os.Geteuid() != 0 {
				t.Skip("only root can make a file of another user")
			}
			check(t, os.WriteFile(path, nil, 0o666))
			check(t, os.Chown(path, 65534, 65534))
		}, "it belongs to user nobody"},
		{"missing directory", func(t *testing.T, path, _ string) { check(t, os.Remove(filepath.Dir(path))) }, "no such file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir, victim := filepath.Join(t.TempDir(), "tmp"), filepath.Join(t.TempDir(), "victim")
			check(t, os.Mkdir(dir, 0o700))
			check(t, os.WriteFile(victim, []byte("precious"), 0o644))
			path := filepath.Join(dir, "lsh.log")
			test.plant(t, path, victim)

			f, err := Open(path)
			if err == nil {
				f.Close()
				t.Fatal("Open opened it")
			}
			if !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("Open: %v, want %q and the path in it", err, test.says)
			}
			wantText(t, victim, "precious")
			if info, err := os.Stat(victim); err != nil || info.Mode() != 0o644 {
				t.Errorf("the link's target has mode %v, %v, want 0644", info.Mode(), err)
			}
			if _, err := os.Lstat(victim + "2"); err == nil {
				t.Error("the link's target was made")
			}
		})
	}
}
