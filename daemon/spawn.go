package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/environ"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// spawnsAtOnce bounds the starts under way. A start that hangs (a directory
// on a dead network mount) takes one of these places, not the loop's time.
const spawnsAtOnce = 64

// spawner starts and kills processes beside the loop and posts what came of
// it.
type spawner struct {
	log    *slog.Logger
	box    *mailbox
	procs  processes
	base   []string // environment that the daemon was started with
	dir    string   // of the output files
	places chan struct{}
	wg     sync.WaitGroup
}

func newSpawner(log *slog.Logger, box *mailbox, procs processes, stateDir string) *spawner {
	return &spawner{
		log: log, box: box, procs: procs, base: os.Environ(), dir: filepath.Join(stateDir, "output"),
		places: make(chan struct{}, spawnsAtOnce),
	}
}

// launch records that a run begins, and has its process started. It is
// called running once there is a pid to tell.
func (l *loop) launch(e *entry, r *run) {
	job := e.job.Load()
	r.Phase, r.Spec, r.Stop = reconciler.Starting, e.spec, job.Stop
	r.timeout, r.success = job.Timeout, job.Success
	r.output = filepath.Join(l.spawn.dir, e.name, r.ID+".log")
	l.places.take(r, job.Group)
	l.change(r, func(rec *ipc.Run) {
		rec.Generation, rec.SpecHash = l.generation, e.spec
	})
	l.spawn.start(job, r.ID, r.output, runEnv(e, r))
}

// runEnv are the variables that tell a run what it is.
func runEnv(e *entry, r *run) []string {
	env := []string{
		"LSH_JOB=" + e.name,
		"LSH_RUN_ID=" + r.ID,
		fmt.Sprintf("LSH_ATTEMPT=%d", r.Attempt),
		"LSH_TRIGGER=" + string(r.Trigger),
	}
	if !r.Slot.IsZero() {
		env = append(env, "LSH_SCHEDULED_AT="+r.Slot.Format(time.RFC3339))
	}
	return env
}

// start starts a run's process and posts its pid, or why there is none.
func (s *spawner) start(job *config.Job, id, output string, extra []string) {
	s.wg.Go(func() {
		s.places <- struct{}{}
		proc, err := s.startNow(job, id, output, extra)
		<-s.places
		s.box.post(func(l *loop) { l.spawned(id, proc, err) })
	})
}

func (s *spawner) startNow(job *config.Job, id, output string, extra []string) (process.Proc, error) {
	env, err := environ.Of(&job.Process, s.base, extra, readEnvFile)
	if err != nil {
		return process.Proc{}, err
	}
	spec := process.Spec{
		ID: id, Argv: job.Process.CommandArgv(), Dir: job.Dir, Env: env, Stdin: job.Stdin,
		Output: output, Umask: job.Umask, Nice: job.Nice,
	}
	proc, err := s.procs.Start(spec)
	if err == nil || !outputMissing(err) {
		return proc, err
	}
	// The first run of a job makes its directory of output files.
	if err := os.MkdirAll(filepath.Dir(output), 0o700); err != nil {
		return process.Proc{}, fmt.Errorf("make directory of output: %w", err)
	}
	return s.procs.Start(spec)
}

// outputMissing tells whether a start failed for want of the directory of
// its output file.
func outputMissing(err error) bool {
	start, is := errors.AsType[*process.StartError](err)
	return is && start.Op == process.OpOutput && errors.Is(err, fs.ErrNotExist)
}

// kill ends a run's group and its stragglers. Finding those reads /proc,
// which is not the loop's business.
func (s *spawner) kill(job string, p process.Proc) {
	s.wg.Go(func() {
		if err := s.procs.Kill(p); err != nil {
			s.log.Warn("kill run", "job", job, "run", p.ID, "pid", p.Pid, "err", err)
		}
	})
}
