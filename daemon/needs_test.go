package daemon

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

func TestLeadingWord(t *testing.T) {
	for text, want := range map[string]string{
		"restic backup ~/":               "restic",
		"restic":                         "restic",
		"  restic\n  backup":             "restic",
		"restic; echo done":              "restic",
		"restic && echo done":            "restic",
		"/usr/bin/restic backup":         "/usr/bin/restic",
		"./run.sh -v":                    "./run.sh",
		"~/bin/run":                      "~/bin/run",
		"python3.12 x.py":                "python3.12",
		"":                               "",
		"\n":                             "",
		"cd /tmp && make":                "",
		"if true; then restic; fi":       "",
		"[ -e x ] && restic":             "",
		"! restic":                       "",
		"(restic)":                       "",
		"A=b restic":                     "",
		"$TOOL backup":                   "",
		"${TOOL} backup":                 "",
		"\"my tool\" backup":             "",
		"# nightly\nrestic":              "",
		">out restic":                    "",
		"restic>out":                     "",
		"restic|gzip":                    "",
		"rest* backup":                   "",
		"~ada/bin/run":                   "",
		"~/":                             "",
		". ./env; restic":                "",
		"restic || true":                 "",
		"run; run() { :; }":              "",
		"run () { :; }; run":             "",
		"greet; alias greet=echo":        "",
		"function run { :; }; run":       "",
		"exec restic backup":             "",
		"notify-send \"it's $(date)\" x": "notify-send",
	} {
		word, plain := leadingWord(text)
		if !plain {
			word = ""
		}
		if word != want {
			t.Errorf("%q: %q, want %q", text, word, want)
		}
	}
}

func TestPlainShell(t *testing.T) {
	for _, c := range []struct {
		shell []string
		plain bool
	}{
		{[]string{"/bin/sh", "-c"}, true},
		{[]string{"bash", "-euo", "pipefail", "-c"}, true},
		{[]string{"/usr/bin/bash", "-lc"}, false},
		{[]string{"bash", "-i", "-c"}, false},
		{[]string{"bash", "--login", "-c"}, false},
		{[]string{"zsh", "-c"}, false},
		{[]string{"fish", "-c"}, false},
		{[]string{"python3", "-c"}, false},
	} {
		if got := plainShell(c.shell); got != c.plain {
			t.Errorf("%q: %v", c.shell, got)
		}
	}
}

func TestNeeds(t *testing.T) {
	home := t.TempDir()
	bin := filepath.Join(home, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "mine"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	sh := []string{"/bin/sh", "-c"}
	job := func(name string, p config.Process) *config.Job {
		if p.Dir == "" {
			p.Dir = home
		}
		return &config.Job{Name: name, Here: true, Enabled: true, Process: p}
	}
	elsewhere, disabled := job("elsewhere", config.Process{Argv: []string{"not-looked-for"}}), job("disabled", config.Process{Argv: []string{"not-looked-for"}})
	elsewhere.Here, disabled.Enabled = false, false
	c := &config.Config{Jobs: []*config.Job{
		job("fine", config.Process{Argv: []string{"mine"}}),
		job("shell", config.Process{Command: "mine -x", Shell: sh}),
		job("at-home", config.Process{Command: "~/bin/mine", Shell: sh}),
		job("absent", config.Process{Argv: []string{"absent"}}),
		job("absent-too", config.Process{Command: "absent -x", Shell: sh}),
		job("own", config.Process{Argv: []string{"mine"}, Env: []config.EnvVar{{Name: "PATH", Value: "/nowhere"}}}),
		job("nowhere", config.Process{Argv: []string{"mine"}, Dir: "/no/such/dir"}),
		job("no-shell", config.Process{Command: "mine", Shell: []string{"no-shell", "-c"}}),
		elsewhere, disabled,
	}}
	got, more := needsOf(t.Context(), c, []string{"PATH=" + bin}, home).missing()
	for i := range got {
		got[i].Reason, got[i].Hint = "", "" // the system's words
	}
	want := []ipc.MissingUse{
		{Kind: ipc.MissingCommand, Name: "absent", Jobs: ipc.JobCount{Count: 2, Names: []string{"absent", "absent-too"}}},
		{Kind: ipc.MissingDir, Name: "/no/such/dir", Jobs: ipc.JobCount{Count: 1, Names: []string{"nowhere"}}},
		{Kind: ipc.MissingCommand, Name: "mine", Jobs: ipc.JobCount{Count: 1, Names: []string{"own"}}, OwnPath: true},
		{Kind: ipc.MissingShell, Name: "no-shell", Jobs: ipc.JobCount{Count: 1, Names: []string{"no-shell"}}},
	}
	if !reflect.DeepEqual(got, want) || more != 0 {
		t.Errorf("missing is\n%+v and %d more, want\n%+v", got, more, want)
	}
}
