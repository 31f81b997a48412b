package release

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/elf"
	"debug/macho"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// repository is the top of it, as seen from here.
const repository = "../.."

// Some version that has all there can be in one, and how Debian writes it.
const (
	version       = "1.2.3-rc1+4.gabc1234"
	debianVersion = "1.2.3~rc1+4.gabc1234"
)

var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"}

// TestRelease makes a release, without a network, and tries all that is in it.
func TestRelease(t *testing.T) {
	watchRepository(t)
	dist := filepath.Join(t.TempDir(), "dist")
	release(t, dist, strings.Join(platforms, " "))

	t.Run("files", func(t *testing.T) { checkSums(t, dist) })
	for _, platform := range platforms {
		system, arch, _ := strings.Cut(platform, "/")
		t.Run("archive for "+system+" on "+arch, func(t *testing.T) {
			t.Parallel()
			checkArchive(t, dist, system, arch)
		})
	}
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run("package for "+arch, func(t *testing.T) {
			t.Parallel()
			checkPackage(t, filepath.Join(dist, "lsh_"+version+"_"+arch+".deb"), arch)
		})
	}
	t.Run("the same bytes again", func(t *testing.T) {
		t.Parallel()
		again := filepath.Join(t.TempDir(), "again")
		release(t, again, "linux/"+runtime.GOARCH)
		for _, name := range list(t, again) {
			if name != "SHA256SUMS" && sum(t, filepath.Join(again, name)) != sum(t, filepath.Join(dist, name)) {
				t.Errorf("%s has other bytes when it is made again", name)
			}
		}
	})
}

// A version that no package can have is refused, and nothing is made.
func TestReleaseWantsAVersion(t *testing.T) {
	watchRepository(t)
	dist := filepath.Join(t.TempDir(), "dist")
	out, err := makeRelease(dist, "linux/amd64", "next").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "release: next is no version; make release VERSION=1.2.3\n") {
		t.Errorf("%v:\n%s", err, out)
	}
	if _, err := os.Stat(dist); err == nil {
		t.Error("there is a dist all the same")
	}
}

// release does what a person would type.
func release(t *testing.T, dist, systems string) {
	t.Helper()
	if out, err := makeRelease(dist, systems, version).CombinedOutput(); err != nil {
		t.Fatalf("make release: %v\n%s", err, out)
	}
}

func makeRelease(dist, systems, version string) *exec.Cmd {
	return makeHere("release", "DIST="+dist, "RELEASE_FOR="+systems, "VERSION="+version)
}

// makeHere is make in the repository.
func makeHere(target string, args ...string) *exec.Cmd {
	cmd := exec.Command("make", append([]string{target}, args...)...)
	cmd.Dir = repository
	// Nothing comes from the network, nor from the make that may run this test.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GOFLAGS"}, name)
	})
	cmd.Env = append(cmd.Env, "GOPROXY=off")
	return cmd
}

