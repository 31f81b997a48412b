package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"
)

const asLshd = "LSH_TEST_AS_LSHD"

// TestMain turns the test binary into lshd, when a test has started it so.
func TestMain(m *testing.M) {
	if os.Getenv(asLshd) != "" {
		main()
	}
	os.Exit(m.Run())
}

// place is a HOME with a jobs file of no jobs.
type place struct{ dir string }

func newPlace(t *testing.T) place {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "lshd") // t.TempDir is too long for a socket
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := place{dir}
	check(t, os.MkdirAll(p.path(".config/lsh"), 0o700))
	check(t, os.WriteFile(p.path(".config/lsh/jobs.yaml"), []byte("version: 1\njobs: {}\n"), 0o600))
	return p
}

func (p place) path(name string) string { return filepath.Join(p.dir, name) }

func (p place) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	check(t, err)
	cmd := exec.Command(exe, args...)
	cmd.Env = []string{
		asLshd + "=1", "HOME=" + p.dir, "PATH=" + os.Getenv("PATH"),
		"LSH_SOCKET=" + p.path("sock"), "LSH_PID_FILE=" + p.path("pid"), "LSH_LOG_FILE=" + p.path("log"),
	}
	return cmd
}

// running is an lshd, started as `lsh daemon start` does.
type running struct {
	place
	cmd   *exec.Cmd
	ready readyLine
}

func (p place) start(t *testing.T, args ...string) *running {
	t.Helper()
	r, w, err := os.Pipe()
	check(t, err)
	defer r.Close()
	cmd := p.command(t, append([]string{"--background", "--ready-fd=3"}, args...)...)
	cmd.ExtraFiles = []*os.File{w}
	check(t, cmd.Start())
	w.Close()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	in := bufio.NewReader(r)
	line, err := in.ReadBytes('\n')
	check(t, err)
	d := &running{place: p, cmd: cmd}
	check(t, json.Unmarshal(line, &d.ready))
	if rest, err := in.ReadByte(); err == nil {
		t.Errorf("there is more on the ready descriptor: %q", rest)
	}
	return d
}

// logs waits until the log file at path says text.
func (p place) logs(t *testing.T, path, text string) {
	t.Helper()
	var got []byte
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		got, _ = os.ReadFile(path)
		if strings.Contains(string(got), text) {
			return
		}
	}
	t.Fatalf("%s does not say %q:\n%s", path, text, got)
}

func (d *running) signal(t *testing.T, s os.Signal) {
	t.Helper()
	check(t, d.cmd.Process.Signal(s))
}

func TestStartSignalsStop(t *testing.T) {
	p := newPlace(t)
	d := p.start(t)
	if d.ready.Pid != d.cmd.Process.Pid || d.ready.Error != nil {
		t.Fatalf("readiness is %+v, want pid %d", d.ready, d.cmd.Process.Pid)
	}
	if _, err := os.Stat(p.path("sock")); err != nil {
		t.Errorf("ready without a socket: %v", err)
	}

	d.signal(t, syscall.SIGPIPE) // as a closed stderr gives
	d.signal(t, syscall.SIGHUP)
	p.logs(t, p.path("log"), "reload asked for")

	check(t, os.Rename(p.path("log"), p.path("log.old")))
	d.signal(t, syscall.SIGUSR1)
	p.logs(t, p.path("log"), "log file reopened")

	d.signal(t, syscall.SIGTERM)
	if err := d.cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v, want exit 0", err)
	}
	for _, name := range []string{"sock", "pid"} {
		if _, err := os.Lstat(p.path(name)); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", name, err)
		}
	}
}

func TestASecondSignalStopsAtOnce(t *testing.T) {
	p := newPlace(t)
	// Ignores TERM and has a grace period of an hour.
	check(t, os.WriteFile(p.path(".config/lsh/jobs.yaml"), []byte(`version: 1
jobs:
  stubborn:
    command: trap '' TERM; echo up > `+p.path("up")+`; sleep 600
    schedule: "@start"
    stop: {grace: 1h}
`), 0o600))
	d := p.start(t)
	p.logs(t, p.path("up"), "up")
	d.signal(t, syscall.SIGINT)
	p.logs(t, p.path("log"), "stop asked for by signal")
	d.signal(t, syscall.SIGINT)
	if err := d.cmd.Wait(); err != nil {
		t.Errorf("after two SIGINTs: %v, want exit 0", err)
	}
}

