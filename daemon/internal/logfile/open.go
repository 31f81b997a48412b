package logfile

import (
	"fmt"
	"os"

	"github.com/lsh-project/lsh/daemon/internal/ownfile"
)

// openOwn opens path for appending, for our own eyes only.
func openOwn(path string) (*os.File, error) {
	f, err := ownfile.Open(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE)
	if err == nil {
		err = f.Chmod(0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("open log file %s: %w", path, err)
	}
	return f, nil
}
