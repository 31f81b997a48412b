package logfile

import (
	"os"
	"runtime/debug"
	"sync"

	"github.com/lsh-project/lsh/daemon/internal/ownfile"
)

// File is a log file. It is an io.WriteCloser, safe for concurrent use.
type File struct {
	path string
	max  int64 // bytes, then the file is rotated

	mu    sync.Mutex
	out   *os.File
	size  int64 // of out, in bytes
	limit int64 // at which rotation is next tried
	torn  bool  // out ends in the middle of a line
	lost  int64
	err   error // of the last write, nil when it went well
	crash bool  // the stacks of a crash of this process go into it too
}

// Open opens the file for appending, and makes it, 0600, if there is none.
// What is at the path and is not a regular file of ours alone is an error.
func Open(path string) (*File, error) { return open(path, maxSize) }

func open(path string, limit int64) (*File, error) {
	f := &File{path: path, max: limit}
	if err := f.reopen(); err != nil {
		return nil, err
	}
	return f, nil
}

// Path is where the file is.
func (f *File) Path() string { return f.path }

// Write appends one record, which ends in a newline. A record is never split
// over two files. The error is for the record's writer to know; the file
// stays usable, and the next record is tried anew.
func (f *File) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out == nil {
		return 0, os.ErrClosed
	}
	if f.size > 0 && f.size+int64(len(p)) > f.limit {
		f.rotate()
	}
	n, err := f.append(p)
	f.err = err
	if err != nil {
		f.lost++
	}
	return n, err
}

// append writes p, on a new line when a record before it was cut short.
func (f *File) append(p []byte) (int, error) {
	if f.torn {
		n, err := f.out.Write([]byte("\n"))
		f.size += int64(n)
		if err != nil {
			return 0, err
		}
		f.torn = false
	}
	n, err := f.out.Write(p)
	f.size += int64(n)
	f.torn = err != nil && n > 0
	return n, err
}

// Lost is how many records could not be written whole since Open, and why
// the last one could not; nil once a later one has been.
func (f *File) Lost() (records int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost, f.err
}

// Reopen closes the file and opens what is at the path now, for somebody who
// has renamed it. When that cannot be done, the file stays as it was.
func (f *File) Reopen() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out == nil {
		return os.ErrClosed
	}
	return f.reopen()
}

// TakeCrashes has the runtime write the stacks of a crash of this process into the file, whatever becomes of stderr.
func (f *File) TakeCrashes() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out == nil {
		return os.ErrClosed
	}
	f.crash = true
	return debug.SetCrashOutput(f.out, debug.CrashOptions{})
}

// Renew is Reopen when the file has gone from its path, as it does when /tmp
// is cleaned; else it does nothing.
func (f *File) Renew() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out == nil {
		return os.ErrClosed
	}
	if ownfile.IsAt(f.out, f.path) {
		return nil
	}
	return f.reopen()
}

func (f *File) reopen() error {
	out, err := openOwn(f.path)
	if err != nil {
		return err
	}
	info, err := out.Stat()
	if err != nil {
		out.Close()
		return err
	}
	if f.out != nil {
		f.out.Close()
	}
	f.out, f.size, f.limit, f.torn = out, info.Size(), f.max, false
	if f.crash {
		return debug.SetCrashOutput(f.out, debug.CrashOptions{})
	}
	return nil
}

// Close ends it. Later writes are errors.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out == nil {
		return nil
	}
	err := f.out.Close()
	f.out = nil
	return err
}
