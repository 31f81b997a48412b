package daemon

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/watch"
	"github.com/lsh-project/lsh/ipc"
)

// Checkup is what can be told without a daemon that answers.
type Checkup = ipc.Checkup

// SettingProblem is one thing wrong with the settings.
type SettingProblem = ipc.SettingProblem

// CheckUp tells which daemon the paths lead to. Where whole, it tells too how one that is started now would find its jobs
// file and its journal. It changes nothing.
func CheckUp(ctx context.Context, paths config.Paths, host config.Host, whole bool) Checkup {
	c := Checkup{
		Pid: Holder(paths),
		Settings: &ipc.CheckupSettings{
			ConfigFile: paths.ConfigFile, JobsFile: paths.JobsFile, Socket: paths.Socket, RuntimeSocket: paths.RuntimeSocket,
			PidFile: paths.PidFile, LogFile: paths.LogFile, StateDir: paths.StateDir,
		},
	}
	if !whole {
		return c
	}
	host.ReadFile = nil // files are read as the daemon would
	r := reader{host, nil, &envMemory{texts: map[string][]byte{}}, watch.ReadStable}
	f, err := r.load(paths.JobsFile)
	c.Config = &ipc.Source{State: ipc.SourceAccepted, Path: paths.JobsFile, RealPath: f.real}
	if err != nil {
		c.Config.State, c.Config.Reason, c.Config.Problems = stateOf(err), err.Error(), wireProblems(err)
	}
	l := looker{base: os.Environ(), home: host.Home}
	x := l.examination(ctx, f.config, paths.StateDir)
	x.MissingEnvFiles = f.gone
	c.Examination = &x
	return c
}

// stateOf is that of a jobs file that cannot be taken.
func stateOf(err error) string {
	if _, is := errors.AsType[*watch.BusyError](err); is {
		return ipc.SourceBusy
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, config.ErrEmpty) {
		return ipc.SourceMissing
	}
	return ipc.SourceInvalid
}