// watchRepository has the test's cached result go when a file changes of which
// the release is made: the cache knows what a test looks at, not what make does.
func watchRepository(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && slices.Contains([]string{".git", ".cache", "bin", "dist"}, name) {
			return fs.SkipDir
		}
		_, err = os.Stat(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkSums finds the files that there should be, each with its checksum.
func checkSums(t *testing.T, dist string) {
	want := []string{"SHA256SUMS"}
	for _, platform := range platforms {
		system, arch, _ := strings.Cut(platform, "/")
		want = append(want, "lsh-"+version+"-"+system+"-"+arch+".tar.gz")
		if system == "linux" {
			want = append(want, "lsh_"+version+"_"+arch+".deb")
		}
	}
	slices.Sort(want)
	if got := list(t, dist); !slices.Equal(got, want) {
		t.Errorf("the release has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	text, err := os.ReadFile(filepath.Join(dist, "SHA256SUMS"))
	check(t, err)
	var told []string
	for line := range strings.Lines(string(text)) {
		sha, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		told = append(told, name)
		if got := sum(t, filepath.Join(dist, name)); got != sha {
			t.Errorf("the sum of %s is %s, told is %s", name, got, sha)
		}
	}
	if !slices.Equal(append([]string{"SHA256SUMS"}, told...), want) {
		t.Errorf("SHA256SUMS tells of %q", told)
	}
}

// checkArchive unpacks an archive and tries what is in it.
func checkArchive(t *testing.T, dist, system, arch string) {
	dir := t.TempDir()
	name := "lsh-" + version + "-" + system + "-" + arch
	unpack(t, filepath.Join(dist, name+".tar.gz"), dir)
	if top := list(t, dir); !slices.Equal(top, []string{name}) {
		t.Fatalf("it unpacks to %q, want one directory %s", top, name)
	}
	root := filepath.Join(dir, name)
	for _, file := range []string{
		"README.md", "LICENSE", "LICENSES-OF-OTHERS", "docs/rpc.md", "examples/laptop.yaml", "examples/dotfiles/jobs.d/home.yaml",
		"share/man/man1/lsh.1", "share/man/man1/lsh-daemon-start.1", "share/man/man5/jobs.yaml.5", "share/man/man8/lshd.8",
		"share/bash-completion/completions/lsh", "share/zsh/site-functions/_lsh", "share/fish/vendor_completions.d/lsh.fish",
	} {
		mustHave(t, root, file)
	}
	others, err := os.ReadFile(filepath.Join(root, "LICENSES-OF-OTHERS"))
	check(t, err)
	for _, part := range []string{"Go: LICENSE", "github.com/spf13/cobra: LICENSE.txt", "modernc.org/sqlite: LICENSE"} {
		if !bytes.Contains(others, []byte("\n======== "+part+"\n")) {
			t.Errorf("LICENSES-OF-OTHERS lacks %s", part)
		}
	}
	checkPrograms(t, filepath.Join(root, "bin"), system, arch)
}

// checkPackage installs a Debian package into a root that has no other, tries
// it there, and removes it.
func checkPackage(t *testing.T, deb, arch string) {
	for field, want := range map[string]string{
		"Package": "lsh", "Version": debianVersion, "Architecture": arch, "Section": "utils", "Conflicts": "lsh-client, lsh-server",
	} {
		if got := strings.TrimSpace(output(t, exec.Command("dpkg-deb", "--field", deb, field))); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	root := t.TempDir()
	for _, dir := range []string{"info", "updates", "triggers"} {
		check(t, os.MkdirAll(filepath.Join(root, "var/lib/dpkg", dir), 0o755))
	}
	check(t, os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644))
	before := tree(t, root)

	output(t, dpkg(root, "--force-architecture", "--install", deb))
	for _, file := range []string{
		"usr/lib/systemd/user/lshd.service", "usr/lib/systemd/user/lshd.socket",
		"usr/share/man/man1/lsh.1.gz", "usr/share/man/man1/lsh-run.1.gz", "usr/share/man/man5/jobs.yaml.5.gz", "usr/share/man/man8/lshd.8.gz",
		"usr/share/bash-completion/completions/lsh", "usr/share/zsh/vendor-completions/_lsh", "usr/share/fish/vendor_completions.d/lsh.fish",
		"usr/share/doc/lsh/copyright", "usr/share/doc/lsh/changelog.gz", "usr/share/doc/lsh/README.md", "usr/share/doc/lsh/LICENSES-OF-OTHERS.gz",
	} {
		mustHave(t, root, file)
	}
	unit, err := os.ReadFile(filepath.Join(root, "usr/lib/systemd/user/lshd.service"))
	check(t, err)
	if !strings.Contains(string(unit), "\nExecStart=/usr/bin/lsh daemon run\n") {
		t.Errorf("the unit starts another program:\n%s", unit)
	}
	// Nobody's daemon is started or enabled by installing.
	if list := tree(t, filepath.Join(root, "var/lib/dpkg/info")); slices.ContainsFunc(list, isMaintainerScript) {
		t.Errorf("the package brings a script: %q", list)
	}
	checkPrograms(t, filepath.Join(root, "usr/bin"), "linux", arch)

	output(t, dpkg(root, "--remove", "lsh"))
	if after := below(tree(t, root)); !slices.Equal(after, below(before)) {
		t.Errorf("what it leaves:\n%s", strings.Join(after, "\n"))
	}
	if left := strings.TrimSpace(output(t, dpkg(root, "--get-selections"))); left != "" {
		t.Errorf("dpkg still knows of %s", left)
	}
}

func isMaintainerScript(name string) bool {
	return slices.Contains([]string{".preinst", ".postinst", ".prerm", ".postrm"}, filepath.Ext(name))
}

// below are those of paths that are not dpkg's own.
func below(paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return strings.HasPrefix(p, "var/") })
}

func dpkg(root string, args ...string) *exec.Cmd {
	argv := append([]string{"dpkg", "--root=" + root, "--log=/dev/null"}, args...)
	if os.Geteuid() != 0 {
		argv = append([]string{"fakeroot"}, append(argv[:1:1], append([]string{"--force-not-root"}, argv[1:]...)...)...)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin") // dpkg looks for its helpers there
	return cmd
}

// checkPrograms tries both programs where this machine can run them, and looks
// at what they are where it cannot.
func checkPrograms(t *testing.T, bin, system, arch string) {
	t.Helper()
	lsh, lshd := filepath.Join(bin, "lsh"), filepath.Join(bin, "lshd")
	for _, program := range []string{lsh, lshd} {
		if got := kind(t, program); got != system+"/"+arch {
			t.Errorf("%s is for %s, want %s/%s", program, got, system, arch)
		}
		if info, err := os.Stat(program); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("mode of %s: %v, %v", program, info.Mode(), err)
		}
	}
	if system != runtime.GOOS || arch != runtime.GOARCH {
		for _, program := range []string{lsh, lshd} {
			if text, err := os.ReadFile(program); err != nil || !bytes.Contains(text, []byte(version)) {
				t.Errorf("%s does not hold the version: %v", program, err)
			}
		}
		return
	}
	if got := output(t, exec.Command(lsh, "version")); !strings.HasPrefix(got, "lsh "+version+" (") {
		t.Errorf("lsh version answers %s", got)
	}
	if got := output(t, exec.Command(lshd, "--version")); got != "lshd "+version+"\n" {
		t.Errorf("lshd --version answers %s", got)
	}
}

// kind is the system and the processor that a program is for.
func kind(t *testing.T, program string) string {
	t.Helper()
	if f, err := elf.Open(program); err == nil {
		defer f.Close()
		return "linux/" + map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}[f.Machine]
	}
	f, err := macho.Open(program)
	check(t, err)
	defer f.Close()
	return "darwin/" + map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}[f.Cpu]
}

// unpack unpacks an archive as tar does, and looks at what tar does not show.
func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	output(t, exec.Command("tar", "-xzf", archive, "-C", dir))
	f, err := os.Open(archive)
	check(t, err)
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	check(t, err)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		check(t, err)
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Mode&0o022 != 0 || !filepath.IsLocal(h.Name) {
			t.Errorf("in the archive %s is of %d:%d (%q), mode %o", h.Name, h.Uid, h.Gid, h.Uname, h.Mode)
		}
	}
}

func mustHave(t *testing.T, root, file string) {
	t.Helper()
	if info, err := os.Stat(filepath.Join(root, file)); err != nil || info.Size() == 0 {
		t.Errorf("%s is missing or empty: %v", file, err)
	}
}

// tree are all paths below a directory.
func tree(t *testing.T, root string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		all = append(all, rel)
		return err
	})
	check(t, err)
	return all
}

// list are the names in a directory.
func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

func sum(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	check(t, err)
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%q: %v\n%s%s", cmd.Args, err, out, complaint.Bytes())
	}
	return string(out)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