func TestASecondDaemonIsRefused(t *testing.T) {
	p := newPlace(t)
	first := p.start(t)

	second := p.start(t)
	says := fmt.Sprintf("daemon is already running: pid %d", first.ready.Pid)
	if log, err := os.ReadFile(p.path("log")); err != nil || strings.Contains(string(log), "cannot run") {
		t.Errorf("the log of the first says of the second, %v:\n%s", err, log)
	}
	if e := second.ready.Error; e == nil || e.Code != "already_running" || e.Message != says || e.Hint == "" {
		t.Errorf("readiness is %+v, want already_running, %q and a hint", second.ready.Error, says)
	}
	wantExit(t, second.cmd.Wait(), 1)

	out, err := p.command(t).CombinedOutput()
	wantExit(t, err, 1)
	lines := strings.Split(string(out), "\n")
	if len(lines) != 3 || lines[0] != "lshd: "+says || !strings.HasPrefix(lines[1], "hint: ") {
		t.Errorf("lshd says\n%swant one line and a hint", out)
	}
}

func TestASquattedLogPathCostsOnlyThatPath(t *testing.T) {
	p := newPlace(t)
	check(t, os.WriteFile(p.path("victim"), []byte("precious"), 0o600))
	check(t, os.Symlink(p.path("victim"), p.path("log")))
	d := p.start(t)
	if d.ready.Error != nil {
		t.Fatalf("readiness: %+v", d.ready.Error)
	}
	p.logs(t, p.path(".local/state/lsh/lshd.log"), "it is a symbolic link")
	if text, err := os.ReadFile(p.path("victim")); err != nil || string(text) != "precious" {
		t.Errorf("the link's target says %q, %v", text, err)
	}
}

// A worker that its keeper starts again has nobody to tell but the log.
func TestWhatKeepsItFromStartingIsInTheLog(t *testing.T) {
	p := newPlace(t)
	check(t, os.MkdirAll(p.path(".local/state/lsh/spec.key"), 0o700)) // where a file should be
	out, err := p.command(t, "--background").CombinedOutput()
	wantExit(t, err, 1)
	if n := strings.Count(string(out), "read spec key"); n != 1 {
		t.Errorf("lshd says it %d times:\n%s", n, out)
	}
	p.logs(t, p.path("log"), `msg="daemon cannot run"`)
	p.logs(t, p.path("log"), "read spec key")
}

func TestForegroundLogsToBoth(t *testing.T) {
	p := newPlace(t)
	cmd := p.command(t, "--log-format=json")
	stderr, err := cmd.StderrPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(stderr).ReadBytes('\n')
	check(t, err)
	if !json.Valid(line) {
		t.Errorf("stderr says %q, want JSON", line)
	}
	p.logs(t, p.path("log"), string(line))

	// The reader of stderr goes away; the daemon does not.
	stderr.Close()
	check(t, cmd.Process.Signal(syscall.SIGHUP))
	p.logs(t, p.path("log"), "reload asked for")
	check(t, cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v, want exit 0", err)
	}
}

func TestSettingsCommand(t *testing.T) {
	p := newPlace(t)
	out, err := p.command(t, "settings", "--max-parallel=7", "--log-level", "warn").Output()
	check(t, err)
	var got map[string]any
	check(t, json.Unmarshal(out, &got))
	delete(got, "database") // TestSettingsCommandHidesSecrets has it
	for key, want := range map[string]any{
		"jobs_file": p.path(".config/lsh/jobs.yaml"), "config_file": p.path(".config/lsh/config.yaml"),
		"socket": p.path("sock"), "runtime_socket": p.path(".local/state/lsh/daemon.sock"),
		"pid_file": p.path("pid"), "log_file": p.path("log"), "state_dir": p.path(".local/state/lsh"),
		"apply": "auto", "log_level": "warn", "log_format": "text", "max_parallel": 7.0,
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
		delete(got, key)
	}
	if len(got) != 0 {
		t.Errorf("untested settings %v", got)
	}

	d := p.start(t)
	out, err = p.command(t, "settings").Output()
	check(t, err)
	if want := fmt.Sprintf(`"daemon_pid": %d`, d.cmd.Process.Pid); !strings.Contains(string(out), want) {
		t.Errorf("while it runs:\n%swant %s", out, want)
	}
}

