package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/lsh-project/lsh/config"
)

// What is no file to read is refused at once, also a pipe that nobody writes to, with
// its path once and with what to do. It is the same for an include.
func TestUnreadableFiles(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, err := range []error{
		syscall.Mkfifo(at("fifo"), 0o600), os.Mkdir(at("directory"), 0o700), os.Symlink("loop", at("loop")),
		os.WriteFile(at("secret"), []byte("version: 1\n"), 0), os.Symlink("fifo", at("link")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"fifo": "it is a pipe, not a regular file", "link": "it is a pipe, not a regular file", "directory": "it is a directory",
		"loop": "its links lead in a circle", "gone": "it does not exist", "secret": "this user may not read it",
	} {
		if name == "secret" && os.Geteuid() == 0 {
			continue // who may read everything
		}
		_, err := config.Load(at(name), config.LocalHost())
		unreadable, ok := errors.AsType[*config.FileError](err)
		if !ok || unreadable.Error() != "read "+at(name)+": "+want || unreadable.Hint() == "" {
			t.Errorf("%s: %v, want: %s", name, err, want)
		}
		if missing := name == "gone"; missing != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: is missing: %v", name, !missing)
		}
		if err := os.WriteFile(at("jobs.yaml"), []byte("version: 1\ninclude: "+name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = config.Load(at("jobs.yaml"), config.LocalHost())
		problems, _ := errors.AsType[config.Problems](err)
		if len(problems) != 1 || problems[0].Line != 2 || strings.Count(problems[0].Message, at(name)) != 1 || problems[0].Hint == "" {
			t.Errorf("include of %s: %v", name, err)
		}
	}
}

// A home that is none is that of the account.
func TestHome(t *testing.T) {
	for _, dir := range []string{"", "somewhere", "~"} {
		t.Setenv("HOME", dir)
		if home := config.LocalHost().Home; !filepath.IsAbs(home) {
			t.Errorf("with HOME %q home is %q", dir, home)
		}
	}
	t.Setenv("HOME", "/some/where")
	if home := config.LocalHost().Home; home != "/some/where" {
		t.Errorf("home is %q, want what HOME says", home)
	}
}

// What reads the files may begin its errors with the path: it is not said twice.
func TestErrorsNameTheirFileOnce(t *testing.T) {
	h := testHost()
	h.ReadFile = func(path string) ([]byte, error) { return nil, errors.New("read " + path + ": it is odd") }
	if _, err := config.Load("/jobs.yaml", h); err == nil || err.Error() != "read /jobs.yaml: it is odd" {
		t.Errorf("Load: %v", err)
	}
}
