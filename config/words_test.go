package config_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/lsh-project/lsh/config"
)

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "30s": 30 * time.Second, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute,
		"1d": 24 * time.Hour, "1d12h": 36 * time.Hour, "2w": 336 * time.Hour, ".5d": 12 * time.Hour, "250ms": 250 * time.Millisecond,
	} {
		if got, err := config.ParseDuration(text); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "-5s", "+5s", "d", ".d", "1x", "1 h", "1h ", "1..5h", "1e3s", "20000w", "999999999999999999999d", "15250w1000d", "-", "..h", "9999999h9"} {
		if got, err := config.ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %s, want an error", text, got)
		}
	}
	for text, want := range map[string]string{
		"-5m": "negative", "-5": "negative", "10 m": "space", "1h 30m": "space", "5": "no unit", "10 minutes": "unit",
		"3Days": "unit", "999999999999h": "longer", "20000w": "longer", "soon": "not a duration", "": "empty",
	} {
		if _, err := config.ParseDuration(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseDuration(%q): %v, want that it is %s", text, err, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0s", 90 * time.Second: "1m30s", 90 * time.Minute: "1h30m", 36 * time.Hour: "1d12h", 1500 * time.Millisecond: "1.5s",
		-time.Minute: "-1m", math.MinInt64: "-106751d23h47m16.854775807s",
	} {
		if got := config.FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%d) = %s, want %s", d, got, want)
		}
	}
}

func TestFormattedDurationsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Min(0).Draw(t, "d"))
		if got, err := config.ParseDuration(config.FormatDuration(d)); err != nil || got != d {
			t.Fatalf("%s reads back as %d, %v, want %d", config.FormatDuration(d), got, err, d)
		}
	})
}

func TestNearest(t *testing.T) {
	known := []string{"backup", "command", "group", "stop", "timeout", "timezone"}
	for word, want := range map[string]string{
		"comand": "command", "commnad": "command", "Timeout": "timeout", "tiemzone": "timezone", "gruop": "group",
		"backups": "backup", "stpo": "stop", "x": "", "gro": "group", "ftp": "", "frobnicate": "", "": "",
	} {
		got, ok := config.Nearest(word, known)
		if got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q, %v, want %q", word, got, ok, want)
		}
	}
	if got, ok := config.Nearest("frob", []string{"job", "group"}); ok {
		t.Errorf("of four letters two are other ones: %s was not meant", got)
	}
	if got, _ := config.Nearest("cat", []string{"car", "bat", "can"}); got != "bat" {
		t.Errorf("of equals the first is meant, not %s", got)
	}
}

func TestSignals(t *testing.T) {
	for text, want := range map[string]string{"TERM": "TERM", "SIGTERM": "TERM", "term": "TERM", "sigHup": "HUP"} {
		if got, ok := config.ParseSignal(text); !ok || got != want {
			t.Errorf("ParseSignal(%q) = %s, %v", text, got, ok)
		}
	}
	if near, ok := config.ParseSignal("SIGUSR"); ok || near != "USR1" {
		t.Errorf("ParseSignal(SIGUSR) = %s, %v", near, ok)
	}
}

func TestRender(t *testing.T) {
	for _, tt := range []struct {
		p    config.Problem
		want string
	}{
		{config.Problem{File: "jobs.yaml", Message: "gone"}, "jobs.yaml: gone\n"},
		{
			config.Problem{File: "a", Line: 2, Column: 5, Message: "bad", Hint: "good", Excerpt: "\tx: y"},
			"a:2:5: bad\n  2 |     x: y\n    |        ^\n  hint: good\n",
		},
		{
			config.Problem{File: "a", Line: 1, Column: 7, Message: "wide", Excerpt: "名前: x y"},
			"a:1:7: wide\n  1 | 名前: x y\n    |         ^\n",
		},
		{
			config.Problem{File: "a", Line: 1, Column: 1, Message: "esc \x1b[2J", Excerpt: "\x1b[31m"},
			"a:1:1: esc \ufffd[2J\n  1 | \ufffd[31m\n    | ^\n",
		},
	} {
		if got := config.Render(tt.p, false); got != tt.want {
			t.Errorf("Render(%+v) is\n%q, want\n%q", tt.p, got, tt.want)
		}
	}
	long := config.Render(config.Problem{File: "a", Line: 1, Column: 5000, Message: "m", Excerpt: strings.Repeat("é", 9000)}, false)
	lines := strings.Split(long, "\n")
	if width := len([]rune(lines[1])); width > 120 {
		t.Errorf("a long line takes %d cells", width)
	}
	if caret := len([]rune(lines[2])); caret > len([]rune(lines[1])) || caret < 40 {
		t.Errorf("the caret of a long line is at %d", caret)
	}
	if got := config.Render(config.Problem{File: "a", Line: 1, Column: 1, Message: "m", Excerpt: "x"}, true); !strings.Contains(got, "\x1b[31m") {
		t.Errorf("no colour in %q", got)
	}
}

