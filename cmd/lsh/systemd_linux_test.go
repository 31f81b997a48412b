package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// verify has systemd read units, and is what it complains of. Its exit code alone is no judge: a key that it does not know is a line of
// output.
func verify(t *testing.T, files map[string]string) (complaint string) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"verify", "--user", "--man=no", "--recursive-errors=no"}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := exec.Command("systemd-analyze", args...)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir, "SYSTEMD_LOG_COLOR=0")
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		return err.Error()
	}
	return string(out)
}

func testFacts(t *testing.T, version int, args ...string) unitFacts {
	t.Helper()
	self, err := os.Executable() // a unit whose program is not there is a mistake
	if err != nil {
		t.Fatal(err)
	}
	return unitFacts{lsh: self, args: args, systemd: version, version: "v1.2.3"}
}

func TestUnitsAreRightForSystemd(t *testing.T) {
	for name, f := range map[string]unitFacts{
		"any version":  testFacts(t, 0),
		"this version": testFacts(t, installedSystemd(t.Context())),
		"settings":     testFacts(t, 0, `--jobs-file=/home/a b/100%/$HOME/"x"\;.yaml`, "--log-level=debug", ""),
	} {
		t.Run(name, func(t *testing.T) {
			if complaint := verify(t, map[string]string{serviceUnit: systemdUnit(f), socketUnit: systemdSocket(f)}); complaint != "" {
				t.Error(complaint)
			}
		})
	}
}

// Each mistake that could come into a unit is one that systemd is heard to complain of.
func TestWrongUnitsAreComplainedOf(t *testing.T) {
	f := testFacts(t, installedSystemd(t.Context()))
	for name, c := range map[string]struct{ unit, right, wrong string }{
		"unknown key":     {serviceUnit, "OOMPolicy=", "OOMpolicy="},
		"unknown section": {serviceUnit, "[Install]", "[Instal]"},
		"wrong value":     {serviceUnit, "Restart=always", "Restart=ever"},
		"wrong time":      {serviceUnit, "WatchdogSec=45", "WatchdogSec=45x"},
		"no program":      {serviceUnit, f.lsh, "/nonexistent/lsh"},
		"unknown escape":  {serviceUnit, f.lsh + " daemon", f.lsh + ` "\y"`},
		"wrong mode":      {socketUnit, "SocketMode=0600", "SocketMode=rw"},
		"no listener":     {socketUnit, "ListenStream=", "#"},
	} {
		files := map[string]string{serviceUnit: systemdUnit(f), socketUnit: systemdSocket(f)}
		if !strings.Contains(files[c.unit], c.right) {
			t.Errorf("%s: %q is not in\n%s", name, c.right, files[c.unit])
		}
		files[c.unit] = strings.Replace(files[c.unit], c.right, c.wrong, 1)
		if verify(t, files) == "" {
			t.Errorf("%s: nobody complains", name)
		}
	}
}

// What systemd would take for its own in a command line is written as what it is.
func TestUnitCommandQuotes(t *testing.T) {
	for want, argv := range map[string][]string{
		"/b/lsh daemon run":              {"/b/lsh", "daemon", "run"},
		`"/b c/lsh" daemon run`:          {"/b c/lsh", "daemon", "run"},
		`/b/$a%%b "--x=\"q\" \\ 'y'" ""`: {"/b/$a%b", `--x="q" \ 'y'`, ""},
		`/b/lsh --f=$$HOME/100%%`:        {"/b/lsh", "--f=$HOME/100%"},
		`/b/lsh "a\tb\nc;d"`:             {"/b/lsh", "a\tb\nc;d"},
	} {
		if got := unitCommand(argv); got != want {
			t.Errorf("%q becomes\n%s, want\n%s", argv, got, want)
		}
		if got := unitWords(want); !slices.Equal(got, argv) {
			t.Errorf("%s is read as %q, want %q", want, got, argv)
		}
	}
}

// What a unit must say depends on the version that reads it.
func TestUnitByVersion(t *testing.T) {
	for version, want := range map[int][]string{
		0:   {"Type=notify\n", "ExecReload=/bin/kill -HUP $MAINPID\n"},
		252: {"Type=notify\n", "ExecReload=/bin/kill -HUP $MAINPID\n"},
		253: {"Type=notify-reload\n", "!ExecReload", "!RestartSteps"},
		254: {"Type=notify-reload\n", "!ExecReload", "RestartSteps=", "RestartMaxDelaySec="},
	} {
		text := systemdUnit(testFacts(t, version))
		for _, line := range append(want,
			"# Written by lsh v1.2.3:", "NotifyAccess=all\n", "KillMode=process\n", "Restart=always\n", "RestartPreventExitStatus=0\n",
			"Delegate=yes\n", "OOMPolicy=continue\n", "WatchdogSec=45\n", "StartLimitIntervalSec=0\n", "WantedBy=default.target\n") {
			absent, isBan := strings.CutPrefix(line, "!")
			if strings.Contains(text, absent) == isBan {
				t.Errorf("version %d: %q is not as it should be in\n%s", version, line, text)
			}
		}
	}
}

