package watch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links one path may cross, as in the Linux kernel (path_resolution(7)).
const maxLinks = 40

// place is where a path leads.
type place struct {
	real    string      // the path without links; when something is missing, as far as the way goes
	info    fs.FileInfo // of real, nil when something is missing
	missing string      // the first component that is not there
}

// resolve follows path, which is absolute, and calls look with every directory and name just before the name is looked up
// there. filepath.EvalSymlinks would give the end of the way but not the turns, and those are what has to be watched.
func resolve(path string, look func(dir, name string)) (place, error) {
	at, rest := place{real: "/"}, components(path)
	for links := 0; len(rest) > 0; {
		name := rest[0]
		if name == ".." {
			// real has no links in it, so its parent by name is its parent in fact.
			at, rest = place{real: filepath.Dir(at.real)}, rest[1:]
			continue
		}
		look(at.real, name)
		next := filepath.Join(at.real, name)
		info, err := os.Lstat(next)
		switch {
		case absent(err):
			return place{real: at.real, missing: next}, nil
		case err != nil:
			return place{}, err
		case info.Mode()&fs.ModeSymlink == 0:
			if rest = rest[1:]; len(rest) > 0 && !info.IsDir() {
				return place{real: at.real, missing: filepath.Join(next, rest[0])}, nil
			}
			at = place{real: next, info: info}
			continue
		}
		if links++; links > maxLinks {
			return place{}, &fs.PathError{Op: "resolve", Path: path, Err: syscall.ELOOP}
		}
		target, err := os.Readlink(next)
		if absent(err) || errors.Is(err, syscall.EINVAL) {
			continue // no link any more: look the name up again
		}
		if err != nil {
			return place{}, err
		}
		if filepath.IsAbs(target) {
			at = place{real: "/"}
		}
		rest = slices.Concat(components(target), rest[1:])
	}
	if at.info != nil {
		return at, nil
	}
	info, err := os.Lstat(at.real)
	if absent(err) {
		return place{real: filepath.Dir(at.real), missing: at.real}, nil
	}
	at.info = info
	return at, err
}

// components splits a path without interpreting "..", which means something else behind a link.
func components(path string) []string {
	return slices.DeleteFunc(strings.Split(path, "/"), func(name string) bool { return name == "" || name == "." })
}

// absent tells a name that is not there (or whose parent is no directory) from one that cannot be asked about.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
