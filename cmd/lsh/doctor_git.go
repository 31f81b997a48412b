package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// checkGit looks at the git work trees that the jobs file and its includes lie in. What is there is what runs, whether git
// knows it or not: most of what is found is worth knowing and no more.
func checkGit(ctx context.Context, s *subject, r *diagnosis) {
	files := []string{s.jobsFile}
	if s.inside != nil {
		const most = 200 // on one command line
		files = append(files, s.inside.Files[:min(most, len(s.inside.Files))]...)
	}
	trees, order := map[string][]string{}, []string{}
	told := map[string]bool{}
	for _, file := range files {
		real := linkChain(file).real()
		if tree := workTree(real); tree != "" && !told[real] {
			told[real] = true
			if trees[tree] == nil {
				order = append(order, tree)
			}
			trees[tree] = append(trees[tree], real)
		}
	}
	if len(order) == 0 {
		r.ok("the jobs file is in no git work tree")
		return
	}
	git, err := exec.LookPath("git")
	if err != nil {
		r.unknown("how the work tree %s stands: git is not in PATH", s.short(order[0]))
		return
	}
	for _, tree := range order {
		s.checkTree(ctx, r, git, tree, trees[tree])
	}
	r.ok("%s", s.short(strings.Join(order, ", ")))
}

// workTree is the nearest directory above a file that has a .git; "" when none has.
func workTree(file string) string {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// checkTree asks git how some files of a work tree stand, in the form of git-status(1), porcelain version 2.
func (s *subject) checkTree(ctx context.Context, r *diagnosis, git, tree string, files []string) {
	args := append([]string{"-C", tree, "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "status", "--porcelain=v2", "--branch", "--ignored", "-z", "--"}, files...)
	cmd := exec.CommandContext(ctx, git, args...)
	// Nothing is written, not even git's index.
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		if ctx.Err() != nil {
			r.unknown("how the work tree %s stands: git does not answer", s.short(tree))
			return
		}
		why, _, _ := strings.Cut(strings.TrimSpace(complaint.String()), "\n")
		r.unknown("how the work tree %s stands: %s", s.short(tree), strings.TrimPrefix(why, "fatal: "))
		return
	}
	in := "git -C " + s.arg(tree) + " "
	for entry := range strings.SplitSeq(string(out), "\x00") {
		kind, rest, _ := strings.Cut(entry, " ")
		path := func(fields int) string { // after that many fields
			parts := strings.SplitN(rest, " ", fields+1)
			return filepath.Join(tree, parts[len(parts)-1])
		}
		switch kind {
		case "u":
			at := path(9)
			r.wrong("mend it, then  "+in+"add "+s.arg(at)+"  and  "+in+"commit", "%s has a merge conflict that is not resolved", s.short(at))
		case "1":
			s.changed(r, in, path(7))
		case "2":
			s.changed(r, in, path(8))
		case "?":
			at := path(0)
			r.note(in+"add "+s.arg(at)+" && "+in+"commit", "git does not know %s: it is on this machine alone", s.short(at))
		case "!":
			at := path(0)
			r.note(in+"add -f "+s.arg(at)+" && "+in+"commit", "git ignores %s: it is on this machine alone", s.short(at))
		case "#":
			if rest == "branch.head (detached)" {
				r.note(in+"switch BRANCH", "%s is on no branch: a commit there is easily lost", s.short(tree))
			}
		}
	}
	s.checkUnfinished(r, tree, in)
}

func (s *subject) changed(r *diagnosis, in, at string) {
	r.note(in+"commit "+s.arg(at), "%s has changes that are not committed", s.short(at))
}

// checkUnfinished looks for what git has begun and not ended, by its own files (gitrepository-layout(5)).
func (s *subject) checkUnfinished(r *diagnosis, tree, in string) {
	for name, verb := range map[string]string{"MERGE_HEAD": "merge", "rebase-merge": "rebase", "rebase-apply": "rebase", "CHERRY_PICK_HEAD": "cherry-pick", "REVERT_HEAD": "revert"} {
		if _, err := os.Lstat(filepath.Join(tree, ".git", name)); !errors.Is(err, os.ErrNotExist) && err == nil {
			r.note(in+verb+" --continue, or  "+in+verb+" --abort", "a git %s in %s is not finished", verb, s.short(tree))
		}
	}
}
