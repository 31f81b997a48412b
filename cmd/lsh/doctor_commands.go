package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lsh-project/lsh/ipc"
)

// checkCommands looks whether jobs find their programs and directories, and how the daemon's PATH differs from the shell's.
func checkCommands(_ context.Context, s *subject, r *diagnosis) {
	x := s.inside
	if x == nil {
		r.unknown("whether jobs find their commands: %s", s.unasked())
		return
	}
	for _, what := range x.Unknown {
		r.unknown("%s", what)
	}
	for _, m := range x.Missing {
		s.checkMissing(r, m)
	}
	if x.MissingMore > 0 {
		r.note("lsh explain JOB  tells of any job", "%d more programs and directories of jobs are missing", x.MissingMore)
	}
	if s.daemon == nil {
		if s.offline == nil || s.offline.State != ipc.SourceAccepted {
			r.unknown("whether jobs find their commands: the jobs file is not right")
			return
		}
		r.ok("the commands of all jobs are in this shell's PATH")
		return
	}
	shell, _ := s.getenv("PATH")
	lacks := lackingDirs(shell, x.Path)
	if len(lacks) > 0 {
		r.note("if jobs need that, write into the jobs file:  "+defaultPath(lacks...),
			"this shell's PATH has what the daemon's lacks: %s", s.short(strings.Join(lacks, ", ")))
	}
	r.ok("found in the daemon's PATH")
}

// checkMissing tells of one program or directory.
func (s *subject) checkMissing(r *diagnosis, m ipc.MissingUse) {
	who := jobsText(m.Jobs)
	if m.Kind == ipc.MissingDir {
		hint := "mkdir -p " + s.arg(m.Name)
		if m.Hint == "" {
			hint = "ls -ld " + s.arg(m.Name)
		}
		r.wrong(hint, "%s cannot start: the directory %s: %s", who, s.short(m.Name), m.Reason)
		return
	}
	noun := "command"
	if m.Kind == ipc.MissingShell {
		noun = "shell"
	}
	if strings.ContainsRune(m.Name, '/') {
		hint := m.Hint
		if hint == "" {
			hint = "install it, or correct the path in the jobs file"
		}
		r.wrong(hint, "the %s %s of %s: %s", noun, s.short(m.Name), who, m.Reason)
		return
	}
	found, err := exec.LookPath(m.Name)
	if err != nil || s.daemon == nil {
		r.wrong("install it, or write its absolute path in the jobs file", "the %s %s of %s is nowhere in PATH", noun, m.Name, who)
		return
	}
	if abs, err := filepath.Abs(found); err == nil {
		found = abs
	}
	if m.OwnPath {
		r.wrong("write "+found+" in the jobs file, or add "+filepath.Dir(found)+" to the PATH in the env of the job",
			"the %s %s of %s is not in the PATH that the job sets; here it is %s", noun, m.Name, who, s.short(found))
		return
	}
	r.wrong("write "+found+" in the jobs file, or into it:  "+defaultPath(filepath.Dir(found)),
		"the %s %s of %s is not in the daemon's PATH; here it is %s", noun, m.Name, who, s.short(found))
}

// lackingDirs are the directories of one PATH that another lacks. A link to one that it has is not another.
func lackingDirs(from, other string) []string {
	var lacks []string
	has := filepath.SplitList(other)
	for _, dir := range filepath.SplitList(from) {
		if !filepath.IsAbs(dir) || slices.Contains(lacks, dir) || slices.ContainsFunc(has, func(h string) bool { return sameDir(h, dir) }) {
			continue
		}
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			lacks = append(lacks, dir)
		}
	}
	return lacks
}

func sameDir(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	one, err1 := os.Stat(a)
	two, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(one, two)
}

// defaultPath has all jobs look into directories before those of the daemon's PATH, as a line for the jobs file.
func defaultPath(dirs ...string) string {
	text := strings.ReplaceAll(strings.Join(dirs, ":"), "$", "$$") + ":${PATH}"
	return "defaults: {env: {PATH: '" + strings.ReplaceAll(text, "'", "''") + "'}}"
}

// jobsText names jobs.
func jobsText(c ipc.JobCount) string {
	text := "job " + strings.Join(c.Names, ", ")
	if c.Count > 1 {
		text = "jobs " + strings.Join(c.Names, ", ")
	}
	if more := c.Count - len(c.Names); more > 0 {
		text += " and " + countOf(more, "other")
	}
	return text
}
