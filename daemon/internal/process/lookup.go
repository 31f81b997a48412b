package process

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// defaultPath is searched when the environment of a job has no PATH, as execvp does.
const defaultPath = "/usr/bin:/bin"

// Find looks for the program of a job as a start would. The error is a *StartError that says why it would fail.
func Find(s Spec) error {
	_, err := lookup(s)
	return err
}

// lookup finds the program of a job as its own shell would: in the PATH of its environment, seen from its directory.
// The answer may be relative; the child resolves it after it has changed directory.
//
// It also touches the program and the directory before the fork: a dead network mount then holds up this one start,
// and not a forked child that others wait for.
func lookup(s Spec) (string, error) {
	if len(s.Argv) == 0 || s.Argv[0] == "" {
		return "", &StartError{Op: OpExec, Err: errNoCommand}
	}
	if err := checkDir(s.Dir); err != nil {
		return "", err
	}
	name := s.Argv[0]
	if strings.ContainsRune(name, '/') {
		if err := checkExecutable(s.Dir, name); err != nil {
			return "", &StartError{Op: OpExec, Path: name, Err: err, Hint: execHint(err, name)}
		}
		return name, nil
	}
	denied := error(nil)
	for _, dir := range filepath.SplitList(searchPath(s.Env)) {
		exe := dir + "/" + name
		if dir == "" {
			exe = "./" + name
		}
		switch err := checkExecutable(s.Dir, exe); {
		case err == nil:
			return exe, nil
		case errors.Is(err, fs.ErrPermission):
			denied = &StartError{Op: OpExec, Path: exe, Err: err, Hint: execHint(err, exe)}
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", &StartError{
		Op: OpExec, Path: name, Err: errNotInPath,
		Hint: "write its full path, or set PATH in the job's env",
	}
}

// Program is the absolute path of what Start would execute. The error is a *StartError.
func Program(s Spec) (string, error) {
	exe, err := lookup(s)
	if err != nil || filepath.IsAbs(exe) {
		return exe, err
	}
	return filepath.Join(s.Dir, exe), nil
}

func execHint(err error, exe string) string {
	if errors.Is(err, fs.ErrPermission) {
		return "chmod +x " + exe
	}
	return ""
}

// searchPath is the PATH in env: the first, as getenv in the child would see it.
func searchPath(env []string) string {
	for _, entry := range env {
		if path, ok := strings.CutPrefix(entry, "PATH="); ok {
			return path
		}
	}
	return defaultPath
}

func checkExecutable(dir, exe string) error {
	if !filepath.IsAbs(exe) {
		exe = filepath.Join(dir, exe)
	}
	info, err := os.Stat(exe)
	switch {
	case err != nil:
		return bare(err)
	case info.IsDir():
		return syscall.EISDIR
	case info.Mode()&0o111 == 0:
		return syscall.EACCES
	}
	return unix.Faccessat(unix.AT_FDCWD, exe, unix.X_OK, unix.AT_EACCESS)
}

func checkDir(dir string) error {
	if dir == "" {
		return nil
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &StartError{Op: OpDir, Path: dir, Err: bare(err), Hint: "mkdir -p " + dir}
	case err != nil:
		return &StartError{Op: OpDir, Path: dir, Err: bare(err)}
	case !info.IsDir():
		return &StartError{Op: OpDir, Path: dir, Err: syscall.ENOTDIR}
	}
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.X_OK, unix.AT_EACCESS); err != nil {
		return &StartError{Op: OpDir, Path: dir, Err: err}
	}
	return nil
}

// bare drops the operation and path that a StartError says already.
func bare(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}
