package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
)

func missing(path string) ([]byte, error) {
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

// TestHashTellsSpecsApart changes one thing after the other: each has a hash of its
// own, and the same again when it is made again.
func TestHashTellsSpecsApart(t *testing.T) {
	mask, nice := uint32(0o22), -5
	content := func(text string) func(string) ([]byte, error) {
		return func(string) ([]byte, error) { return []byte(text), nil }
	}
	refused := func(string) ([]byte, error) { return nil, fs.ErrPermission }
	file := []config.EnvFile{{Path: "/x"}}
	seen := map[string]int{}
	for i, tt := range []struct {
		p    config.Process
		read func(string) ([]byte, error)
	}{
		{config.Process{Shell: []string{"sh", "-c"}, Command: "a b"}, missing},
		{config.Process{Argv: []string{"a", "b"}}, missing},
		{config.Process{Argv: []string{"a b"}}, missing},
		{config.Process{Argv: []string{"ab", ""}}, missing},
		{config.Process{Argv: []string{"a", "b"}, Stdin: "x"}, missing},
		{config.Process{Argv: []string{"a", "b"}, Dir: "x"}, missing},
		{config.Process{Argv: []string{"a", "b"}, Env: []config.EnvVar{{Name: "X", Value: "YZ"}}}, missing},
		{config.Process{Argv: []string{"a", "b"}, Env: []config.EnvVar{{Name: "XY", Value: "Z"}}}, missing},
		{config.Process{Argv: []string{"a", "b"}, InheritEnv: []string{"X"}}, missing},
		{config.Process{Argv: []string{"a", "b"}, Umask: &mask}, missing},
		{config.Process{Argv: []string{"a", "b"}, Nice: &nice}, missing},
		{config.Process{Argv: []string{"a", "b"}, EnvFile: file}, missing},
		{config.Process{Argv: []string{"a", "b"}, EnvFile: file}, refused},
		{config.Process{Argv: []string{"a", "b"}, EnvFile: file}, content("")},
		{config.Process{Argv: []string{"a", "b"}, EnvFile: file}, content("A=1")},
	} {
		sum := tt.p.Hash([]byte("key"), tt.read)
		if other, taken := seen[sum]; taken {
			t.Errorf("specs %d and %d hash alike", other, i)
		}
		seen[sum] = i
		if tt.p.Hash([]byte("key"), tt.read) != sum || tt.p.Hash([]byte("other"), tt.read) == sum {
			t.Errorf("hash of spec %d does not depend on spec and key alone", i)
		}
	}
}

func TestEnviron(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.env"), filepath.Join(dir, "second.env")
	for path, text := range map[string]string{
		first:  "# a comment\nexport A=file1\nB='two words'\nPATH=/file/bin\n",
		second: "A=file2\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := config.Process{
		EnvFile:    []config.EnvFile{{Path: first}, {Path: second}, {Path: filepath.Join(dir, "none"), Optional: true}},
		Env:        []config.EnvVar{{Name: "C", Value: "own"}, {Name: "TZ", Value: "UTC"}},
		InheritEnv: []string{"EDITOR"},
	}
	base := []string{
		"HOME=/home/me", "PATH=/usr/bin", "LC_ALL=C", "XDG_RUNTIME_DIR=/run/user/1", "TZ=Europe/Berlin", "EDITOR=vi",
		"NOTIFY_SOCKET=/run/notify", "LSH_DATABASE_URL=postgres://secret", "LISTEN_FDS=1", "OLDPWD=/", "broken", "=x",
	}
	got, err := p.Environ(base, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"A=file2", "B=two words", "C=own", "EDITOR=vi", "HOME=/home/me", "LC_ALL=C",
		"PATH=/file/bin", "TZ=UTC", "XDG_RUNTIME_DIR=/run/user/1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("environment is\n%q, want\n%q", got, want)
	}
}

// An env file that cannot be used is named, and nothing of what is in it.
func TestEnvironErrors(t *testing.T) {
	p := config.Process{EnvFile: []config.EnvFile{{Path: "/x.env"}}}
	if _, err := p.Environ(nil, missing); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "/x.env") != 1 {
		t.Errorf("missing: %v", err)
	}
	p.EnvFile[0].Optional = true
	for _, read := range []func(string) ([]byte, error){
		func(string) ([]byte, error) { return []byte("PASS-WORD!swordfish\n"), nil },
		func(string) ([]byte, error) { return []byte("A=sword\x00fish\n"), nil },
		func(string) ([]byte, error) { return nil, fs.ErrPermission },
	} {
		_, err := p.Environ(nil, read)
		if err == nil || !strings.Contains(err.Error(), "/x.env") || strings.Contains(err.Error(), "sword") {
			t.Errorf("unusable: %v", err)
		}
	}
}

// Values of variables and of stdin are told from each other and never shown.
func TestChangedHidesSecrets(t *testing.T) {
	a := &config.Job{Process: config.Process{Stdin: "swordfish", Env: []config.EnvVar{{Name: "A", Value: "swordfish"}, {Name: "B", Value: "same"}, {Name: "C", Value: "1"}}}}
	b := &config.Job{Process: config.Process{Stdin: "herring", Env: []config.EnvVar{{Name: "B", Value: "same"}, {Name: "C", Value: "swordfish"}, {Name: "D", Value: "2"}}}}
	want := []config.FieldChange{
		{Key: "stdin", Before: "(set)", After: "(changed)"},
		{Key: "env.A", Before: "(set)", After: ""},
		{Key: "env.C", Before: "(set)", After: "(changed)"},
		{Key: "env.D", Before: "", After: "(set)"},
	}
	if got := config.Changed(a, b); !slices.Equal(got, want) {
		t.Errorf("changes are %v, want %v", got, want)
	}
	for _, f := range config.Fields(a) {
		if strings.Contains(f.Value, "swordfish") {
			t.Errorf("%s shows its value", f.Key)
		}
	}
}
