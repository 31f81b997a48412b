package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// legacy answers the first protocol. It decides nothing: each command is put
// in terms of the methods, and what comes of it in the words of that protocol.
type legacy struct {
	*Daemon
	adding sync.Mutex // held from choosing the name of a job until it is added
}

// registerLegacy gives every command of the first protocol its handler.
func (d *Daemon) registerLegacy(s *ipc.Server) {
	l := &legacy{Daemon: d}
	s.Command("status", takes(l.status))
	s.Command("addJob", takes(l.addJob))
	s.Command("startJob", takes(l.startJob))
	s.Command("triggerJob", takes(l.triggerJob))
	s.Command("stopJob", takes(l.stopJob))
	s.Command("listJobs", takes(l.listJobs))
	s.Command("getJob", takes(l.getJob))
	s.Command("removeJob", takes(l.removeJob))
	s.Command("restart", takes(l.restart))
	s.Command("stop", takes(l.stop))
}

// takes is a handler of args of the type A. What A does not name is let pass,
// as clients of that protocol expect.
func takes[A any](h func(context.Context, A) (any, error)) func(context.Context, json.RawMessage) (any, error) {
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		var args A
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, ipc.Errorf(ipc.CodeInvalidParams, "read args: %s", wrongArg(err))
		}
		return h(ctx, args)
	}
}

// wrongArg says which argument has the wrong type, and nothing of its value.
func wrongArg(err error) string {
	wrong, is := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case !is:
		return err.Error()
	case wrong.Field == "":
		return wrong.Value + " is not expected"
	}
	return wrong.Field + ": " + wrong.Value + " is not expected"
}

// legacyJobArgs are those of the commands about one job.
type legacyJobArgs struct {
	JobID  string `json:"jobId"`
	Signal string `json:"signal"`
	Force  bool   `json:"force"`
}

type legacyMessage struct {
	Message string `json:"message"`
}

// legacyStatus is the data of status.
type legacyStatus struct {
	Running     bool           `json:"running"`
	Pid         int            `json:"pid"`
	Uptime      float64        `json:"uptime"` // seconds
	JobCount    int            `json:"jobCount"`
	MemoryUsage legacyMemory   `json:"memoryUsage"`
	Jobs        map[string]int `json:"jobs"`
}

// legacyMemory is what the daemon uses, in bytes.
type legacyMemory struct {
	HeapUsed  uint64 `json:"heapUsed"`
	HeapTotal uint64 `json:"heapTotal"`
	External  uint64 `json:"external"`
}

func (l *legacy) status(context.Context, struct{}) (any, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	about := l.describe()
	s := legacyStatus{
		Running: !about.Stopping, Pid: about.Pid, Uptime: time.Since(l.started).Seconds(),
		MemoryUsage: legacyMemory{HeapUsed: m.HeapAlloc, HeapTotal: m.HeapSys, External: m.Sys - m.HeapSys},
		Jobs:        map[string]int{"total": 0, legacyRunning: 0, legacyCompleted: 0, legacyFailed: 0},
	}
	for _, e := range l.table.all() {
		if !l.shown(e) {
			continue
		}
		s.JobCount++
		s.Jobs["total"]++
		if state := l.job(e).Status; state == legacyRunning || state == legacyCompleted || state == legacyFailed {
			s.Jobs[state]++
		}
	}
	return s, nil
}

func (l *legacy) restart(ctx context.Context, _ struct{}) (any, error) {
	if _, err := l.Daemon.restart(ctx, ipc.RestartParams{}); err != nil {
		return nil, err
	}
	return legacyMessage{"Daemon restarted"}, nil
}

func (l *legacy) stop(ctx context.Context, _ struct{}) (any, error) {
	if _, err := l.stopDaemon(ctx, ipc.StopDaemonParams{}); err != nil {
		return nil, err
	}
	return legacyMessage{"Daemon stopped"}, nil
}
