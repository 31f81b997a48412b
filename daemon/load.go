package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/watch"
)

// zoneFile is the system's time zone, by which jobs without a timezone go.
const zoneFile = "/etc/localtime"

// loaded is one reading of the jobs file with all that it names.
type loaded struct {
	config *config.Config // nil with an error
	specs  map[string]string
	gone   []string // env files that jobs of this host need and that are not there
	path   string
	real   string // where the jobs file's links lead
	commit string // of the git work tree that it lies in; "" without one
	// sum is over everything that was read, env files included, also when
	// it is wrong: the same sum means that nothing is new.
	sum string
	// paths and globs are what to watch from now on.
	paths, globs []string
	// plain are those of paths that are read as they are: env files, which may
	// be anything, and the system's time zone.
	plain []string
	zone  [sha256.Size]byte // of zoneFile
	// texts are those of the jobs file and its includes, until they are accepted.
	texts map[string]string
}

// reader reads the jobs file, its includes and its env files. It is safe
// for concurrent use.
type reader struct {
	host config.Host
	key  []byte // of the process hashes
	env  *envMemory
	// read reads one file: watch.Read, or watch.ReadStable for an operator
	// who asked for the file as it now is.
	read func(string) (watch.Content, error)
}

// load reads the file at path. What it returns is never nil: a file that is
// wrong still has a sum, and paths to watch.
func (r reader) load(path string) (*loaded, error) { return r.loadFrom(path, r.host) }

// drafted reads the text of a draft in place of what is at path; "" is no draft.
func (r reader) drafted(path, draft string) reader {
	if draft == "" {
		return r
	}
	read := r.read
	r.read = func(name string) (watch.Content, error) {
		if name != path {
			return read(name)
		}
		c, err := read(draft)
		c.Real = path // where there is nothing yet
		if real, err := filepath.EvalSymlinks(path); err == nil {
			c.Real = real
		}
		return c, err
	}
	r.host.Glob = func(pattern string) ([]string, error) {
		names, err := config.Glob(pattern)
		if is, _ := filepath.Match(pattern, path); is && !slices.Contains(names, path) {
			names = append(names, path) // the file that it is the draft of is yet to be made
		}
		return names, err
	}
	return r
}

// loadFrom is load from where host has files; without a ReadFile, from disk.
func (r reader) loadFrom(path string, host config.Host) (*loaded, error) {
	l := &loaded{path: path, paths: []string{path}, texts: map[string]string{}}
	var busy error // of an include too: half a set of files is no file
	texts := map[string]contentOf{}
	read, onDisk := r.read, host.ReadFile == nil
	if from := host.ReadFile; from != nil {
		read = func(name string) (watch.Content, error) {
			text, err := from(name)
			return watch.Content{Text: text, Real: name, Sum: sha256.Sum256(text)}, err
		}
	}
	host.ReadFile = func(name string) ([]byte, error) {
		c, err := read(name)
		if _, is := errors.AsType[*watch.BusyError](err); is {
			busy = err
		}
		if name == path {
			l.real = c.Real
		} else {
			l.paths = append(l.paths, name)
		}
		texts[name] = contentOf{c.Sum, err}
		l.texts[name] = string(c.Text)
		return c.Text, asFileError(err)
	}
	plainly := func(name string) ([]byte, error) {
		text, err := readEnvFile(name)
		texts[name] = contentOf{sha256.Sum256(text), err}
		return text, err
	}
	_, _ = plainly(zoneFile) // a system without one is in UTC
	l.zone, l.plain = texts[zoneFile].sum, []string{zoneFile}
	cfg, err := config.Load(path, host)
	if cfg != nil {
		l.globs = cfg.Includes
		l.plain = append(l.plain, cfg.EnvFiles...)
		l.specs = r.specs(cfg, func(name string) ([]byte, error) { return r.env.read(name, plainly) })
		l.gone = missingEnv(cfg, func(name string) bool { return errors.Is(texts[name].err, fs.ErrNotExist) })
	}
	l.paths = append(l.paths, l.plain...)
	l.sum = sumOf(l.paths, l.globs, func(name string) contentOf { return texts[name] })
	switch {
	case busy != nil:
		return l, busy
	case err != nil:
		return l, err
	}
	l.config = cfg
	if onDisk {
		l.commit = commitOf(l.real)
	}
	return l, nil
}

