package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// replaceMetrics puts a text in the place of a file that others read, whole or
// not at all: it is written beside it, under a name that no collector reads.
func (a *app) replaceMetrics(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return a.noMetricsFile(path, err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	if _, err = f.Write(text); err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync() // some disks tell only here that they are full
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return a.noMetricsFile(path, err)
	}
	return nil
}

// noMetricsFile says why a file was not written, without the name that it would
// have had meanwhile.
func (a *app) noMetricsFile(path string, err error) error {
	dir := filepath.Dir(path)
	hint := "ls -ld " + quoteArg(dir)
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		hint = "df -h " + quoteArg(dir) + " shows what is full"
	case errors.Is(err, fs.ErrNotExist):
		hint = "mkdir -p " + quoteArg(dir)
	}
	if errno, is := errors.AsType[syscall.Errno](err); is {
		err = errno
	}
	return fail("not_written", fmt.Sprintf("write %s: %s", a.short(path), err), hint)
}
