package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
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
	getenv := func(name string) (string, bool) { return home, name == "HOME" }
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
