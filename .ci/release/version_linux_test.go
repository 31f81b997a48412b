package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestVersion stamps the commits of a small history: each is later than those
// before it, in the eyes of dpkg too.
func TestVersion(t *testing.T) {
	dir := t.TempDir()
	script, err := os.ReadFile(filepath.Join(repository, ".ci/version"))
	check(t, err)
	check(t, os.Mkdir(filepath.Join(dir, ".ci"), 0o755))
	check(t, os.WriteFile(filepath.Join(dir, ".ci/version"), script, 0o755))
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		output(t, cmd)
	}
	commit := func() { t.Helper(); git("commit", "-q", "--allow-empty", "-m", "change") }
	last := ""
	is := func(pattern string) {
		t.Helper()
		cmd := exec.Command("sh", ".ci/version")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		got := strings.TrimSpace(output(t, cmd))
		if !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
			t.Errorf("version %s, want %s", got, pattern)
		}
		// As the package has it.
		debian := strings.Replace(got, "-", "~", 1)
		if last != "" && exec.Command("dpkg", "--compare-versions", debian, "gt", last).Run() != nil {
			t.Errorf("version %s is not later than %s", debian, last)
		}
		last = debian
	}

	is("dev") // without git
	last = ""
	git("init", "-q")
	git("add", ".ci")
	commit()
	is(`0\.0\.0\+1\.g[0-9a-f]{7,}`)
	for range 9 {
		commit()
	}
	is(`0\.0\.0\+10\.g[0-9a-f]{7,}`)
	git("tag", "v1.2.0-rc1")
	is(`1\.2\.0-rc1`)
	commit()
	is(`1\.2\.0-rc1\+1\.g[0-9a-f]{7,}`)
	git("tag", "unrelated")
	git("tag", "v1.2.0")
	is(`1\.2\.0`)
	commit()
	is(`1\.2\.0\+1\.g[0-9a-f]{7,}`)
	check(t, os.WriteFile(filepath.Join(dir, ".ci/version"), append(script, '\n'), 0o755))
	is(`1\.2\.0\+1\.g[0-9a-f]{7,}\.dirty`)
	git("commit", "-aqm", "change")
	git("tag", "v1.10.0")
	is(`1\.10\.0`)
}
