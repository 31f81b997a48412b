package main

import "strings"

// told is a name and what is to say about it, in lists of the manual.
type told struct{ name, text string }

// exitStatuses are told in the manual, as exit.go has them.
var exitStatuses = [...]told{
	{"0", "Fine."},
	{"1", "Failed; the file is invalid; lsh diff: something differs; lsh doctor: something is wrong."},
	{"2", "Wrong usage; lsh plan --exit-code: there are changes."},
	{"3", "The daemon is not running."},
	{"4", "There is no such job."},
	{"5", "The change is held, or the plan has gone stale."},
	{"6", "Accepted, but not carried out in time."},
}

// variables of the environment that lsh heeds.
var variables = [...]told{
	{"LSH_SOCKET", "The socket of the daemon."},
	{"LSH_JOBS_FILE", "The jobs file, in place of the default."},
	{"LSH_STATE_DIR", "The daemon's directory for state."},
	{"LSH_CONFIG", "The file with the settings, in place of the default."},
	{"XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR", "The directories in which the files below lie."},
	{"NO_COLOR", "When set, nothing is printed in colours."},
	{"TZ", "The time zone in which times are told."},
}

// files that lsh and the daemon use, by their defaults.
var files = [...]told{
	{"~/.config/lsh/jobs.yaml", "The jobs file."},
	{"~/.config/lsh/config.yaml", "Settings, where there are any."},
	{"~/.local/state/lsh/", "The journal, output of runs, accepted configurations."},
	{"$XDG_RUNTIME_DIR/lsh/daemon.sock, /tmp/lsh-daemon-USER.sock", "The sockets of the daemon."},
	{"/tmp/lsh-job-daemon-USER.pid", "The lock of the daemon, with its pid."},
	{"/tmp/lsh-job-daemon-USER.log", "Its log, rotated by size."},
}

// signals that the daemon heeds.
var daemonSignals = [...]told{
	{"SIGHUP", "Reads the jobs file again."},
	{"SIGTERM, SIGINT", "Stop the daemon: runs in progress are waited for, then ended. A second one ends them at once."},
	{"SIGUSR1", "Opens the log file anew."},
}

const daemonAbout = `lshd runs the jobs of one user, as the jobs file says. It applies each change of
that file by itself. It runs in the foreground until it is stopped; lsh daemon start
runs it in the background, under a keeper that outlives it: prefer that, or lsh
daemon run in the foreground. lshd alone has no keeper, and nobody sees how jobs
end while it is away.

Settings come from config.yaml, then LSH_* variables (LSH_LOG_LEVEL for
--log-level), then flags.`

const jobsFileAbout = `The jobs file declares what the daemon of lsh(1) runs, and when. It is YAML, may
be a link into a repository, and is applied as it is saved; a file with a mistake
changes nothing. lsh init writes a commented one, lsh check finds all mistakes,
lsh plan shows what a change would do, lsh schema prints a JSON Schema with
which editors complete.

Names of jobs, groups and tags begin with a small letter or a digit, followed by
up to 62 of small letters, digits, dots, dashes and underscores. Durations are
written 90s, 1h30m, 2d, 1w; 0 takes a default back. Sizes are whole numbers with K,
M or G. What is in brackets below is the value of a key that is left out.`

// jobsFileExample is a short file, and lsh check has nothing to say about it.
var jobsFileExample = strings.TrimSpace(`
version: 1
defaults:
  timeout: 1h
groups:
  heavy: {max_parallel: 1}
jobs:
  backup:
    description: nightly backup
    command: restic backup ~/
    schedule: "30 2 * * *"
    group: heavy
  fetch-mail:
    command: [fetchmail, --silent]
    schedule: "@every 5m"
    success: [0, 1]
`)