func TestSystemdVersion(t *testing.T) {
	for text, want := range map[string]int{
		"systemd 252 (252.38-1~deb12u1)\n+PAM": 252, "257.13-1~deb13u1": 257, "249": 249, "v255": 0, "": 0,
	} {
		if got := systemdVersion(text); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

// playSystemd puts a systemctl into PATH that knows the unit, and gives an app at home in home.
func playSystemd(t *testing.T, vars map[string]string) (a *app, home string) {
	t.Helper()
	home = t.TempDir()
	script := `#!/bin/sh
case "$*" in
*FragmentPath*) echo FragmentPath=` + home + `/.config/systemd/user/lshd.service; echo UnitFileState=enabled; echo ActiveState=inactive; echo MainPID=0 ;;
--version) echo systemd 252 ;;
*show-environment*) echo LSH_STATE_DIR=/everywhere ;;
esac
`
	bin := filepath.Join(home, "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "systemctl"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	getenv := func(name string) (string, bool) {
		if name == "HOME" {
			return home, true
		}
		value, ok := vars[name]
		return value, ok
	}
	return newApp(strings.NewReader(""), io.Discard, io.Discard, getenv, time.Now), home
}

// installUnit writes the unit as this binary does.
func installUnit(t *testing.T, a *app) serviceFile {
	t.Helper()
	m, err := newServiceManager(a)
	if err != nil {
		t.Fatal(err)
	}
	files, err := m.files(t.Context(), nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := files[0].write(); err != nil {
		t.Fatal(err)
	}
	return files[0]
}

// The installed daemon is started in one way; another daemon, which flags or variables ask for, is not it.
func TestTheInstalledDaemonIsTheServiceManagersToStart(t *testing.T) {
	a, _ := playSystemd(t, nil)
	if a.startsBy(t.Context(), nil) != nil {
		t.Error("without a unit it is the service manager's")
	}
	installUnit(t, a)
	if a.startsBy(t.Context(), nil) == nil {
		t.Error("with a unit it is not the service manager's")
	}
	if a.startsBy(t.Context(), []string{"--state-dir=/x"}) != nil {
		t.Error("with other settings it is the service manager's")
	}
	a, _ = playSystemd(t, map[string]string{"LSH_STATE_DIR": "/x"})
	installUnit(t, a)
	if a.startsBy(t.Context(), nil) != nil {
		t.Error("with a state directory of its own it is the service manager's")
	}
	a, _ = playSystemd(t, map[string]string{"LSH_STATE_DIR": "/everywhere"})
	installUnit(t, a)
	if a.startsBy(t.Context(), nil) == nil {
		t.Error("with a state directory that the service has too it is not the service manager's")
	}
}

// How an installed unit stands to what this binary writes.
func TestInstalledService(t *testing.T) {
	a, _ := playSystemd(t, nil)
	file := installUnit(t, a)
	other := testFacts(t, 252)
	other.lsh = "/usr/local/bin/lsh"
	named := unitFacts{lsh: commandOf(file), args: []string{"--log-level=debug"}, systemd: 252, version: "v0.1.0"}
	for name, c := range map[string]struct{ text, want string }{
		"as written":        {file.text, serviceCurrent},
		"with settings":     {systemdUnit(named), serviceCurrent},
		"another binary":    {systemdUnit(other), serviceOutdated},
		"another version":   {seal(strings.ReplaceAll(bodyOf(file), "RestartSec=2", "RestartSec=1"), "v0.1.0", unitForm(), ""), serviceOutdated},
		"edited":            {strings.Replace(file.text, "RestartSec=2", "RestartSec=1", 1), serviceEdited},
		"somebody's own":    {"[Service]\nExecStart=/bin/lsh daemon run\n", serviceEdited},
		"without its head":  {bodyOf(file), serviceCurrent},
		"nothing of a unit": {"", serviceEdited},
	} {
		if err := os.WriteFile(file.path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		st, err := installedService(t.Context(), a)
		if err != nil || st.State != c.want || st.Path != file.path || !st.Enabled || st.Active || st.Package {
			t.Errorf("%s: %+v, %v; want %s", name, st, err, c.want)
		}
	}
	if err := os.Remove(file.path); err != nil {
		t.Fatal(err)
	}
	if st, err := installedService(t.Context(), a); err != nil || st.State != serviceAbsent {
		t.Errorf("without one: %+v, %v", st, err)
	}
	if text, err := json.Marshal(serviceState{Manager: managerNone, Reason: "x", State: serviceAbsent}); err != nil || !strings.Contains(string(text), `"manager":"none"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func bodyOf(f serviceFile) string {
	body, _ := unseal(f.text, f.form)
	return body
}

// commandOf is the program that a unit starts.
func commandOf(f serviceFile) string {
	_, command := f.form.split(f.text)
	path, _, _ := strings.Cut(command, " ")
	return path
}
