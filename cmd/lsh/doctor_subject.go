package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
)

// subject is what is examined, as far as it could be asked. It is not changed once it is made.
type subject struct {
	*app
	uid int

	lshd    string // path of the daemon's binary
	lshdErr error  // why there is none

	sockets []probe     // every path at which the daemon may listen, in the order in which lsh tries them
	others  []probe     // those at which another of this user's may, of another state directory
	daemon  *ipc.Daemon // the one that lsh reaches; nil without one
	reached string      // by that socket
	inside  *ipc.Examination
	// insideErr is why there is no examination, though a daemon answers.
	insideErr error

	checkup    *ipc.Checkup // what lshd says; nil when it could not be asked
	checkupErr error

	// Where things are: by the daemon that is reached, else by the settings, else by default.
	jobsFile, configFile, stateDir, logFile, pidFile string
	offline                                          *ipc.Source // the jobs file, without a daemon
}

// probe is one socket that was tried.
type probe struct {
	path   string
	daemon *ipc.Daemon
	err    error
}

// hung tells a daemon that takes connections and does not answer.
func (p probe) hung() bool { return errors.Is(p.err, context.DeadlineExceeded) }

// answerWithin is how long a daemon has for its answer. Examining takes it up to one and a half seconds.
const (
	answerWithin  = 2 * time.Second
	examineWithin = 3 * time.Second
	lshdWithin    = 6 * time.Second
	wholeWithin   = 20 * time.Second // to read a large jobs file
)

// gather asks the daemon and lshd.
func (a *app) gather(ctx context.Context) *subject {
	s := &subject{app: a, uid: os.Geteuid()}
	s.lshd, s.lshdErr = findLshd()
	known, err := a.sockets()
	if err != nil {
		known = nil
	}
	var wg sync.WaitGroup
	wg.Go(func() { s.sockets = probeAll(ctx, known) })
	wg.Go(func() { s.checkup, s.checkupErr = s.askCheckup(ctx) })
	wg.Wait()

	var further []string
	if usual, err := a.usualSockets(); err == nil {
		further = usual
	}
	if c := s.checkup; c != nil && c.Settings != nil {
		further = append(further, c.Settings.RuntimeSocket, c.Settings.Socket)
	}
	further = slices.DeleteFunc(further, func(path string) bool { return path == "" || slices.Contains(known, path) })
	if slices.Sort(further); len(further) > 0 {
		s.sockets = append(s.sockets, probeAll(ctx, slices.Compact(further))...)
	}
	s.others = probeAll(ctx, s.siblings())
	for _, p := range s.sockets {
		if p.daemon == nil || a.socket != "" && p.path != a.socket {
			continue
		}
		s.daemon, s.reached = p.daemon, p.path
		break
	}
	if s.daemon == nil {
		if s.checkup != nil && s.checkup.Settings != nil {
			if whole, err := s.askCheckup(ctx, "whole"); err == nil {
				s.checkup, s.inside, s.offline = whole, whole.Examination, whole.Config
			} else {
				s.insideErr = err
			}
		}
	} else {
		s.inside, s.insideErr = examine(ctx, s.reached)
	}
	s.place()
	return s
}

// siblings are the sockets of daemons of other state directories: in a runtime directory they lie beside each other.
func (s *subject) siblings() []string {
	var paths []string
	for _, p := range s.sockets {
		if filepath.Base(filepath.Dir(p.path)) != "lsh" {
			continue
		}
		beside, _ := filepath.Glob(filepath.Join(filepath.Dir(p.path), "daemon*.sock"))
		paths = append(paths, beside...)
	}
	known := func(path string) bool {
		return slices.ContainsFunc(s.sockets, func(p probe) bool { return p.path == path })
	}
	slices.Sort(paths)
	return slices.DeleteFunc(slices.Compact(paths), known)
}

func (s *subject) askCheckup(ctx context.Context, args ...string) (*ipc.Checkup, error) {
	if s.lshdErr != nil {
		return nil, s.lshdErr
	}
	within := lshdWithin
	if len(args) > 0 {
		within = wholeWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	c, err := askLshd[ipc.Checkup](ctx, append([]string{"doctor"}, args...), nil)
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// probeAll asks whoever listens at each of the paths.
func probeAll(ctx context.Context, paths []string) []probe {
	probes := make([]probe, len(paths))
	var wg sync.WaitGroup
	for i, path := range paths {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, answerWithin)
			defer cancel()
			probes[i] = probe{path: path}
			client, err := ipc.Dial(ctx, []string{path})
			if err != nil {
				probes[i].err = err
				return
			}
			defer client.Close()
			status, err := ipc.DaemonStatus.Call(ctx, client, ipc.StatusParams{Limit: 1})
			if probes[i].err = err; err == nil {
				probes[i].daemon = &status.Daemon
			}
		})
	}
	wg.Wait()
	return probes
}

func examine(ctx context.Context, path string) (*ipc.Examination, error) {
	ctx, cancel := context.WithTimeout(ctx, examineWithin)
	defer cancel()
	client, err := ipc.Dial(ctx, []string{path})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	x, err := ipc.DaemonExamine.Call(ctx, client, ipc.Empty{})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("it did not answer in %s", span(examineWithin))
	case err != nil:
		return nil, err
	}
	return &x, nil
}

// place finds where things are.
func (s *subject) place() {
	paths, err := s.paths()
	if err != nil {
		paths = config.Paths{}
	}
	s.jobsFile, s.configFile, s.stateDir, s.logFile, s.pidFile = paths.JobsFile, paths.ConfigFile, paths.StateDir, paths.LogFile, paths.PidFile
	if c := s.checkup; c != nil && c.Settings != nil {
		set := c.Settings
		s.jobsFile, s.configFile, s.stateDir, s.logFile, s.pidFile = set.JobsFile, set.ConfigFile, set.StateDir, set.LogFile, set.PidFile
	} else {
		named := func(name, path string) string {
			value, _ := s.getenv(name)
			if abs, err := s.absolute(value); err == nil {
				value = abs
			}
			return cmp.Or(value, path)
		}
		s.jobsFile, s.configFile = named("LSH_JOBS_FILE", s.jobsFile), named("LSH_CONFIG", s.configFile)
		s.stateDir, s.logFile, s.pidFile = named("LSH_STATE_DIR", s.stateDir), named("LSH_LOG_FILE", s.logFile), named("LSH_PID_FILE", s.pidFile)
	}
	if d := s.daemon; d != nil {
		s.jobsFile, s.stateDir = d.Config.Path, d.StateDir
		s.logFile, s.pidFile = cmp.Or(d.LogFile, s.logFile), cmp.Or(d.PidFile, s.pidFile)
	}
}

// arg is a path for a command to type.
func (s *subject) arg(path string) string { return quoteArg(filepath.Clean(path)) }
