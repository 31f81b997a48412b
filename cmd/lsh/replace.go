package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/lsh-project/lsh/config"
	"golang.org/x/sys/unix"
)

// original is a file that is to be replaced, as it was when it was looked at.
type original struct {
	path string      // as it is named
	real string      // where its links lead: what is replaced
	info os.FileInfo // nil when there is none yet
	text string
}

// readOriginal looks at a file that need not be there.
func readOriginal(path string) (original, error) {
	real, err := linkTarget(path)
	if err != nil {
		return original{}, fmt.Errorf("read %s: %w", path, bare(err))
	}
	o := original{path: path, real: real}
	if o.info, err = os.Lstat(real); errors.Is(err, fs.ErrNotExist) {
		o.info = nil
		return o, nil
	}
	text, err := config.LocalHost().ReadFile(path)
	o.text = string(text)
	return o, err
}

// linkTarget is the end of a path's links, which need not be there.
func linkTarget(path string) (string, error) {
	const mostLinks = 40 // as the kernel follows
	for range mostLinks {
		if real, err := filepath.EvalSymlinks(path); !errors.Is(err, fs.ErrNotExist) {
			return real, err
		}
		next, err := os.Readlink(path)
		if err != nil { // nothing is there, not even a link
			dir, err := filepath.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				return path, nil // its directory is yet to be made
			}
			return filepath.Join(dir, filepath.Base(path)), nil
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return "", syscall.ELOOP
}

// writable tells before anything is begun that a file cannot be replaced.
func (a *app) writable(o original) error {
	if o.info != nil {
		if err := unix.Access(o.real, unix.W_OK); err != nil {
			return a.notWritten(o.real, err)
		}
	}
	dir := filepath.Dir(o.real)
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return a.notWritten(dir, err)
	}
	return nil
}

// replace puts a text in the file's place: all of it or nothing, with the mode
// and owner that it had. One that is new must not be there meanwhile.
func (o original) replace(text []byte) error {
	dir := filepath.Dir(o.real)
	f, err := os.CreateTemp(dir, "."+filepath.Base(o.real)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	if _, err = f.Write(text); err == nil {
		err = o.dress(f)
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	switch {
	case err != nil:
	case o.info == nil:
		err = os.Link(f.Name(), o.real)
	default:
		err = os.Rename(f.Name(), o.real)
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}

// dress gives a new file the mode and owner of the one that it replaces. One
// that replaces none is for its user alone.
func (o original) dress(f *os.File) error {
	if o.info == nil {
		return f.Chmod(0o600)
	}
	before, ok := o.info.Sys().(*syscall.Stat_t)
	if !ok {
		return f.Chmod(o.info.Mode().Perm())
	}
	now, err := f.Stat()
	if err != nil {
		return err
	}
	if made, ok := now.Sys().(*syscall.Stat_t); ok && (made.Uid != before.Uid || made.Gid != before.Gid) {
		if err := f.Chown(int(before.Uid), int(before.Gid)); err != nil {
			return err
		}
	}
	return f.Chmod(o.info.Mode().Perm())
}

// syncDir makes a rename last over a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// notWritten says why a file or directory cannot be written, and what to do.
func (a *app) notWritten(path string, err error) error {
	there := path
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		there = filepath.Dir(path)
	}
	f := fail("not_written", fmt.Sprintf("write %s: %s", a.short(path), bare(err)), "ls -ld "+a.typed(there)+" shows what is there")
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		f.hint = "df -h " + a.typed(filepath.Dir(path)) + " shows what is full"
	case errors.Is(err, syscall.EROFS):
		f.hint = "edit what it is made from, or name another file: export LSH_JOBS_FILE=PATH"
	case errors.Is(err, fs.ErrPermission):
		f.hint = "ls -ld " + a.typed(there) + " shows whose it is; chmod u+w lets its owner write"
	case errors.Is(err, syscall.ENOTDIR):
		f.message = fmt.Sprintf("write %s: a directory has to be there, and it is a file", a.short(path))
		f.hint = "move it away, or name another file: export LSH_JOBS_FILE=PATH"
	case errors.Is(err, fs.ErrNotExist):
		f.hint = "mkdir -p " + a.typed(filepath.Dir(path))
	}
	return f
}

// typed is a path as it is typed in a shell.
func (a *app) typed(path string) string {
	if quoteArg(path) == path {
		return a.short(path)
	}
	return quoteArg(path)
}

// bare is an error without the path that a message has named.
func bare(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}
