package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
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
	in := "git -C " + s.arg(tree) + " "
	out, err := askGit(ctx, git, args...)
	if err != nil {
		hint := in + "status"
		if strings.Contains(err.Error(), "dubious ownership") {
			hint = "git config --global --add safe.directory " + s.arg(tree)
		}
		r.note(hint, "cannot tell how the work tree %s stands: %s", s.short(tree), err)
		return
	}
	for entry := range strings.SplitSeq(out, "\x00") {
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
		case "2": // renamed, with one field more
			s.changed(r, in, path(8))
		case "?":
			at := path(0)
			r.note(in+"add "+s.arg(at)+" && "+in+"commit", "git does not know %s: it is on this machine alone", s.short(at))
		case "!":
			at := path(0)
			r.note(in+"add -f "+s.arg(at)+" && "+in+"commit", "git ignores %s: it is on this machine alone", s.short(at))
		case "#":
			switch head, _, _ := strings.Cut(rest, " "); {
			case rest == "branch.head (detached)":
				r.note(in+"switch BRANCH", "%s is on no branch: a commit there is easily lost", s.short(tree))
			case head == "branch.ab" && rest != "branch.ab +0 -0":
				s.checkUpstream(ctx, r, git, tree, files)
			}
		}
	}
	s.checkUnfinished(r, tree, in)
}

// askGit is an answer of git's, or the first line of its complaint. Nothing is written, not even its index.
func askGit(ctx context.Context, git string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, git, args...)
	// Who is called by a hook of git's own has its variables, which name another repository.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "GIT_") })
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1", "LC_ALL=C")
	cmd.WaitDelay = gitDelay
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return "", fmt.Errorf("git does not answer in %s", span(checkWithin))
	}
	if why, _, _ := strings.Cut(strings.TrimSpace(complaint.String()), "\n"); err != nil && why != "" {
		err = errors.New(strings.TrimPrefix(why, "fatal: "))
	}
	return string(out), err
}

// gitDelay is how long a child that git has left behind may hold its output.
const gitDelay = 100 * time.Millisecond

func (s *subject) changed(r *diagnosis, in, at string) {
	if lookAt(at).info == nil {
		r.note(in+"checkout HEAD -- "+s.arg(at), "git has %s, which is not there", s.short(at))
		return
	}
	r.note(in+"commit "+s.arg(at), "%s has changes that are not committed", s.short(at))
}

// checkUpstream tells what of the files is here alone, and what is at the upstream alone, as it was when it was last asked.
func (s *subject) checkUpstream(ctx context.Context, r *diagnosis, git, tree string, files []string) {
	args := append([]string{"-C", tree, "rev-list", "--count", "--left-right", "HEAD...@{upstream}", "--"}, files...)
	out, err := askGit(ctx, git, args...)
	var ahead, behind int
	if err == nil {
		_, err = fmt.Sscan(out, &ahead, &behind)
	}
	if err != nil {
		r.unknown("how the work tree %s stands to its upstream: %s", s.short(tree), err)
		return
	}
	in := "git -C " + s.arg(tree) + " "
	if ahead > 0 {
		r.note(in+"push", "changes in %s are not pushed (%s): they are on this machine alone", s.short(tree), countOf(ahead, "commit"))
	}
	if behind > 0 {
		r.note(in+"pull", "changes at the upstream of %s are not here (%s)", s.short(tree), countOf(behind, "commit"))
	}
}

// checkUnfinished looks for what git has begun and not ended, by its own files (gitrepository-layout(5)).
func (s *subject) checkUnfinished(r *diagnosis, tree, in string) {
	for _, begun := range [][2]string{
		{"MERGE_HEAD", "merge"}, {"rebase-merge", "rebase"}, {"rebase-apply", "rebase"}, {"CHERRY_PICK_HEAD", "cherry-pick"}, {"REVERT_HEAD", "revert"},
	} {
		if _, err := os.Lstat(filepath.Join(gitDir(tree), begun[0])); err == nil {
			verb := begun[1]
			r.note(in+verb+" --continue, or  "+in+verb+" --abort", "a git %s in %s is not finished", verb, s.short(tree))
		}
	}
}

// gitDir is where git keeps what it knows of a work tree; a submodule, and a work tree beside another, have a file that says where.
func gitDir(tree string) string {
	at := filepath.Join(tree, ".git")
	text, err := os.ReadFile(at)
	if err != nil {
		return at // a directory
	}
	dir := strings.TrimPrefix(strings.TrimSpace(string(text)), "gitdir: ")
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(tree, dir)
	}
	return dir
}
