package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// playSystemctl has systemctl be a shell script of these cases.
func playSystemctl(t *testing.T, cases string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "systemctl"), []byte("#!/bin/sh\ncase \"$*\" in\n"+cases+"\nesac\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// systemd holds the socket, and whoever comes would wait for good.
func TestAServiceThatCannotStartIsTold(t *testing.T) {
	socket, lshd := silentDaemon(t), buildLshd(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("LSH_SOCKET", socket)
	t.Setenv("PATH", lshd+string(os.PathListSeparator)+os.Getenv("PATH"))
	playSystemctl(t, `
*show*lshd.socket) echo ActiveState=active; echo "Listen=$LSH_SOCKET (Stream)" ;;
*show*lshd.service) echo ActiveState=activating; echo SubState=auto-restart; echo Result=exit-code; echo NRestarts=7 ;;`)
	patient := patience{time.Millisecond, time.Minute, time.Minute}
	want := "lsh: the service manager starts the daemon, and it fails\nhint: lsh doctor\n"
	if code, said := saidOf(t, patient, "list"); code != exitNotRunning || said != want {
		t.Errorf("lsh list: exit code %d, %q, want %q", code, said, want)
	}
	config := filepath.Join(home, ".config/lsh/config.yaml")
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte("bogus: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want = `fails: ` + config + `:1:1: unknown key "bogus"`
	if code, said := saidOf(t, patient, "list"); code != exitNotRunning || !strings.Contains(said, want) {
		t.Errorf("lsh list with bad settings: exit code %d, %q, want %q", code, said, want)
	}
}
