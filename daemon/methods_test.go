package daemon

import (
	"log/slog"
	"testing"

	"github.com/lsh-project/lsh/ipc"
)

// TestEveryMethodHasAHandler: the table of methods is the surface, whole.
func TestEveryMethodHasAHandler(t *testing.T) {
	s := ipc.NewServer(slog.New(slog.DiscardHandler), ipc.Limits{})
	(&Daemon{}).register(s)
	if missing := s.Missing(); len(missing) != 0 {
		t.Errorf("no handler for %v", missing)
	}
}
