package watch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestResolve looks at every turn a path takes, as "directory: name", relative to a directory with
//
//	dir/file   dir/up → ..   link → dir   abs → (absolute) dir/file   far → link/nothing/more   loop → loop
func TestResolve(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	must(t, os.Mkdir(root+"/dir", 0o700))
	must(t, os.WriteFile(root+"/dir/file", nil, 0o600))
	for name, target := range map[string]string{
		"dir/up": "..", "link": "dir", "abs": root + "/dir/file", "far": "link/nothing/more", "loop": "loop",
	} {
		must(t, os.Symlink(target, root+"/"+name))
	}
	for _, c := range []struct {
		path    string
		edges   string
		real    string
		missing string
	}{
		{path: "dir/file", edges: ".: dir, dir: file", real: "dir/file"},
		{path: "dir//./file", edges: ".: dir, dir: file", real: "dir/file"},
		{path: "link/file", edges: ".: link, .: dir, dir: file", real: "dir/file"},
		{path: "link/up/abs", edges: ".: link, .: dir, dir: up, .: abs, .: dir, dir: file", real: "dir/file"},
		{path: "link/../dir/file", edges: ".: link, .: dir, .: dir, dir: file", real: "dir/file"},
		{path: "link/up", edges: ".: link, .: dir, dir: up", real: "."},
		{path: "none/of/this", edges: ".: none", missing: "none"},
		{path: "far", edges: ".: far, .: link, .: dir, dir: nothing", missing: "dir/nothing"},
		{path: "dir/file/below", edges: ".: dir, dir: file", missing: "dir/file/below"},
	} {
		t.Run(c.path, func(t *testing.T) {
			var edges []string
			at, err := resolve(root+"/"+c.path, func(dir, name string) {
				if rel, err := filepath.Rel(root, dir); err == nil && !strings.HasPrefix(rel, "..") {
					edges = append(edges, rel+": "+name)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(edges, ", "); got != c.edges {
				t.Errorf("edges %s, want %s", got, c.edges)
			}
			if want := root + "/" + c.missing; c.missing != "" && at.missing != want {
				t.Errorf("missing %q, want %q", at.missing, want)
			}
			if c.missing == "" && (at.missing != "" || at.real != filepath.Join(root, c.real)) {
				t.Errorf("leads to %q (missing %q), want %q", at.real, at.missing, c.real)
			}
		})
	}

	t.Run("a loop ends", func(t *testing.T) {
		if _, err := resolve(root+"/loop", func(string, string) {}); !errors.Is(err, syscall.ELOOP) {
			t.Errorf("got %v, want ELOOP", err)
		}
	})
	t.Run("as many links as the kernel allows", func(t *testing.T) {
		must(t, os.Symlink("dir/file", root+"/0"))
		for i := range maxLinks {
			must(t, os.Symlink(fmt.Sprint(i), root+fmt.Sprintf("/%d", i+1)))
		}
		if at, err := resolve(root+fmt.Sprintf("/%d", maxLinks-1), func(string, string) {}); err != nil || at.info == nil {
			t.Errorf("%d links: %v", maxLinks, err)
		}
		if _, err := resolve(root+fmt.Sprintf("/%d", maxLinks), func(string, string) {}); !errors.Is(err, syscall.ELOOP) {
			t.Errorf("%d links: got %v, want ELOOP", maxLinks+1, err)
		}
	})
}

// TestExpand shows that a pattern is an edge of every directory it may match in, also of one that is not there.
func TestExpand(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"hosts/a/jobs.d", "hosts/b", "else"} {
		must(t, os.MkdirAll(filepath.Join(root, dir), 0o700))
	}
	must(t, os.Symlink("../else", root+"/hosts/c"))

	var looked, matched []string
	expand(root+"/hosts/*/jobs.d/*.yaml",
		func(dir, name string) { looked = append(looked, strings.TrimPrefix(dir, root)+": "+name) },
		func(dir, pattern string) { matched = append(matched, strings.TrimPrefix(dir, root)+": "+pattern) })
	for _, want := range []string{"/hosts/a: jobs.d", "/hosts/b: jobs.d", "/hosts: c", "/else: jobs.d"} {
		if !slices.Contains(looked, want) {
			t.Errorf("%s is no edge; there are %q", want, looked)
		}
	}
	if want := []string{"/hosts: *", "/hosts/a/jobs.d: *.yaml"}; !slices.Equal(matched, want) {
		t.Errorf("patterns are held against %q, want %q", matched, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
