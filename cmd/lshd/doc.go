// Lshd is the daemon. It runs in the foreground, for containers and for
// looking at it; `lsh daemon start` starts it in the background.
//
// This is main and nothing else: flags and settings become the options of
// package daemon, signals its calls, errors its exit codes. SIGHUP reads the
// jobs file again, SIGTERM and SIGINT stop the daemon, a second one at once,
// SIGUSR1 opens the log file anew. It exits with 0 when it was stopped, 1
// when it could not run, since another daemon does for one, and 2 when it was
// called wrongly.
//
// Two flags are for `lsh daemon start` alone: --background logs to the file
// only, and on the descriptor of --ready-fd one line of JSON says that the
// sockets answer, {"pid":123}, or why they never will,
// {"error":{"code":"already_running","message":…,"hint":…}}. `lshd settings`
// is its own too: it prints the settings in force. So is `lshd sync-init`, which
// sets up a database for lsh sync init by what stdin says, and `lshd fleet`, which
// reads one for lsh fleet while no daemon is running. `lshd doctor` looks for what is wrong
// with the settings, and with what a daemon would begin with, for lsh doctor.
package main
