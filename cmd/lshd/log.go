package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"github.com/lsh-project/lsh/config/settings"
	"github.com/lsh-project/lsh/daemon"
)

// logger is the log file with slog over it.
type logger struct {
	file   *daemon.LogFile
	log    *slog.Logger
	toFile *slog.Logger // log without what is shown on stderr
	told   int64        // lost records that the log tells of
	// warnings are for status: why the log is not where it should be.
	warnings []string
}

// openLog opens the log file, or one in the state directory when its path is
// not to be had: anybody can be at a path in /tmp before us.
func openLog(s settings.Settings, background bool) (*logger, error) {
	file, squatted := daemon.OpenLog(s.LogFile)
	if squatted != nil {
		var err error
		if file, err = openLogAside(s.StateDir); err != nil {
			return nil, errors.Join(squatted, err)
		}
	}
	l := &logger{file: file, log: slog.New(handler(s, file, background)), toFile: slog.New(format(file, s, nil))}
	if err := file.TakeCrashes(); err != nil {
		l.log.Warn("have crashes logged", "err", err)
	}
	if squatted != nil {
		l.log.Warn("log file cannot be used, another is", "path", file.Path(), "err", squatted)
		l.warnings = append(l.warnings, fmt.Sprintf("%s; the log is %s", squatted, file.Path()))
	}
	return l, nil
}

func openLogAside(stateDir string) (*daemon.LogFile, error) {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return nil, fmt.Errorf("make state directory: %w", err)
	}
	return daemon.OpenLog(filepath.Join(stateDir, "lshd.log"))
}

func handler(s settings.Settings, file io.Writer, background bool) slog.Handler {
	toFile := format(file, s, nil)
	if background {
		return toFile
	}
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return slog.NewMultiHandler(toFile, format(os.Stderr, s, nil))
	}
	onScreen := s
	onScreen.LogFormat = "text"
	return slog.NewMultiHandler(toFile, format(os.Stderr, onScreen, clockOnly))
}

func format(w io.Writer, s settings.Settings, replace func([]string, slog.Attr) slog.Attr) slog.Handler {
	options := &slog.HandlerOptions{Level: s.LogLevel, ReplaceAttr: replace}
	if s.LogFormat == "json" {
		return slog.NewJSONHandler(w, options)
	}
	return slog.NewTextHandler(w, options)
}

// clockOnly leaves out the date, for somebody who looks on.
func clockOnly(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.String(a.Key, a.Value.Time().Format("15:04:05"))
	}
	return a
}

// failed leaves why the daemon cannot be, in the file alone: what stderr is told has main's form, and the
// stderr of a worker that its keeper starts again leads nowhere. Another daemon in the way has this very file
// for its own log, and nothing is wrong with that one.
func (l *logger) failed(err error) {
	_, second := errors.AsType[*daemon.RunningError](err)
	if err == nil || second || errors.Is(err, daemon.ErrRestart) {
		return
	}
	attrs := []any{"pid", os.Getpid(), "err", err}
	if hint := hintOf(err); hint != "" {
		attrs = append(attrs, "hint", hint)
	}
	l.toFile.Error("daemon cannot run", attrs...)
}

// reopen is for whoever has renamed the file.
func (l *logger) reopen() {
	if err := l.file.Reopen(); err != nil {
		l.log.Warn("reopen log file", "err", err)
		return
	}
	l.log.Info("log file reopened")
}

// renew makes the file again where it has gone, and tells of records that
// were lost, once records can be written again.
func (l *logger) renew() {
	if err := l.file.Renew(); err != nil {
		l.log.Warn("renew log file", "err", err)
	}
	lost, err := l.file.Lost()
	if err != nil || lost == l.told {
		return
	}
	l.log.Warn("log records were lost", "records", lost-l.told)
	l.told = lost
}
