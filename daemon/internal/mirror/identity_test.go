package mirror

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Which host a state directory is: the same after a start, a move and a restore; another after a copy.
func TestIdentity(t *testing.T) {
	const machine = "0123456789abcdef"
	for name, c := range map[string]struct {
		happens func(t *testing.T, dir string) (now, machine string)
		same    bool
		why     string
	}{
		"it is started again": {func(_ *testing.T, dir string) (string, string) { return dir, machine }, true, ""},
		"it is moved": {func(t *testing.T, dir string) (string, string) {
			must(t, os.Rename(dir, dir+"-moved"))
			return dir + "-moved", machine
		}, true, ""},
		"it is reached by a link": {func(t *testing.T, dir string) (string, string) {
			must(t, os.Symlink(dir, dir+"-link"))
			return dir + "-link", machine
		}, true, ""},
		"it is restored in its place": {func(t *testing.T, dir string) (string, string) {
			must(t, os.Rename(dir, dir+"-former"))
			must(t, os.CopyFS(dir, os.DirFS(dir+"-former")))
			return dir, machine
		}, true, ""},
		"it is copied beside": {func(t *testing.T, dir string) (string, string) {
			must(t, os.CopyFS(dir+"-copy", os.DirFS(dir)))
			return dir + "-copy", machine
		}, false, "was copied from "},
		"it is copied to another machine": {func(_ *testing.T, dir string) (string, string) { return dir, "another" }, false, "from another machine"},
		"its file is empty": {func(t *testing.T, dir string) (string, string) {
			must(t, os.WriteFile(filepath.Join(dir, hostFile), nil, 0o600))
			return dir, machine
		}, false, "could not be read"},
		"its file has no id": {func(t *testing.T, dir string) (string, string) {
			must(t, os.WriteFile(filepath.Join(dir, hostFile), []byte(`{"id": "laptop"}`), 0o600))
			return dir, machine
		}, false, "could not be read"},
		"its file is removed": {func(t *testing.T, dir string) (string, string) {
			must(t, os.Remove(filepath.Join(dir, hostFile)))
			return dir, machine
		}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "state")
			must(t, os.Mkdir(dir, 0o700))
			first, why, err := identify(dir, machine, false)
			if err != nil || why != "" || !first.Born.IsZero() {
				t.Fatal(first, why, err)
			}
			if text, _ := os.ReadFile(filepath.Join(dir, hostFile)); strings.Contains(string(text), machine) {
				t.Errorf("the machine's id is in %s", text)
			}
			now, hardware := c.happens(t, dir)
			second, why, err := identify(now, hardware, false)
			if err != nil || (second.ID == first.ID) != c.same || !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
				t.Errorf("%s is %s now: %q, %v", first.ID, second.ID, why, err)
			}
			if copied := strings.Contains(why, "copied"); copied != second.before(time.Now().Add(-time.Second)) {
				t.Errorf("it was born at %v", second.Born)
			}
			third, why, err := identify(now, hardware, false)
			if err != nil || why != "" || third.ID != second.ID || !third.Born.Equal(second.Born) {
				t.Errorf("it was %+v and is %+v: %q, %v", second, third, why, err)
			}
		})
	}
	if _, _, err := identify(filepath.Join(t.TempDir(), "nowhere"), machine, false); err == nil {
		t.Error("a directory that is not there is a host")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