// On a terminal no line is broken by it, so that the caret stays under its place,
// and words stay whole.
func TestRenderWithinAWidth(t *testing.T) {
	p := config.Problem{
		File: "/home/me/.config/lsh/jobs.yaml", Line: 12, Column: 90, Message: "the value ends here, but the line goes on",
		Hint: "put the whole value in quotes of the other kind", Excerpt: strings.Repeat("ab", 44) + "Xé" + strings.Repeat("cd", 80),
	}
	for width := 45; width <= 130; width++ {
		lines := strings.Split(strings.TrimSuffix(config.RenderWithin(p, false, width), "\n"), "\n")
		for i, line := range lines {
			if utf8.RuneCountInString(line) > width {
				t.Errorf("at %d: %q is too wide", width, line)
			}
			if before, _, caret := strings.Cut(line, "^"); caret && []rune(lines[i-1])[len(before)] != 'é' {
				t.Errorf("at %d the caret is not under its place:\n%s\n%s", width, lines[i-1], line)
			}
		}
		if got := strings.Join(strings.Fields(strings.Join(lines, " ")), " "); !strings.Contains(got, p.Message) || !strings.HasSuffix(got, "hint: "+p.Hint) {
			t.Errorf("at %d words are lost: %s", width, got)
		}
	}
	if got := config.RenderWithin(p, false, 1); !strings.Contains(got, "é") {
		t.Errorf("at 1 the place is not shown: %s", got)
	}
}

func TestDefaultPaths(t *testing.T) {
	env := map[string]string{}
	getenv := func(name string) (string, bool) { value, ok := env[name]; return value, ok }
	want := config.Paths{
		JobsFile: "/home/me/.config/lsh/jobs.yaml", ConfigFile: "/home/me/.config/lsh/config.yaml",
		Socket: "/tmp/lsh-daemon-me.sock", RuntimeSocket: "/home/me/.local/state/lsh/daemon.sock",
		PidFile: "/tmp/lsh-job-daemon-me.pid", LogFile: "/tmp/lsh-job-daemon-me.log", StateDir: "/home/me/.local/state/lsh",
	}
	if got := config.DefaultPaths(getenv, "/home/me", "me", 1000); got != want {
		t.Errorf("without XDG:\n%+v, want\n%+v", got, want)
	}
	runtime := t.TempDir()
	if err := os.Chmod(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	env["XDG_CONFIG_HOME"], env["XDG_STATE_HOME"], env["XDG_RUNTIME_DIR"] = "/c", "relative", runtime
	got := config.DefaultPaths(getenv, "/home/me", "", 1000)
	if got.JobsFile != "/c/lsh/jobs.yaml" || got.StateDir != want.StateDir || got.RuntimeSocket != runtime+"/lsh/daemon.sock" || got.Socket != "/tmp/lsh-daemon-1000.sock" {
		t.Errorf("with XDG: %+v", got)
	}
	one, two := got.WithStateDir("/srv/one", getenv), got.WithStateDir("/srv/two/", getenv)
	if one.RuntimeSocket == two.RuntimeSocket || one.RuntimeSocket == got.RuntimeSocket || two.StateDir != "/srv/two" {
		t.Errorf("other state directories: %+v, %+v", one, two)
	}
	if got.WithStateDir(got.StateDir+"/", getenv) != got {
		t.Error("the default state directory makes a difference")
	}
}

// A daemon may have been started with a runtime directory, or without: its client
// looks at both places, and at nobody else's daemon.
func TestRuntimeSockets(t *testing.T) {
	runtime := t.TempDir()
	if err := os.Chmod(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	const nobodysUID = 4000000000 // has no session
	with := func(name string) (string, bool) { return runtime, name == "XDG_RUNTIME_DIR" }
	without := func(string) (string, bool) { return "", false }
	p := config.DefaultPaths(with, "/home/me", "me", nobodysUID)
	hashed := p.WithStateDir("/srv/lsh", with).RuntimeSocket
	for _, test := range []struct {
		dir    string
		getenv func(string) (string, bool)
		want   []string
	}{
		{p.StateDir, with, []string{runtime + "/lsh/daemon.sock", p.StateDir + "/daemon.sock"}},
		{p.StateDir, without, []string{p.StateDir + "/daemon.sock"}},
		{"/srv/lsh/", with, []string{hashed, "/srv/lsh/daemon.sock"}},
		{"/srv/lsh", without, []string{"/srv/lsh/daemon.sock"}},
	} {
		if got := p.RuntimeSockets(test.dir, test.getenv, nobodysUID); !slices.Equal(got, test.want) {
			t.Errorf("of %s: %q, want %q", test.dir, got, test.want)
		}
	}
}

// A runtime directory that could not be trusted with a socket is as good as none.
func TestRuntimeDirectoriesOfNoUse(t *testing.T) {
	base := t.TempDir()
	dir := func(name string, mode os.FileMode, uid int) string {
		path := filepath.Join(base, name)
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		if uid != os.Geteuid() {
			if err := os.Chown(path, uid, -1); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	file := filepath.Join(base, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	self := os.Geteuid()
	useful := map[string]bool{
		dir("private", 0o700, self): true, dir("readable", 0o755, self): true,
		dir("group", 0o770, self): false, dir("others", 0o702, self): false, dir("sticky", 0o777|os.ModeSticky, self): false,
		filepath.Join(base, "nonexistent"): false, file: false, "relative": false, "": false,
	}
	if self == 0 {
		useful[dir("foreign", 0o700, 65534)] = false
	}
	for path, want := range useful {
		getenv := func(name string) (string, bool) { return path, name == "XDG_RUNTIME_DIR" }
		p := config.DefaultPaths(getenv, "/home/me", "me", self)
		q := p.WithStateDir("/srv/lsh", getenv)
		if want {
			if filepath.Dir(p.RuntimeSocket) != path+"/lsh" || filepath.Dir(q.RuntimeSocket) != path+"/lsh" {
				t.Errorf("%q is not used: %s, %s", path, p.RuntimeSocket, q.RuntimeSocket)
			}
			continue
		}
		if p.RuntimeSocket != "/home/me/.local/state/lsh/daemon.sock" || q.RuntimeSocket != "/srv/lsh/daemon.sock" {
			t.Errorf("%q is used: %s, %s", path, p.RuntimeSocket, q.RuntimeSocket)
		}
	}
}
