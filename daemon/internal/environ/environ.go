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

// Of returns the environment of a run as NAME=value, sorted and each name once:
// what may pass from the base (the daemon's own environment), then the env files
// in their order, then env, then what is the run's own (LSH_RUN_ID and the like).
// The error names the env file that cannot be read, never anything in it.
func Of(p *config.Process, base, own []string, read func(path string) ([]byte, error)) ([]string, error) {
	values := map[string]string{}
	for _, entry := range base {
		name, value, ok := strings.Cut(entry, "=")
		if ok && name != "" && passes(p, name) {
			values[name] = value
		}
	}
	for _, f := range p.EnvFile {
		variables, err := variablesOf(f, read)
		if err != nil {
			return nil, err
		}
		maps.Copy(values, variables)
	}
	for _, v := range p.Env {
		values[v.Name] = v.Value
	}
	for _, entry := range own {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	environ := make([]string, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		environ = append(environ, name+"="+values[name])
	}
	return environ, nil
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
