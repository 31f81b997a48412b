package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lsh-project/lsh/config"
)

// findLshd is the path of the daemon's binary: beside lsh, where both are
// installed, else in PATH.
func findLshd() (string, error) {
	if self, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			self = real
		}
		beside := filepath.Join(filepath.Dir(self), "lshd")
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return beside, nil
		}
	}
	path, err := exec.LookPath("lshd")
	if err != nil {
		return "", fail("no_lshd", "lshd is neither beside lsh nor in PATH", "install both binaries into one directory")
	}
	return filepath.Abs(path)
}

// settings are the effective settings that lsh has a use for.
type settings struct {
	JobsFile      string `json:"jobs_file"`
	LogFile       string `json:"log_file"`
	Socket        string `json:"socket"`
	RuntimeSocket string `json:"runtime_socket"`
	DaemonPid     int    `json:"daemon_pid"` // of the daemon that is there, whether it answers or not; 0: none
}

// askSettings asks lshd, which reads config.yaml, the environment and the
// flags in args.
func askSettings(ctx context.Context, args []string) (settings, error) {
	return askLshd[settings](ctx, append([]string{"settings"}, args...), nil)
}

// askLshd has a command of lshd answer in JSON. It reads stdin, where that is not nil.
func askLshd[R any](ctx context.Context, args []string, stdin io.Reader) (R, error) {
	return askLshdIn[R](ctx, nil, args, stdin)
}

// askLshdIn has it answer as it would in another environment, where that is not nil.
func askLshdIn[R any](ctx context.Context, env, args []string, stdin io.Reader) (R, error) {
	var answer R
	path, err := findLshd()
	if err != nil {
		return answer, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	var complaint bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stderr = env, stdin, &complaint
	cmd.WaitDelay = lshdDelay
	out, err := cmd.Output()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return answer, errors.New("ask lshd: it does not answer")
	}
	if err != nil {
		return answer, complained(complaint.String(), err)
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return answer, fmt.Errorf("read answer of lshd %s: %w", args[0], err)
	}
	return answer, nil
}

// lshdDelay is how long somebody whom lshd has left behind may hold its output.
const lshdDelay = 100 * time.Millisecond

// complained is lshd's own complaint, lines that begin with `lshd: ` and a hint line.
func complained(text string, err error) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return fmt.Errorf("ask lshd: %w", err)
	}
	message, hint, _ := strings.Cut(text, "\nhint: ")
	return lshdFailure("settings", strings.TrimPrefix(message, "lshd: "), hint)
}

// lshdFailure is an error of lshd's. Each thing that is wrong with the settings is
// a line of its message.
func lshdFailure(code, message, hint string) error {
	lines := strings.Split(message, "\n")
	if code != "settings" || len(lines) == 1 {
		return fail(code, message, hint)
	}
	f := fail(code, "the settings have "+countOf(len(lines), "problem"), hint)
	f.lines = lines
	return f
}

// jobsFile is the file that a daemon started now would read. config.yaml may
// name it: only then is lshd asked, which costs ten times as much.
func (a *app) jobsFile(ctx context.Context) (string, error) {
	if file, ok := a.getenv("LSH_JOBS_FILE"); ok && file != "" {
		return a.absolute(file)
	}
	paths, err := a.paths()
	if err != nil {
		return "", err
	}
	if !a.configures(paths) {
		return paths.JobsFile, nil
	}
	s, err := askSettings(ctx, nil)
	return s.JobsFile, err
}

// configures tells whether there is a config.yaml to ask lshd about.
func (a *app) configures(paths config.Paths) bool {
	if named, _ := a.getenv("LSH_CONFIG"); named != "" {
		return true
	}
	_, err := os.Stat(paths.ConfigFile)
	return !errors.Is(err, os.ErrNotExist)
}

// configured are the sockets that config.yaml leads to, none without one. What
// is wrong with it is not what the caller asked.
func (a *app) configured(ctx context.Context) []string {
	paths, err := a.paths()
	if err != nil || !a.configures(paths) {
		return nil
	}
	s, err := askSettings(ctx, nil)
	if err != nil {
		return nil
	}
	return []string{s.RuntimeSocket, s.Socket}
}
