package daemon

import (
	"path/filepath"
	"strings"
)

// commitOf is the commit that is checked out in the git work tree which a file lies in;
// "" when it lies in none, or when that cannot be told. It is read from git's own files, as
// gitrepository-layout(5) has them: nothing is run.
func commitOf(file string) string {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if git := gitDir(filepath.Join(dir, ".git")); git != "" {
			return headOf(git)
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// gitDir is where the repository is that a .git stands for; "" when there is none. In a linked
// work tree and in a submodule it is a file that names the place.
func gitDir(dotGit string) string {
	if gitText(dotGit, "HEAD") != "" {
		return dotGit
	}
	to, is := strings.CutPrefix(gitText(filepath.Dir(dotGit), filepath.Base(dotGit)), "gitdir: ")
	if !is {
		return ""
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(filepath.Dir(dotGit), to)
	}
	return to
}

func headOf(git string) string {
	common := git // where the refs of all work trees are
	if to := gitText(git, "commondir"); to != "" {
		if common = to; !filepath.IsAbs(to) {
			common = filepath.Join(git, to)
		}
	}
	head := gitText(git, "HEAD")
	for range 5 { // a symbolic ref may name another
		ref, is := strings.CutPrefix(head, "ref: ")
		if !is {
			break
		}
		if !strings.HasPrefix(ref, "refs/") || !filepath.IsLocal(ref) {
			return ""
		}
		if head = gitText(git, ref); head == "" {
			head = gitText(common, ref)
		}
		if head == "" {
			head = packedRef(common, ref)
		}
	}
	const sha1, sha256 = 40, 64
	if len(head) != sha1 && len(head) != sha256 || strings.Trim(head, "0123456789abcdef") != "" {
		return ""
	}
	return head
}

func packedRef(git, ref string) string {
	for line := range strings.Lines(gitText(git, "packed-refs")) {
		if commit, is := strings.CutSuffix(strings.TrimSpace(line), " "+ref); is {
			return commit
		}
	}
	return ""
}

// gitText is a small file of git's; "" when it cannot be read.
func gitText(dir, name string) string {
	text, err := readEnvFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
