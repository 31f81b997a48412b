package environ_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/environ"
)

func missing(path string) ([]byte, error) {
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

func TestEnviron(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.env"), filepath.Join(dir, "second.env")
	for path, text := range map[string]string{
		first:  "# a comment\nexport A=file1\nB='two words'\nPATH=/file/bin\nLSH_JOB=forged\n",
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
	got, err := environ.Of(&p, base, []string{"LSH_JOB=backup"}, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"A=file2", "B=two words", "C=own", "EDITOR=vi", "HOME=/home/me", "LC_ALL=C", "LSH_JOB=backup",
		"PATH=/file/bin", "TZ=UTC", "XDG_RUNTIME_DIR=/run/user/1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("environment is\n%q, want\n%q", got, want)
	}
}

// An env file that cannot be used is named, and nothing of what is in it.
func TestEnvironErrors(t *testing.T) {
	p := config.Process{EnvFile: []config.EnvFile{{Path: "/x.env"}}}
	if _, err := environ.Of(&p, nil, nil, missing); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "/x.env") != 1 {
		t.Errorf("missing: %v", err)
	}
	p.EnvFile[0].Optional = true
	for _, read := range []func(string) ([]byte, error){
		func(string) ([]byte, error) { return []byte("PASS-WORD!swordfish\n"), nil },
		func(string) ([]byte, error) { return []byte("A=sword\x00fish\n"), nil },
		func(string) ([]byte, error) { return nil, fs.ErrPermission },
	} {
		_, err := environ.Of(&p, nil, nil, read)
		if err == nil || !strings.Contains(err.Error(), "/x.env") || strings.Contains(err.Error(), "sword") {
			t.Errorf("unusable: %v", err)
		}
	}
}

// Each variable names the place that has given it its value.
func TestVariablesSayWhereTheyComeFrom(t *testing.T) {
	file := filepath.Join(t.TempDir(), "job.env")
	text := "A=file\nLONG='begins\nC=not here\nends'\nexport B = file\nC: file\nA=again\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := config.Process{
		EnvFile:    []config.EnvFile{{Path: "/nowhere.env"}, {Path: file}},
		Env:        []config.EnvVar{{Name: "B", Value: "own"}},
		InheritEnv: []string{"EDITOR"},
	}
	variables, wrong := environ.Variables(&p, []string{"HOME=/home/me", "EDITOR=vi"}, []string{"LSH_JOB=backup"}, func(path string) ([]byte, error) {
		if path == file {
			return os.ReadFile(path)
		}
		return missing(path)
	})
	if len(wrong) != 1 || wrong[0].Error() != "read env file /nowhere.env: file does not exist" {
		t.Errorf("what is wrong: %v", wrong)
	}
	var got []string
	for _, v := range variables {
		place := v.Name + " " + string(v.From) + " " + filepath.Base(v.File)
		got = append(got, strings.TrimSuffix(place, " ."))
	}
	want := []string{"A env_file job.env", "B env", "C env_file job.env", "EDITOR inherit_env", "HOME daemon", "LONG env_file job.env", "LSH_JOB run"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, want := range map[string]int{"A": 7, "B": 5, "C": 6, "LONG": 2, "D": 0, "ends": 0} {
		if got := environ.LineOf([]byte(text), name); got != want {
			t.Errorf("%s is given on line %d, want %d", name, got, want)
		}
	}
}
