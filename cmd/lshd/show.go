package main

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/lsh-project/lsh/config/settings"
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
}

func show(w io.Writer, s settings.Settings) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(shown{
		ConfigFile: s.ConfigFile, JobsFile: s.JobsFile, Socket: s.Socket, RuntimeSocket: s.RuntimeSocket,
		PidFile: s.PidFile, LogFile: s.LogFile, StateDir: s.StateDir, Apply: s.Apply,
		LogLevel: strings.ToLower(s.LogLevel.String()), LogFormat: s.LogFormat, MaxParallel: s.MaxParallel,
	})
}
