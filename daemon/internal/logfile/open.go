package logfile

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// openOwn opens path for appending, and answers only with a regular file of
// ours that has no second name.
func openOwn(path string) (*os.File, error) {
	const flags = os.O_WRONLY | os.O_APPEND | os.O_CREATE |
		syscall.O_NOFOLLOW | syscall.O_NONBLOCK | syscall.O_CLOEXEC
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log file %s: %w", path, explain(path, err))
	}
	if err := checkOwn(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("open log file %s: %w", path, err)
	}
	return f, nil
}

func checkOwn(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	stat := info.Sys().(*syscall.Stat_t)
	switch {
	case int(stat.Uid) != os.Geteuid():
		return fmt.Errorf("it belongs to uid %d", stat.Uid)
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case stat.Nlink != 1:
		return fmt.Errorf("it has %d names (hard links)", stat.Nlink)
	}
	return f.Chmod(0o600)
}

// explain replaces the system's words for a link, "too many levels of
// symbolic links" or worse, which lead nobody to the cause.
func explain(path string, err error) error {
	if info, statErr := os.Lstat(path); statErr == nil && info.Mode()&os.ModeSymlink != 0 {
		return errors.New("it is a symbolic link")
	}
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// isAt tells whether path still names the open file f.
func isAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(open, named)
}
