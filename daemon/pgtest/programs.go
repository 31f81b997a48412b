package pgtest

import (
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// programs are the paths of what is run.
type programs struct {
	initdb, postgres, pgbouncer string
}

var errMissing = errors.New(`start a database: initdb and postgres, or pgbouncer, are not there
install them: make deps, or apt-get install postgresql pgbouncer`)

// findPrograms looks in PATH, and then where Debian has what it keeps out of it.
func findPrograms() (programs, error) {
	initdb := lookFor("initdb", newestServers())
	pgbouncer := lookFor("pgbouncer", []string{"/usr/sbin", "/usr/local/sbin"})
	if initdb == "" || pgbouncer == "" {
		return programs{}, errMissing
	}
	// Of the same version, whatever else is in PATH: Homebrew and others have a link there.
	if real, err := filepath.EvalSymlinks(initdb); err == nil {
		initdb = real
	}
	return programs{initdb: initdb, postgres: filepath.Join(filepath.Dir(initdb), "postgres"), pgbouncer: pgbouncer}, nil
}

func lookFor(name string, elsewhere []string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range elsewhere {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	return ""
}

// newestServers are the directories of Debian's versions, the newest first.
func newestServers() []string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		return n
	}
	slices.SortFunc(dirs, func(a, b string) int { return version(b) - version(a) })
	return dirs
}
