package daemon

import (
	"errors"

	"github.com/lsh-project/lsh/daemon/internal/helm"
	"github.com/lsh-project/lsh/daemon/keeper"
)

// Keeper is the link to the parent that outlives this process.
type Keeper = helm.Helm

// KeeperHandler is told what the keeper says.
type KeeperHandler = helm.Handler

// AttachKeeper takes over the descriptor of the link.
func AttachKeeper(fd int) (*Keeper, error) { return helm.Attach(fd) }

// ErrRestart is what Run returns when the keeper is to start another worker.
var ErrRestart = errors.New("another worker is to take over")

// ExitRestart is the exit code that tells the keeper so.
const ExitRestart = keeper.ExitRestart
