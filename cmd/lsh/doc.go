// Command lsh is the client: it turns words that people type into requests to
// the daemon, and the answers into tables, JSON and exit codes.
//
// Each command is one file named after it (run.go, daemon_start.go), and each
// such file has the same shape: a function that makes the cobra command, then
// what the command does, then how its answer is printed. root.go lists them
// all. What they share lies beside them:
//
//   - app.go: one invocation, its streams and global flags
//   - client.go: the way to the daemon
//   - exit.go: errors, hints and exit codes
//   - table.go, style.go, times.go, progress.go: words on a terminal
//
// People type lsh hundreds of times a day, so starting it must cost next to
// nothing: it links no settings library, no database and no HTTP, and it finds
// the socket without reading a file. What needs the settings is asked of lshd
// (lshd.go).
package main
