package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Store is the directory of all output files.
type Store struct{ Dir string }

// Path is where a run of a job prints to.
func (s Store) Path(job, run string) string { return filepath.Join(s.Dir, job, run+".log") }

// Remove removes what a run has printed; what is not there is no error.
func (s Store) Remove(job, run string) error {
	path := s.Path(job, run)
	for _, name := range []string{path, notePath(path)} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove output: %w", err)
		}
	}
	_ = os.Remove(filepath.Dir(path)) // the last one; else it is not empty
	return nil
}

// Each gives every output file's job and run, until it is told to stop.
func (s Store) Each(f func(job, run string) bool) error {
	jobs, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, job := range jobs {
		files, err := os.ReadDir(filepath.Join(s.Dir, job.Name()))
		if err != nil {
			continue // gone meanwhile, or no directory
		}
		for _, file := range files {
			if run, is := strings.CutSuffix(file.Name(), ".log"); is && !f(job.Name(), run) {
				return nil
			}
		}
	}
	return nil
}
