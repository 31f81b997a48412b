package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInstall installs from the clone, as the README has it, and is told what is
// to be done then.
func TestInstall(t *testing.T) {
	watchRepository(t)
	prefix := t.TempDir()
	bin, path := filepath.Join(prefix, "bin"), os.Getenv("PATH")
	env := append(makeHere("").Env, "SHELL=/bin/bash", "LSH_SOCKET="+filepath.Join(prefix, "none"))
	install := func(more ...string) string {
		t.Helper()
		cmd := makeHere("install", append(more, "PREFIX="+prefix, "BIN="+filepath.Join(prefix, "built"), "VERSION="+version)...)
		cmd.Env = env
		return output(t, cmd)
	}
	says := func(out, want string, whether bool) {
		t.Helper()
		if strings.Contains(out, want) != whether {
			t.Errorf("%q is said: %v, want %v:\n%s", want, !whether, whether, out)
		}
	}

	out := install()
	says(out, "installed: lsh "+version+" in "+bin+"\n", true)
	says(out, "  export PATH=\""+bin+":$PATH\"\n", true)
	says(out, "next: lsh daemon install ", true)
	for _, file := range []string{
		"share/man/man1/lsh.1", "share/bash-completion/completions/lsh", "share/fish/vendor_completions.d/lsh.fish",
	} {
		mustHave(t, prefix, file)
	}

	// Who makes a package is told nothing.
	out = install("DESTDIR=" + filepath.Join(prefix, "package"))
	says(out, "next: ", false)
	mustHave(t, filepath.Join(prefix, "package", prefix), "bin/lshd")

	installed := func(path string, more ...string) string {
		t.Helper()
		cmd := exec.Command("sh", filepath.Join(repository, ".ci/installed"), bin)
		cmd.Env = append(append(env, "PATH="+path), more...)
		return output(t, cmd)
	}
	// Where a shell finds it there is nothing to note.
	says(installed(path+":"+bin), "note: ", false)
	// Of the shells only zsh must be told where completions lie.
	says(installed(path+":"+bin, "SHELL=/usr/bin/zsh"), "\n  source <(lsh completion zsh)\n", true)
	// Whose programs come first is somebody else's.
	other := t.TempDir()
	check(t, os.WriteFile(filepath.Join(other, "lsh"), []byte("#!/bin/sh\n"), 0o755))
	out = installed(other + ":" + path + ":" + bin)
	says(out, "note: "+other+"/lsh comes first in your PATH, and is another lsh\n", true)
	says(out, "next: "+bin+"/lsh daemon install ", true)
}

// TestNeedsGo says what is missing before a build that cannot be.
func TestNeedsGo(t *testing.T) {
	for version, want := range map[string]string{
		"":          "make: there is no ",
		"go1.9.7":   "make: Go 1.26 is needed, and go1.9.7 is installed",
		"go1.19rc1": "make: Go 1.26 is needed, and go1.19rc1 is installed",
		"go1.20.14": "make: Go 1.26 is needed, and go1.20.14 is installed",
		"go1.21.0":  "",
		"go1.26":    "",
	} {
		program := filepath.Join(t.TempDir(), "go")
		if version != "" {
			check(t, os.WriteFile(program, []byte("#!/bin/sh\necho "+version+"\n"), 0o755))
		}
		out, err := exec.Command("sh", filepath.Join(repository, ".ci/needs-go"), program).CombinedOutput()
		if !strings.HasPrefix(string(out), want) || (err == nil) != (want == "") {
			t.Errorf("with Go %q: %v, %s", version, err, out)
		}
	}
}
