package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// playLogin puts a systemctl into PATH that shows of the unit what is said, beside what systemd shows of one that is well, and a loginctl
// that knows of linger.
func playLogin(t *testing.T, linger string, shows ...string) *subject {
	t.Helper()
	home := t.TempDir()
	bin := filepath.Join(home, "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	shows = slices.Concat([]string{
		"LoadState=loaded", "FragmentPath=" + home + "/.config/systemd/user/lshd.service", "UnitFileState=enabled", "ActiveState=active",
		"SubState=running", "Result=success", "MainPID=7", "NeedDaemonReload=no", "DropInPaths=", "KillMode=process", "Restart=always",
		"Type=notify", "NotifyAccess=all", "Environment=",
	}, shows) // the last counts
	for name, script := range map[string]string{
		"loginctl": "echo " + linger,
		"systemctl": `case "$*" in
--version) echo systemd 252 ;;
*--property=UnitPath*) echo UnitPath=` + home + `/.config/systemd/user ;;
*" lshd.service") cat ` + home + `/shows ;;
esac`,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.ReplaceAll(strings.Join(shows, "\n"), "HOME", home)
	if err := os.WriteFile(filepath.Join(home, "shows"), []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	vars := map[string]string{"HOME": home}
	getenv := func(name string) (string, bool) {
		value, set := vars[name]
		return value, set
	}
	return &subject{app: newApp(strings.NewReader(""), io.Discard, io.Discard, getenv, time.Now), uid: os.Geteuid()}
}

// loginOf is what doctor finds of the start at login.
func loginOf(t *testing.T, s *subject) []finding {
	t.Helper()
	r := &diagnosis{name: "login"}
	checkLogin(t.Context(), s, r)
	return r.all()
}

// Whoever works at a laptop wants no more than that the daemon runs while he does.
func TestWithoutLingerNothingIsWrong(t *testing.T) {
	s := playLogin(t, "no")
	installUnit(t, s.app)
	found := loginOf(t, s)
	if len(found) != 2 || found[0].State != stateOK || found[1].State != stateNote || !strings.HasPrefix(found[1].Hint, "loginctl enable-linger ") {
		t.Errorf("%+v", found)
	}
}

// A masked unit is told of by that alone: what mends nothing while it is masked is not advised.
func TestMaskedServiceIsUnmasked(t *testing.T) {
	for _, c := range []struct{ at, state, mend string }{
		{"HOME/.config/systemd/user/lshd.service", "masked", "systemctl --user unmask lshd.service"},
		{"HOME/run/systemd/user/lshd.service", "masked-runtime", "systemctl --user --runtime unmask lshd.service"},
	} {
		s := playLogin(t, "no", "LoadState=masked", "FragmentPath="+c.at, "UnitFileState="+c.state, "ActiveState=inactive", "MainPID=0")
		home, _ := s.getenv("HOME")
		link(t, "/", strings.TrimPrefix(strings.Replace(c.at, "HOME", home, 1), "/")+" -> "+os.DevNull)
		want := finding{"login", stateWarning, "the service is masked: systemd starts it neither at login nor when it is asked to", c.mend}
		if found := loginOf(t, s); len(found) != 1 || found[0] != want {
			t.Errorf("%s: %+v", c.state, found)
		}
	}
}

// What somebody has written into a file beside the unit counts by what systemd makes of it, and the fix sets right each file that says so.
func TestBrokenPromisesOfTheServiceAreMended(t *testing.T) {
	for _, c := range []struct{ line, shows string }{
		{"KillMode=mixed", "KillMode=mixed"},
		{"KillMode = control-group", "KillMode=control-group"},
		{"Restart=no", "Restart=no"},
		{"Type=simple", "Type=simple"},
		{"NotifyAccess=main", "NotifyAccess=main"},
	} {
		s := playLogin(t, "yes", "DropInPaths=HOME/a.conf HOME/b.conf", c.shows)
		installUnit(t, s.app)
		home, _ := s.getenv("HOME")
		link(t, home, "a.conf -> dots")
		for _, name := range []string{"dots", "b.conf"} {
			if err := os.WriteFile(filepath.Join(home, name), []byte("[Service]\nNice=1\n"+c.line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		found := loginOf(t, s)
		broken := slices.IndexFunc(found, func(f finding) bool { return f.State == stateWarning })
		if broken < 0 || !strings.HasPrefix(found[broken].Message, "the service has "+c.shows+": ") {
			t.Errorf("%s: %+v", c.line, found)
			continue
		}
		if out, err := exec.Command("sh", "-c", found[broken].Hint).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", found[broken].Hint, err, out)
		}
		key, _, _ := strings.Cut(c.shows, "=")
		for _, name := range []string{"a.conf", "b.conf"} {
			text, err := os.ReadFile(filepath.Join(home, name))
			if err != nil || strings.Contains(string(text), c.line) || !strings.Contains(string(text), "Nice=1\n"+key+"=") {
				t.Errorf("%s: %s, %v", found[broken].Hint, text, err)
			}
		}
		if target, err := os.Readlink(filepath.Join(home, "a.conf")); err != nil || target != "dots" {
			t.Errorf("%s: the link is gone: %v", c.line, err)
		}
	}
	s := playLogin(t, "yes", "KillMode=mixed")
	installUnit(t, s.app)
	if found := loginOf(t, s); len(found) != 1 || found[0].Hint != installIt+" --force" {
		t.Errorf("taken out of the unit: %+v", found)
	}
}

// A variable in a drop-in that is no setting's value is found before the next start fails by it.
func TestBrokenVariableOfTheServiceIsTakenOut(t *testing.T) {
	s := playLogin(t, "yes", "DropInPaths=HOME/a.conf", `Environment="A=x y" LSH_LOG_LEVEL=bogus`)
	installUnit(t, s.app)
	home, _ := s.getenv("HOME")
	lshd := "#!/bin/sh\n" + `echo "{\"problems\":[{\"message\":\"LSH_LOG_LEVEL: $LSH_LOG_LEVEL for $A\"}]}"` + "\n"
	conf := "[Service]\nEnvironment=\"A=x y\"\nEnvironment=LSH_LOG_LEVEL=bogus\n"
	for name, text := range map[string]string{"bin/lshd": lshd, "a.conf": conf} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.checkup = &ipc.Checkup{}
	found := loginOf(t, s)
	broken := slices.IndexFunc(found, func(f finding) bool {
		return f.State == stateWarning && strings.HasSuffix(f.Message, ": LSH_LOG_LEVEL: bogus for x y")
	})
	if broken < 0 {
		t.Fatalf("%+v", found)
	}
	if out, err := exec.Command("sh", "-c", found[broken].Hint).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if text, err := os.ReadFile(filepath.Join(home, "a.conf")); err != nil || string(text) != "[Service]\nEnvironment=\"A=x y\"\n" {
		t.Errorf("%s leaves %s, %v", found[broken].Hint, text, err)
	}
}
