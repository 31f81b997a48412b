package daemon

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/process"
)

// newCommands runs commands, and complains of any end that is taken for a run's.
func newCommands(t *testing.T) commands {
	t.Helper()
	host, err := process.NewHost(slog.New(slog.DiscardHandler), func(x process.Exit) {
		t.Errorf("the end of a command is told as that of a run: %+v", x)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	return commands{host, commandWithin}
}

func sh(script string) []string { return []string{"/bin/sh", "-c", script} }

func TestACommandAnswersWhatItPrints(t *testing.T) {
	t.Setenv("OF_THE_DAEMON", "its own")
	run := runCommand(newCommands(t).procs)
	full := strings.Repeat("x", commandPrints)
	for script, want := range map[string]string{
		"echo secret":                          "secret\n",
		"printf secret; echo no >&2":           "secret",
		"printf '%s' \"$OF_THE_DAEMON\"":       "its own",
		"cat":                                  "", // nobody types
		"exec >&-; sleep 0.1":                  "",
		"head -c 65536 /dev/zero | tr '\\0' x": full,
	} {
		got, err := run(t.Context(), sh(script))
		if err != nil || got != want {
			t.Errorf("%s: %d bytes, %v, want %d", script, len(got), err, len(want))
		}
	}
}

// The errors say how it ended, and nothing that it says or is.
func TestACommandThatFails(t *testing.T) {
	c := newCommands(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		argv []string
		want string
	}{
		{sh("echo secret; echo secret >&2; exit 3"), "exit code 3"},
		{sh("secret"), "exit code 127"},
		{sh("echo secret; kill -9 $$"), "ended by signal KILL"},
		{[]string{"secret-that-is-no-program"}, "not found in PATH"},
		{[]string{dir + "/secret"}, "permission denied"},
		{[]string{"/nowhere/secret"}, "no such file or directory"},
		{nil, "the command is empty"},
		{sh("yes secret"), "it prints more than 64 KiB"},
	} {
		got, err := c.run(t.Context(), test.argv)
		if got != "" || err == nil || err.Error() != test.want {
			t.Errorf("%q: %q, %v, want nothing and %q", test.argv, got, err, test.want)
		}
	}
}

// With it go those that it has started, or they would hold on for good.
func TestACommandThatDoesNotEndIsKilled(t *testing.T) {
	c := newCommands(t)
	c.within = 300 * time.Millisecond
	for name, call := range map[string]struct {
		ctx  func() context.Context
		want string
	}{
		"too long": {t.Context, "it did not end within 300ms"},
		"called off": {func() context.Context {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			return ctx
		}, context.Canceled.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			pids := filepath.Join(t.TempDir(), "pids")
			began := time.Now()
			got, err := c.run(call.ctx(), sh("trap '' TERM; echo secret; sleep 60 & echo $$ $! >"+pids+"; wait"))
			if got != "" || err == nil || err.Error() != call.want {
				t.Errorf("it answers %q, %v, want %q", got, err, call.want)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			text, err := os.ReadFile(pids)
			if err != nil {
				t.Fatal(err)
			}
			for word := range strings.FieldsSeq(string(text)) {
				pid, _ := strconv.Atoi(word)
				for deadline := time.Now().Add(10 * time.Second); !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH); {
					if time.Now().After(deadline) {
						t.Fatalf("process %d lives on", pid)
					}
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
}

// An agent that a command leaves behind holds its stdout for as long as it lives.
func TestACommandThatLeavesAnAgentBehind(t *testing.T) {
	c := newCommands(t)
	pid := filepath.Join(t.TempDir(), "pid")
	got, err := c.run(t.Context(), sh("sleep 60 & echo $! >"+pid+"; echo secret"))
	if got != "secret\n" || err != nil {
		t.Errorf("it answers %q, %v, want the secret", got, err)
	}
	text, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	agent, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(agent, syscall.SIGKILL); err != nil {
		t.Errorf("the agent was ended with the command: %v", err)
	}
}

// Runs and commands are children of the same host, and each end goes to its owner.
func TestCommandsBesideRuns(t *testing.T) {
	runs := make(chan process.Exit, 100)
	host, err := process.NewHost(slog.New(slog.DiscardHandler), func(x process.Exit) { runs <- x })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	run, dir := runCommand(host), t.TempDir()
	answers := make(chan error, 20)
	for i := range cap(answers) {
		go func() {
			got, err := run(t.Context(), sh("echo "+strconv.Itoa(i)))
			if err == nil && got != strconv.Itoa(i)+"\n" {
				err = errors.New("command " + strconv.Itoa(i) + " answers " + got)
			}
			answers <- err
		}()
		id := "run-" + strconv.Itoa(i)
		if _, err := host.Start(process.Spec{ID: id, Argv: sh("exit 4"), Output: filepath.Join(dir, id)}); err != nil {
			t.Error(err)
		}
	}
	for range cap(answers) {
		if err := <-answers; err != nil {
			t.Error(err)
		}
		if x := <-runs; x.ID == "" || x.Code != 4 {
			t.Errorf("the end of a run is %+v", x)
		}
	}
}