func TestSettingsCommandHidesSecrets(t *testing.T) {
	p := newPlace(t)
	check(t, os.WriteFile(p.path(".config/lsh/config.yaml"), []byte(`
database:
  url: postgres://ann:secret@db.example.com:5432/postgres?sslmode=verify-full
  password_command: echo secret
  ca_cert: /etc/ca.crt
  output: all
  redact: [secret]
  accept_commands: true
`), 0o644))
	out, err := p.command(t, "settings").CombinedOutput()
	check(t, err)
	var got struct{ Database shownDatabase }
	check(t, json.Unmarshal(out, &got))
	want := shownDatabase{"ann@db.example.com:5432/postgres", "(set)", "/etc/ca.crt", "all", 1, true}
	if got.Database != want {
		t.Errorf("the database is shown as %+v, want %+v", got.Database, want)
	}

	d := p.start(t)
	says := p.path(".config/lsh/config.yaml") + " can be read by others and has a password in it: chmod 600 "
	if w := d.ready.Warnings; len(w) != 1 || !strings.HasPrefix(w[0], says) {
		t.Errorf("who starts it is warned %q, want %q", w, says)
	}
	p.logs(t, p.path("log"), says)
	log, err := os.ReadFile(p.path("log"))
	check(t, err)
	if strings.Contains(string(out)+string(log), "secret") {
		t.Errorf("the secret is told:\n%s\n%s", out, log)
	}
}

func TestAnAddressHasNoPartOfThePassword(t *testing.T) {
	for text, want := range map[string]string{
		"postgres://ann:secret@h/db":               "ann@h/db",
		"postgresql://ann@h:6543/db?password=x":    "ann@h:6543/db",
		"postgres://role.ref:secret@h:5432":        "role.ref@h:5432",
		"postgres://ann:s%40cret@[::1]:5432/db":    "ann@[::1]:5432/db",
		"postgres://ann:s@cret@h/db":               "",
		"postgres://ann:1/secret@h/db":             "",
		"postgres://ann:1?secret@h/db":             "",
		"postgres://ann:1#secret@h/db":             "",
		"postgres://ann:a@1/secret@h/db":           "",
		"postgres://ann:sec ret@h/db":              "",
		"host=h user=ann password=secret dbname=x": "",
		"//ann:secret@h/db":                        "",
		"secret":                                   "",
	} {
		if got := addressOf(text); got != want {
			t.Errorf("address of %s is %q, want %q", text, got, want)
		}
	}
}

func TestWrongCalls(t *testing.T) {
	tests := []struct {
		args []string
		exit int
		says []string
	}{
		{[]string{"--bogus"}, 2, []string{"lshd: unknown flag: --bogus\n", "hint: lshd --help\n"}},
		{[]string{"start"}, 2, []string{`lshd: unknown argument "start"`}},
		{[]string{"settings", "more"}, 2, []string{"lshd: unknown argument"}},
		{[]string{"--ready-fd=1"}, 2, []string{"standard stream"}},
		{[]string{"--ready-fd=99"}, 2, []string{"it is not open"}},
		{[]string{"--apply=x", "--log-level=y"}, 1, []string{"lshd: --apply: ", "\n--log-level: ", "\nhint: "}},
		{[]string{"--state-dir=/dev/null"}, 1, []string{"lshd: use state directory /dev/null: "}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			out, err := newPlace(t).command(t, test.args...).CombinedOutput()
			wantExit(t, err, test.exit)
			for _, says := range test.says {
				if !strings.Contains(string(out), says) {
					t.Errorf("lshd says\n%swant %q in it", out, says)
				}
			}
		})
	}
}

func TestWrongSettingsReachWhoWaits(t *testing.T) {
	d := newPlace(t).start(t, "--apply=x")
	if e := d.ready.Error; e == nil || e.Code != "settings" || !strings.Contains(e.Message, "--apply") {
		t.Errorf("readiness is %+v, want settings and the flag", e)
	}
	wantExit(t, d.cmd.Wait(), 1)
}

func TestVersionText(t *testing.T) {
	built := func(v string) *debug.BuildInfo { return &debug.BuildInfo{Main: debug.Module{Version: v}} }
	for info, want := range map[*debug.BuildInfo]string{built("v1.2.3"): "1.2.3", built("(devel)"): "dev", built(""): "dev"} {
		if got := versionText(info, true); got != want {
			t.Errorf("version of %q is %q, want %q", info.Main.Version, got, want)
		}
	}
	if got := versionText(nil, false); got != "dev" {
		t.Errorf("version without build info is %q, want dev", got)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantExit(t *testing.T, err error, want int) {
	t.Helper()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != want {
		t.Errorf("it ended with %v, want exit %d", err, want)
	}
}
