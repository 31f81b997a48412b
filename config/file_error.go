package config

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
)

// FileError is a file that cannot be read, in words for people. It wraps the cause.
type FileError struct {
	Path   string
	Reason string // what is wrong, without the path
	Err    error

	hint string
}

// Error returns the path, which it names once, and the reason.
func (e *FileError) Error() string { return "read " + e.Path + ": " + e.Reason }

// Hint returns what to do about it; it may be empty.
func (e *FileError) Hint() string { return e.hint }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// fileError puts into words why a file could not be read. What reads files may have
// found its own words, and begun them with the path.
func fileError(path string, err error) *FileError {
	if known, ok := errors.AsType[*FileError](err); ok {
		return known
	}
	e := &FileError{Path: path, Reason: strings.TrimPrefix(cause(err), "read "+path+": "), Err: err, hint: "make it a readable file"}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Reason, e.hint = strings.Replace(e.Reason, syscall.ENOENT.Error(), "it does not exist", 1), "create it"
	case errors.Is(err, fs.ErrPermission):
		e.Reason, e.hint = "this user may not read it", "chmod u+r "+path+", or look at the directories above it"
	case errors.Is(err, syscall.ELOOP):
		e.Reason, e.hint = "its links lead in a circle", "ls -l shows where each leads; make one of them lead to a file"
	}
	return e
}

// unfit is a thing that is there and is no file to read.
func unfit(path string, mode fs.FileMode) *FileError {
	reason, hint := "it is not a regular file", "write the jobs to a file, and name that"
	switch {
	case mode.IsDir():
		reason, hint = "it is a directory", "name a file in it; include takes all of them as  include: ["+path+"/*.yaml]"
	case mode&fs.ModeNamedPipe != 0:
		reason = "it is a pipe, not a regular file"
	case mode&fs.ModeSocket != 0:
		reason = "it is a socket, not a regular file"
	case mode&fs.ModeDevice != 0:
		reason = "it is a device, not a regular file"
	}
	return &FileError{Path: path, Reason: reason, Err: fs.ErrInvalid, hint: hint}
}

// cause returns what went wrong with a file, without the file's name.
func cause(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}
