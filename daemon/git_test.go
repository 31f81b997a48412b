package daemon

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCommitThatAFileLiesIn(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	git := func(in string, args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = filepath.Join(dir, in)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	is := func(when, in string) {
		t.Helper()
		if got, want := commitOf(filepath.Join(dir, in, "jobs.yaml")), git(in, "rev-parse", "HEAD"); got != want {
			t.Errorf("%s: commit %q, want %s", when, got, want)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "repo/deep/down"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := commitOf(filepath.Join(dir, "repo/jobs.yaml")); got != "" {
		t.Errorf("without a repository: %q", got)
	}
	git("repo", "init", "-q", "-b", "main")
	if got := commitOf(filepath.Join(dir, "repo/jobs.yaml")); got != "" {
		t.Errorf("before the first commit: %q", got)
	}
	git("repo", "commit", "-q", "--allow-empty", "-m", "one")
	is("on a branch", "repo")
	is("further down", "repo/deep/down")
	git("repo", "pack-refs", "--all")
	is("with packed refs", "repo")
	git("repo", "worktree", "add", "-q", "-b", "side", "../side")
	git("side", "commit", "-q", "--allow-empty", "-m", "two")
	is("in a linked work tree", "side")
	git("repo", "pack-refs", "--all")
	is("in one with packed refs", "side")
	git("repo", "checkout", "-q", "--detach", "side")
	is("on no branch", "repo")
}
