package daemon

import "github.com/lsh-project/lsh/daemon/internal/logfile"

// LogFile is a log that rotates by size and that nobody can redirect.
type LogFile = logfile.File

// OpenLog opens the log file at path, for main to lay its logger over.
func OpenLog(path string) (*LogFile, error) { return logfile.Open(path) }
