package config

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Paths are where everything lies.
type Paths struct {
	JobsFile, ConfigFile string
	// Socket can be guessed by everyone and so be squatted; RuntimeSocket cannot.
	Socket, RuntimeSocket string
	PidFile, LogFile      string
	StateDir              string
}

// DefaultPaths returns where everything lies for a user without settings: under
// the XDG base directories on every system, and under /tmp by the user's name, or
// by the number where there is none. A base directory that is not absolute counts as unset, as the XDG specification
// wants it, and so does a runtime directory that is not there, not the effective user's, or open to others to write.
func DefaultPaths(getenv func(string) (string, bool), home, user string, uid int) Paths {
	base := func(name string, fallback ...string) string {
		if dir, ok := getenv(name); ok && filepath.IsAbs(dir) {
			return filepath.Clean(dir)
		}
		return filepath.Join(append([]string{home}, fallback...)...)
	}
	if user == "" {
		user = strconv.Itoa(uid)
	}
	configDir := filepath.Join(base("XDG_CONFIG_HOME", ".config"), "lsh")
	p := Paths{
		JobsFile:   filepath.Join(configDir, "jobs.yaml"),
		ConfigFile: filepath.Join(configDir, "config.yaml"),
		Socket:     "/tmp/lsh-daemon-" + user + ".sock",
		PidFile:    "/tmp/lsh-job-daemon-" + user + ".pid",
		LogFile:    "/tmp/lsh-job-daemon-" + user + ".log",
		StateDir:   filepath.Join(base("XDG_STATE_HOME", ".local", "state"), "lsh"),
	}
	p.RuntimeSocket = p.runtimeSocket(getenv, p.StateDir)
	return p
}

// WithStateDir returns the paths of a daemon with another state directory. The
// runtime socket's name then carries a hash of it, so that two daemons of a user
// never take each other's.
func (p Paths) WithStateDir(dir string, getenv func(string) (string, bool)) Paths {
	dir = filepath.Clean(dir)
	if dir == p.StateDir {
		return p
	}
	p.StateDir, p.RuntimeSocket = dir, p.runtimeSocket(getenv, dir)
	return p
}

// RuntimeSockets returns where the second listener of the user's daemon with a state directory may be, the likeliest
// place first. The daemon may have been started, by cron or ssh, without the runtime directory that its client has, or
// the other way round.
func (p Paths) RuntimeSockets(dir string, getenv func(string) (string, bool), uid int) []string {
	dir = filepath.Clean(dir)
	likeliest := p.runtimeSocket(getenv, dir)
	paths := []string{likeliest}
	if aside := filepath.Join(dir, standardSocket); aside != likeliest {
		paths = append(paths, aside)
	}
	const logins = "/run/user" // by uid, as systemd and elogind make them
	if session := filepath.Join(logins, strconv.Itoa(uid)); private(session) {
		if path := filepath.Join(session, "lsh", p.socketName(dir)); path != likeliest {
			paths = append(paths, path)
		}
	}
	return paths
}

func (p Paths) runtimeSocket(getenv func(string) (string, bool), stateDir string) string {
	if dir, ok := getenv("XDG_RUNTIME_DIR"); ok && filepath.IsAbs(dir) && private(dir) {
		return filepath.Join(dir, "lsh", p.socketName(stateDir))
	}
	return filepath.Join(stateDir, standardSocket)
}

const standardSocket = "daemon.sock"

// socketName is that of the listener in a runtime directory, where p has the default state directory.
func (p Paths) socketName(stateDir string) string {
	if stateDir == p.StateDir {
		return standardSocket
	}
	sum := sha256.Sum256([]byte(stateDir))
	return "daemon-" + hex.EncodeToString(sum[:4]) + ".sock"
}

// private reports whether nobody else can put anything into a directory. One that is kept from another user's session,
// as by su, is not.
func private(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return false
	}
	const forOthers = 0o022
	return int(info.Sys().(*syscall.Stat_t).Uid) == os.Geteuid() && info.Mode()&forOthers == 0
}