// contentOf is what a path was found to hold.
type contentOf struct {
	sum [sha256.Size]byte
	err error
}

// sumOf is over the contents of files and over what patterns match.
func sumOf(paths, globs []string, read func(string) contentOf) string {
	sum := sha256.New()
	for _, name := range paths {
		c := read(name)
		fmt.Fprintf(sum, "%q %x %v\n", name, c.sum, c.err)
	}
	for _, pattern := range globs {
		names, _ := filepath.Glob(pattern) // a bad pattern matches nothing
		fmt.Fprintf(sum, "%q %q\n", pattern, names)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// again tells whether the files hold what they held when l was read, without
// reading the jobs in them, and where the jobs file's links lead now.
func (r reader) again(l *loaded) (real string, same bool) {
	plain := map[string]bool{}
	for _, name := range l.plain {
		plain[name] = true
	}
	sum := sumOf(l.paths, l.globs, func(name string) contentOf {
		if plain[name] {
			text, err := readEnvFile(name)
			return contentOf{sha256.Sum256(text), err}
		}
		c, err := r.read(name)
		if name == l.path {
			real = c.Real
		}
		return contentOf{c.Sum, err}
	})
	return real, sum == l.sum
}

// specs are the process hashes of all jobs. Each env file is read once.
func (r reader) specs(cfg *config.Config, read func(string) ([]byte, error)) map[string]string {
	type text struct {
		text []byte
		err  error
	}
	texts := make(map[string]text, len(cfg.EnvFiles))
	for _, name := range cfg.EnvFiles {
		t, err := read(name)
		texts[name] = text{t, err}
	}
	known := func(name string) ([]byte, error) { return texts[name].text, texts[name].err }
	specs := make(map[string]string, len(cfg.Jobs))
	for _, j := range cfg.Jobs {
		specs[j.Name] = j.Process.Hash(r.key, known)
	}
	return specs
}

// envMemory keeps what env files last held. One that vanishes is missing, not
// empty: it changes no process spec, so that no run is stopped for a spec that
// could not be started.
type envMemory struct {
	mu    sync.Mutex
	texts map[string][]byte
}

func (m *envMemory) read(name string, now func(string) ([]byte, error)) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, err := now(name)
	if before, known := m.texts[name]; known && errors.Is(err, fs.ErrNotExist) {
		return before, nil
	}
	if err == nil {
		m.texts[name] = text
	}
	return text, err
}

// missingEnv are the env files that are not there and without which a job of
// this host cannot start.
func missingEnv(cfg *config.Config, gone func(string) bool) []string {
	var names []string
	for _, j := range cfg.Jobs {
		for _, f := range j.EnvFile {
			if j.Here && j.Enabled && !f.Optional && gone(f.Path) && !slices.Contains(names, f.Path) {
				names = append(names, f.Path)
			}
		}
	}
	return names
}

// asFileError makes a missing file known as such to package config.
func asFileError(err error) error {
	if missing, is := errors.AsType[*watch.MissingError](err); is {
		return &fileError{missing, fs.ErrNotExist}
	}
	return err
}

// fileError is an error of package watch that is also one of package fs.
type fileError struct {
	error
	kind error
}

func (e *fileError) Unwrap() []error { return []error{e.error, e.kind} }

// envFileAtMost bounds an env file, in bytes.
const envFileAtMost = 1 << 20

// readEnvFile reads an env file whole.
func readEnvFile(path string) ([]byte, error) {
	// A pipe that nobody writes to must not be waited for.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: it is not a regular file", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, envFileAtMost+1))
	if err != nil {
		return nil, err
	}
	if len(text) > envFileAtMost {
		return nil, fmt.Errorf("read %s: it is larger than 1 MiB", path)
	}
	return text, nil
}
