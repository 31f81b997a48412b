// Package environ makes the environment of a run.
//
// It is an allowlist: a daemon that was started from a shell and one that was
// started at boot run the same job, and nothing of the daemon's own (sockets of
// the service manager, credentials) reaches one.
package environ

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"github.com/lsh-project/lsh/config"
)

// allowed are the variables that every run has from the daemon's environment, so
// that a daemon started from a shell and one started at boot run the same job. A
// name that ends in _ stands for all that begin so.
var allowed = []string{
	"HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "LC_", "TZ", "XDG_",
	"SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY",
}

// Variable is one variable of a run's environment.
type Variable struct {
	Name, Value string
	From        From
	File        string // it was read from, with FromFile
}

// From is where a variable comes from.
type From string

// The places where variables come from, each over those before it.
const (
	FromDaemon  From = "daemon"      // what every run has of the daemon's environment
	FromInherit From = "inherit_env" // what this job has of it besides
	FromFile    From = "env_file"
	FromJob     From = "env"
	FromRun     From = "run" // what tells a run what it is
)

// Of returns the environment of a run as NAME=value, sorted and each name once:
// what may pass from the base (the daemon's own environment), then the env files
// in their order, then env, then what is the run's own (LSH_RUN_ID and the like).
// The error names the env file that cannot be read, never anything in it.
func Of(p *config.Process, base, own []string, read func(path string) ([]byte, error)) ([]string, error) {
	variables, wrong := Variables(p, base, own, read)
	if len(wrong) > 0 {
		return nil, wrong[0]
	}
	return Strings(variables), nil
}

// Strings are variables as a process gets them: NAME=value.
func Strings(variables []Variable) []string {
	environ := make([]string, len(variables))
	for i, v := range variables {
		environ[i] = v.Name + "=" + v.Value
	}
	return environ
}

// Variables is what [Of] returns, and from where each comes. Of env files that
// cannot be read there are none, and an error for each.
func Variables(p *config.Process, base, own []string, read func(path string) ([]byte, error)) ([]Variable, []error) {
	values := map[string]Variable{}
	give := func(name, value string, from From, file string) { values[name] = Variable{name, value, from, file} }
	for _, entry := range base {
		name, value, ok := strings.Cut(entry, "=")
		switch {
		case !ok || name == "" || !passes(p, name):
		case listed(allowed, name):
			give(name, value, FromDaemon, "")
		default:
			give(name, value, FromInherit, "")
		}
	}
	var wrong []error
	for _, f := range p.EnvFile {
		variables, err := variablesOf(f, read)
		if err != nil {
			wrong = append(wrong, err)
		}
		for name, value := range variables {
			give(name, value, FromFile, f.Path)
		}
	}
	for _, v := range p.Env {
		give(v.Name, v.Value, FromJob, "")
	}
	for _, entry := range own {
		name, value, _ := strings.Cut(entry, "=")
		give(name, value, FromRun, "")
	}
	return slices.SortedFunc(maps.Values(values), func(a, b Variable) int { return strings.Compare(a.Name, b.Name) }), wrong
}

// LineOf is the line of an env file's text that gives a variable its value, from 1;
// 0 when none is found.
func LineOf(text []byte, name string) int {
	line, found, offset := 0, 0, 0
	for written := range bytes.Lines(text) {
		line++
		given := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(written), []byte("export ")))
		rest, ok := bytes.CutPrefix(given, []byte(name))
		rest = bytes.TrimLeft(rest, " \t")
		if ok && (bytes.HasPrefix(rest, []byte("=")) || bytes.HasPrefix(rest, []byte(":"))) {
			// What comes before is whole, unless the line is inside of a quoted text.
			if _, err := godotenv.Parse(bytes.NewReader(text[:offset])); err == nil {
				found = line
			}
		}
		offset += len(written)
	}
	return found
}

// Values are the values of a run's variables that may be secret: all that its job gives it, from wherever, but what every run has. Of
// env files that cannot be read there are none, and the error names the first.
func Values(p *config.Process, base []string, read func(path string) ([]byte, error)) (values []string, err error) {
	for _, entry := range base {
		name, value, ok := strings.Cut(entry, "=")
		if ok && slices.Contains(p.InheritEnv, name) && !plain(name) {
			values = append(values, value)
		}
	}
	for _, f := range p.EnvFile {
		variables, wrong := variablesOf(f, read)
		if err == nil {
			err = wrong
		}
		for name, value := range variables {
			if !plain(name) {
				values = append(values, value)
			}
		}
	}
	for _, v := range p.Env {
		if !plain(v.Name) {
			values = append(values, v.Value)
		}
	}
	return values, err
}

// plain tells whether a variable's value is no secret by its name: it is a part of every other text.
func plain(name string) bool { return listed(allowed, name) }

func passes(p *config.Process, name string) bool {
	return listed(allowed, name) || slices.Contains(p.InheritEnv, name)
}

func listed(names []string, name string) bool {
	return slices.ContainsFunc(names, func(known string) bool {
		return name == known || known[len(known)-1] == '_' && strings.HasPrefix(name, known)
	})
}

func variablesOf(f config.EnvFile, read func(string) ([]byte, error)) (map[string]string, error) {
	text, err := read(f.Path)
	if err != nil {
		if f.Optional && errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("read env file %s: %w", f.Path, cause(err))
	}
	// The parser's own error quotes the line, which may be a password.
	variables, err := godotenv.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read env file %s: a line is not NAME=value", f.Path)
	}
	for name, value := range variables {
		if strings.ContainsRune(name+value, 0) {
			return nil, fmt.Errorf("read env file %s: it holds a NUL character", f.Path)
		}
	}
	return variables, nil
}

// cause takes the path off an error that a message names it in already.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}
