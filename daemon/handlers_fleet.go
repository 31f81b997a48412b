package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/fleet"
	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
)

// fleetWithin bounds how long the database may take to tell of a fleet.
const fleetWithin = 30 * time.Second

// fleet is the person's machines. It has a connection of its own: what the mirror sends does not wait for it.
func (d *Daemon) fleet(ctx context.Context, _ ipc.FleetParams) (ipc.Fleet, error) {
	if d.mirror == nil {
		return ipc.Fleet{}, noDatabase()
	}
	return readFleet(ctx, d.options.Database, runCommand(d.host), d.mirror.Status().HostID)
}

// FleetAnswer is a fleet that was read without a daemon, or why it was not.
type FleetAnswer struct {
	Fleet *ipc.Fleet `json:"fleet,omitempty"`
	Error *ipc.Error `json:"error,omitempty"`
}

// FleetOffline is what the daemon of these settings would answer to sync.fleet.
func FleetOffline(ctx context.Context, paths config.Paths, database config.Database) FleetAnswer {
	f, err := fleetOffline(ctx, paths, database)
	if err == nil {
		return FleetAnswer{Fleet: &f}
	}
	refused, is := errors.AsType[*ipc.Error](err)
	if !is {
		refused = ipc.Errorf(ipc.CodeInternal, "%v", err)
	}
	return FleetAnswer{Error: refused}
}

func fleetOffline(ctx context.Context, paths config.Paths, database config.Database) (ipc.Fleet, error) {
	if !database.Configured() {
		return ipc.Fleet{}, noDatabase()
	}
	procs, err := process.NewHost(slog.New(slog.DiscardHandler), func(process.Exit) {})
	if err != nil {
		return ipc.Fleet{}, fmt.Errorf("wait for processes: %w", err)
	}
	defer procs.Close()
	return readFleet(ctx, database, runCommand(procs), mirror.HostID(paths.StateDir))
}

// readFleet reads and judges. self is the id of this host.
func readFleet(ctx context.Context, database config.Database, run mirror.Run, self string) (ipc.Fleet, error) {
	ctx, cancel := context.WithTimeout(ctx, fleetWithin)
	defer cancel()
	target, err := mirror.NewTarget(database, run)
	if err != nil {
		return ipc.Fleet{}, databaseError(err)
	}
	conn, err := target.Connect(ctx)
	if err != nil {
		return ipc.Fleet{}, databaseError(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	facts, err := fleet.Read(ctx, conn)
	if err != nil {
		return ipc.Fleet{}, databaseError(target.ErrorOf(err))
	}
	return fleet.Judge(facts, self), nil
}

// databaseError is an error of the database as it is answered.
func databaseError(err error) error {
	answer := ipc.Errorf(ipc.CodeDatabase, "%v", err)
	if e, is := errors.AsType[*mirror.Error](err); is {
		answer.Data.Hint = e.Hint
	}
	return answer
}
