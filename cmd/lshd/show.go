package main

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/config/settings"
	"github.com/lsh-project/lsh/daemon"
)

// shown are the settings in force, for lsh.
type shown struct {
	ConfigFile    string `json:"config_file"`
	JobsFile      string `json:"jobs_file"`
	Socket        string `json:"socket"`
	RuntimeSocket string `json:"runtime_socket"`
	PidFile       string `json:"pid_file"`
	LogFile       string `json:"log_file"`
	StateDir      string `json:"state_dir"`
	Apply         string `json:"apply"`
	LogLevel      string `json:"log_level"`
	LogFormat     string `json:"log_format"`
	MaxParallel   int    `json:"max_parallel"`

	Database shownDatabase `json:"database"`
	// DaemonPid is the daemon that these settings lead to; absent when there is none.
	DaemonPid int `json:"daemon_pid,omitempty"`
}

// plan answers lsh plan while no daemon is running.
func plan(w io.Writer, s settings.Settings, line commandLine) error {
	return write(w, daemon.PlanOffline(s.Paths, config.LocalHost(), line.file, line.draft, line.draftOf))
}

func write(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func show(w io.Writer, s settings.Settings) error {
	return write(w, shown{
		ConfigFile: s.ConfigFile, JobsFile: s.JobsFile, Socket: s.Socket, RuntimeSocket: s.RuntimeSocket,
		PidFile: s.PidFile, LogFile: s.LogFile, StateDir: s.StateDir, Apply: s.Apply,
		LogLevel: strings.ToLower(s.LogLevel.String()), LogFormat: s.LogFormat, MaxParallel: s.MaxParallel,
		Database: showDatabase(s.Database), DaemonPid: daemon.Holder(s.Paths),
	})
}
