package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/lsh-project/lsh/config"
)

// included is the path by which the jobs file names a file, or would name it once
// it is there. The file may be reached by other paths.
func (e *editing) included(typed string) (string, error) {
	file, err := e.absolute(typed)
	if err != nil || file == e.jobs {
		return file, err
	}
	if _, err := os.Stat(e.jobs); err != nil {
		return "", fail("no_file", fmt.Sprintf("read %s, which would include %s: %s", e.short(e.jobs), typed, bare(err)), "lsh edit begins it")
	}
	there, _ := os.Stat(file)
	named, patterns := "", []string(nil)
	host := config.LocalHost()
	read := host.ReadFile
	host.ReadFile = func(path string) ([]byte, error) {
		if samePlace(path, file) {
			named = path
		}
		if info, err := os.Stat(path); err == nil && there != nil && os.SameFile(info, there) {
			named = path
		}
		return read(path)
	}
	host.Glob = func(pattern string) ([]string, error) {
		patterns = append(patterns, pattern)
		return config.Glob(pattern)
	}
	_, _ = config.Load(e.jobs, host) // what is wrong is what the edit is for
	for _, pattern := range patterns {
		if named == "" && there == nil {
			named = namedBy(pattern, file)
		}
	}
	if named == "" {
		return "", fail("not_included", fmt.Sprintf("%s is not included by %s", typed, e.short(e.jobs)), "lsh edit opens that: name the file under include")
	}
	return named, nil
}

// namedBy is the path by which a pattern would name a file that is not there yet;
// "" when it would not.
func namedBy(pattern, file string) string {
	name := filepath.Base(file)
	if config.PassesOver(pattern, file) {
		return ""
	}
	if is, _ := filepath.Match(pattern, file); is {
		return file
	}
	if is, _ := filepath.Match(filepath.Base(pattern), name); !is {
		return ""
	}
	dirs, _ := filepath.Glob(filepath.Dir(pattern))
	for _, dir := range dirs {
		if path := filepath.Join(dir, name); samePlace(path, file) {
			return path
		}
	}
	return ""
}

// samePlace tells whether two paths name one place, though nothing may be there.
func samePlace(a, b string) bool {
	if a == b {
		return true
	}
	in, err := os.Stat(filepath.Dir(a))
	if err != nil {
		return false
	}
	other, err := os.Stat(filepath.Dir(b))
	return err == nil && os.SameFile(in, other) && filepath.Base(a) == filepath.Base(b)
}
