package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lsh-project/lsh/daemon/pgtest"
)

// scriptPatience bounds what a script waits for; a machine that is busy needs
// much of it.
const scriptPatience = 60 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(withDatabase{m}, map[string]func(){"lsh": main})
}

// withDatabase ends the database server that a test has started, after the last one.
type withDatabase struct{ tests *testing.M }

func (w withDatabase) Run() int { return pgtest.Main(w.tests) }

// TestOffline runs the scripts that need neither a daemon nor its binary.
func TestOffline(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script/offline",
		Cmds:  scriptCommands(),
		Setup: func(env *testscript.Env) error { return homeOfItsOwn(env, "") },
	})
}

// TestDaemon runs the scripts that start a real daemon, each its own.
func TestDaemon(t *testing.T) {
	bin := buildLshd(t)
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script/daemon",
		Cmds: scriptCommands(),
		Setup: func(env *testscript.Env) error {
			env.Defer(func() { endDaemon(t, env.Getenv("LSH_PID_FILE")) })
			env.Values[noticesKey{}] = &heard{}
			env.Values[ailmentKey{}] = &ailing{}
			return homeOfItsOwn(env, bin)
		},
	})
}

// homeOfItsOwn gives a script its own home and daemon paths, so that scripts
// know nothing of each other, nor of the user's own daemon.
func homeOfItsOwn(env *testscript.Env, bin string) error {
	home := filepath.Join(env.WorkDir, "home")
	env.Setenv("HOME", home)
	env.Setenv("TZ", "UTC")
	env.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector would have each lsh wait for a second at its end
	env.Setenv("LSH_SOCKET", filepath.Join(env.WorkDir, "s"))
	env.Setenv("LSH_PID_FILE", filepath.Join(env.WorkDir, "pid"))
	env.Setenv("LSH_LOG_FILE", filepath.Join(env.WorkDir, "log"))
	if bin != "" {
		env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
	}
	return os.MkdirAll(home, 0o700)
}

// buildLshd builds the daemon into a directory of the test.
func buildLshd(t *testing.T) string {
	t.Helper()
	// A cached result must not outlive a change of the daemon: what the test
	// looks at is what the cache knows of.
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "lshd"), "../lshd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build lshd: %v\n%s", err, out)
	}
	return dir
}

// endDaemon ends the daemon that a script has left.
func endDaemon(t testing.TB, pidFile string) {
	text, err := os.ReadFile(pidFile)
	if err != nil {
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM, syscall.SIGKILL} {
		if syscall.Kill(pid, sig) != nil {
			return
		}
		for range 100 {
			if processGone(pid) {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	t.Errorf("daemon %d does not end", pid)
}

func scriptCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	commands := terminalCommands()
	commands["exits"] = exits
	commands["until"] = until
	commands["midminute"] = midMinute
	commands["notifysocket"] = notifySocket
	commands["notified"] = notified
	commands["activate"] = activate
	commands["ails"] = ails
	commands["mended"] = mended
	commands["healthy"] = healthy
	commands["deadsocket"] = deadSocket
	commands["legacy"] = legacy
	return commands
}

// midminute waits until no job that runs every minute comes due for a while.
func midMinute(*testscript.TestScript, bool, []string) {
	const quiet = 20 * time.Second
	now := time.Now()
	if next := now.Truncate(time.Minute).Add(time.Minute); next.Sub(now) < quiet {
		time.Sleep(time.Until(next.Add(2 * time.Second)))
	}
}

// exits CODE COMMAND… runs a command that must exit with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		e, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s\n%s%s", got, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// until PATTERN COMMAND… runs a command again and again until its output
// matches.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN COMMAND…")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	for deadline := time.Now().Add(scriptPatience); ; time.Sleep(50 * time.Millisecond) {
		// Whether it succeeds is the pattern's business.
		_ = ts.Exec(args[1], args[2:]...)
		if pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no match for %s in\n%s%s", args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
		}
	}
}
