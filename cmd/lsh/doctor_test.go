package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// link makes symbolic links in a directory, "a -> b", and files without an arrow.
func link(t *testing.T, dir string, entries ...string) {
	t.Helper()
	for _, entry := range entries {
		name, target, is := strings.Cut(entry, " -> ")
		at := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(at), 0o700)
		switch {
		case err != nil:
		case is:
			err = os.Symlink(strings.ReplaceAll(target, "DIR", dir), at)
		default:
			err = os.WriteFile(at, nil, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestLinkChain(t *testing.T) {
	for _, c := range []struct {
		name    string
		entries []string
		path    string
		hops    []string // without the directory
		missing string
		err     string
	}{
		{name: "a file", entries: []string{"f"}, path: "f", hops: []string{"f"}},
		{name: "a link", entries: []string{"f", "l -> f"}, path: "l", hops: []string{"l", "f"}},
		{name: "an absolute link", entries: []string{"d/f", "l -> DIR/d/f"}, path: "l", hops: []string{"l", "d/f"}},
		{name: "a link to a link", entries: []string{"f", "a -> b", "b -> f"}, path: "a", hops: []string{"a", "b", "f"}},
		{name: "a directory that is a link", entries: []string{"d/f", "l -> d"}, path: "l/f", hops: []string{"l/f", "d/f"}},
		{name: "up from where a link leads", entries: []string{"d/e/f", "d/g", "l -> d/e"}, path: "l/../g", hops: []string{"g", "d/g"}},
		{name: "a link that goes up", entries: []string{"f", "d/l -> ../f"}, path: "d/l", hops: []string{"d/l", "f"}},
		{name: "nothing", path: "f", hops: []string{"f"}, missing: "f"},
		{name: "a link that leads nowhere", entries: []string{"l -> d/f"}, path: "l", hops: []string{"l", "d/f"}, missing: "d"},
		{name: "a file where a directory should be", entries: []string{"f"}, path: "f/g", hops: []string{"f/g"}, missing: "f/g"},
		{name: "itself", entries: []string{"l -> l"}, path: "l", hops: []string{"l", "l"}, err: "its links lead in a circle"},
		{name: "a circle", entries: []string{"a -> b", "b -> a"}, path: "a", hops: []string{"a", "b", "a"}, err: "its links lead in a circle"},
		{name: "the same link twice", entries: []string{"f", "l -> ."}, path: "l/l/f", hops: []string{"l/l/f", "l/f", "f"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			link(t, dir, c.entries...)
			got := linkChain(dir + "/" + c.path)
			for i, hop := range got.hops {
				got.hops[i] = strings.TrimPrefix(hop, dir+"/")
			}
			missing := strings.TrimPrefix(got.missing, dir+"/")
			if !slices.Equal(got.hops, c.hops) || missing != c.missing {
				t.Errorf("hops %q, missing %q; want %q, %q", got.hops, missing, c.hops, c.missing)
			}
			if (got.err != nil || c.err != "") && (got.err == nil || got.err.Error() != c.err) {
				t.Errorf("error %v, want %q", got.err, c.err)
			}
		})
	}
}

// TestLinkChainEnds follows links that never lead back and never end.
func TestLinkChainEnds(t *testing.T) {
	dir := t.TempDir()
	link(t, dir, "l -> l/x")
	c := linkChain(filepath.Join(dir, "l"))
	if c.err == nil || len(c.hops) > mostLinks+1 {
		t.Errorf("error %v after %d places", c.err, len(c.hops))
	}
	if text := c.text(func(path string) string { return filepath.Base(path) }); strings.Count(text, "→") != 6 || !strings.Contains(text, "→ … →") {
		t.Errorf("a long way is told as %q", text)
	}
}

func TestSystemZone(t *testing.T) {
	dir := t.TempDir()
	// An hour east of UTC for ever, in the form of RFC 9636: counts, one kind of time, its name.
	data := []byte("TZif" + strings.Repeat("\x00", 16+4*4) + "\x00\x00\x00\x01" + "\x00\x00\x00\x04" + "\x00\x00\x0e\x10" + "\x00\x00" + "CET\x00")
	if err := os.MkdirAll(filepath.Join(dir, "zoneinfo/Europe"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "zoneinfo/Europe/Berlin"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "copied"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	link(t, dir, "named -> zoneinfo/Europe/Berlin", "text", "gone -> zoneinfo/Europe/Atlantis", "odd -> copied")
	for _, c := range []struct{ file, name, err string }{
		{"named", "Europe/Berlin", ""},
		{"copied", "", ""},
		{"odd", "", ""},
		{"text", "UTC", "holds no time zone"},
		{"gone", "UTC", "is a link to zoneinfo/Europe/Atlantis, which is not there"},
		{"nothing", "UTC", "no such file or directory"},
	} {
		got, err := systemZone(filepath.Join(dir, c.file))
		if got.name != c.name || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %q, %v; want %q, %q", c.file, got.name, err, c.name, c.err)
		}
		winter := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
		if _, offset := winter.In(got.location).Zone(); c.err == "" && offset != 3600 {
			t.Errorf("%s: %d s east of UTC in winter", c.file, offset)
		}
	}
}

func TestZoneBy(t *testing.T) {
	text := func(s string) *string { return &s }
	for _, c := range []struct {
		tz   *string
		name string
		good bool
	}{
		{text(""), "UTC", true},
		{text("Europe/Berlin"), "Europe/Berlin", true},
		{text(":Europe/Berlin"), "Europe/Berlin", true},
		{text("Middle/Earth"), "UTC", false},
		{text("/no/such/file"), "UTC", false},
		{nil, "UTC", false},
	} {
		got, err := zoneBy(c.tz, filepath.Join(t.TempDir(), "localtime"))
		if got.name != c.name || (err == nil) != c.good {
			t.Errorf("%v: %q, %v", c.tz, got.name, err)
		}
	}
}

func TestSameTimes(t *testing.T) {
	zoneOf := func(name string) *time.Location {
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return location
	}
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"UTC", "Etc/UTC", true},
		{"Europe/Berlin", "Europe/Paris", true},
		{"Europe/London", "UTC", false}, // which in January look alike
		{"Europe/Berlin", "America/New_York", false},
	} {
		if got := sameTimes(zoneOf(c.a), zoneOf(c.b), now); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

func TestLastFailure(t *testing.T) {
	for _, c := range []struct{ name, log, want string }{
		{"none", "time=1 level=INFO msg=\"daemon is ready\"\n", ""},
		{"text", "time=1 level=ERROR msg=\"daemon cannot run\" err=\"open journal: disk is full\"\n", "open journal: disk is full"},
		{"one word", "time=1 level=ERROR msg=\"daemon cannot run\" err=broken\n", "broken"},
		{"json", `{"level":"ERROR","msg":"daemon cannot run","err":"say \"no\""}` + "\n", `say "no"`},
		{"mended since", "msg=\"daemon cannot run\" err=broken\nmsg=\"daemon is ready\"\n", ""},
		{"again", "msg=\"daemon is ready\"\nmsg=\"daemon cannot run\" err=first\nmsg=\"daemon cannot run\" err=second\n", "second"},
		{"long", strings.Repeat("x", 2*tailSize) + "\nmsg=\"daemon cannot run\" err=broken\n", "broken"},
		{"empty", "", ""},
	} {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, []byte(c.log), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := lastFailure(path); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	dir := t.TempDir()
	link(t, dir, "f", "l -> f")
	for _, path := range []string{dir, filepath.Join(dir, "nothing"), filepath.Join(dir, "l")} {
		if got := lastFailure(path); got != "" {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestScarcity(t *testing.T) {
	const kib, mib, gib = 1 << 10, 1 << 20, 1 << 30
	for _, c := range []struct {
		left, all uint64
		want      string
	}{
		{0, 0, stateOK}, // not counted
		{500 * mib, 100 * gib, stateOK},
		{150 * mib, 100 * gib, stateWarning},
		{10 * mib, 100 * gib, stateError},
		{7 * mib, 8 * mib, stateOK}, // a small one
		{500 * kib, 8 * mib, stateWarning},
		{1 * kib, 8 * mib, stateError},
		{0, 8 * mib, stateError},
	} {
		if got := scarcity(c.left, c.all, leastBytes, fewBytes); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.left, c.all, got, c.want)
		}
	}
}

func TestWatchHint(t *testing.T) {
	limit := func(name string) int {
		return map[string]int{"max_user_watches": 1048576, "max_user_instances": 128}[name]
	}
	for reason, want := range map[string]string{
		"watch x: no space (see fs.inotify.max_user_watches)":       "sudo sysctl fs.inotify.max_user_watches=2097152",
		"watch files: too many (see fs.inotify.max_user_instances)": "sudo sysctl fs.inotify.max_user_instances=1024",
		"it lies on a network file system":                          "",
	} {
		if got := watchHint(reason, limit); got != want {
			t.Errorf("%s: %q, want %q", reason, got, want)
		}
	}
}

func TestDefaultPath(t *testing.T) {
	want := `defaults: {env: {PATH: '/a:/it''s $$1:${PATH}'}}`
	if got := defaultPath("/a", "/it's $1"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestLackingDirs(t *testing.T) {
	dir := t.TempDir()
	link(t, dir, "a/x", "b/x", "c -> a", "file")
	list := func(names ...string) string {
		for i, name := range names {
			names[i] = filepath.Join(dir, name)
		}
		return strings.Join(names, ":")
	}
	got := lackingDirs(list("a", "b", "b", "c", "file", "nothing")+":relative:", list("a"))
	if want := []string{filepath.Join(dir, "b")}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDiagnosisTellsWhatIsFineOnlyWhereItIs(t *testing.T) {
	fine := &diagnosis{name: "x"}
	fine.ok("good")
	fine.note("", "by the way")
	if all := fine.all(); len(all) != 2 || all[0] != (finding{"x", stateOK, "good", ""}) {
		t.Errorf("%+v", all)
	}
	sick := &diagnosis{name: "x"}
	sick.ok("good")
	sick.warn("mend", "bad")
	if all := sick.all(); len(all) != 1 || all[0] != (finding{"x", stateWarning, "bad", "mend"}) {
		t.Errorf("%+v", all)
	}
}

func TestWrapWords(t *testing.T) {
	long := "/" + strings.Repeat("d", 40)
	got := wrapWords("the file "+long+" is not there", 20)
	want := []string{"the file", long, "is not there"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSealedVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), serviceUnit)
	for text, want := range map[string]string{
		systemdUnit(unitFacts{lsh: "/a/lsh", version: "1.2.3"}): "1.2.3",
		"[Unit]\n": "of another version",
		"":         "of another version",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := sealedVersion(path); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := sealedVersion(path + ".gone"); got != "of another version" {
		t.Errorf("%q of no file", got)
	}
}

func TestBareError(t *testing.T) {
	_, err := os.Open(filepath.Join(t.TempDir(), "nothing"))
	if got := bareError(err).Error(); got != "no such file or directory" {
		t.Error(got)
	}
	if plain := errors.New("plain"); bareError(plain) != plain {
		t.Error("another error is changed")
	}
}
