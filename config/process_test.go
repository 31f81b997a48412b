package config_test

import (
	"io/fs"
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
