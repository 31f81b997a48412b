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
	"github.com/lsh-project/lsh/daemon/internal/output"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/tally"
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
	files  output.Store
	tally  *tally.Tally
	probe  probe
	places chan struct{}
	wg     sync.WaitGroup
}

func newSpawner(log *slog.Logger, box *mailbox, procs processes, notes *tally.Tally) *spawner {
	return &spawner{
		log: log, box: box, procs: procs, base: os.Environ(), tally: notes, probe: func(string) {},
		places: make(chan struct{}, spawnsAtOnce),
	}
}

// probe is told how far the road from decision to end has come; tests end the
// worker there.
type probe func(point string)

// launch records that a run begins, and has its process started. It is
// called running once there is a pid to tell.
func (l *loop) launch(e *entry, r *run) {
	job := e.job.Load()
	r.Phase, r.Spec, r.Stop = reconciler.Starting, e.spec, job.Stop
	r.timeout, r.success = job.Timeout, job.Success
	r.maxOutput = job.Output.MaxSize
	r.output = l.spawn.files.Path(e.name, r.ID)
	l.places.take(r, job.Group)
	l.change(r, func(rec *ipc.Run) {
		rec.Generation, rec.SpecHash, rec.NotBefore = l.generation, e.spec, time.Time{}
	})
	l.starting++
	if !r.Slot.IsZero() && r.Attempt == 1 {
		l.counts.outcomes.add(ranOutcome(r), 1) // not when it is put in line: it may yet be dropped
	}
	note := tally.Started{Run: r.ID, Job: e.name}
	env := runEnv(e, r)
	l.afterCommit(func() { l.spawn.start(job, note, r.output, env) })
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
func (s *spawner) start(job *config.Job, note tally.Started, output string, extra []string) {
	s.wg.Go(func() {
		s.places <- struct{}{}
		noted := 0 // lines in the tally
		proc, err := s.startNow(job, note, output, extra, &noted)
		<-s.places
		s.box.post(func(l *loop) {
			l.noted += noted
			l.spawned(note.Run, proc, err)
		})
	})
}

func (s *spawner) startNow(job *config.Job, note tally.Started, output string, extra []string, noted *int) (process.Proc, error) {
	env, err := environ.Of(&job.Process, s.base, extra, readEnvFile)
	if err != nil {
		return process.Proc{}, err
	}
	spec := specOf(job, env)
	spec.ID, spec.Output = note.Run, output
	spec.Forking = func() {
		*noted++
		s.forking(note)
	}
	spec.Forked = func(p process.Proc) {
		*noted++
		s.noted(note, p)
	}
	proc, err := s.procs.Start(spec)
	if err == nil || !outputMissing(err) {
		return proc, err
	}
	// The first run of a job makes its directory of output files.
	if err := os.MkdirAll(filepath.Dir(output), 0o700); err != nil {
		err = fmt.Errorf("make directory of output: %w", err)
		if !process.IsNoRoom(err) {
			return process.Proc{}, err
		}
		spec.NoRoom = err
	}
	return s.procs.Start(spec)
}

// specOf is what every run of a job starts.
func specOf(job *config.Job, env []string) process.Spec {
	return process.Spec{
		Argv: job.Process.CommandArgv(), Dir: job.Dir, Env: env, Stdin: job.Stdin, Umask: job.Umask, Nice: job.Nice,
	}
}

// forking keeps in mind that a run may have begun, from here on.
func (s *spawner) forking(note tally.Started) {
	if err := s.tally.Forking(note.Run); err != nil {
		s.log.Warn("note start of run", "job", note.Job, "run", note.Run, "err", err)
	}
}

// noted keeps a new process in mind before anything else is done: from here on
// the end of this worker loses nothing of it.
func (s *spawner) noted(note tally.Started, p process.Proc) {
	s.probe("forked")
	note.Pid, note.Start, note.At = p.Pid, p.StartTime, p.Started.Round(0)
	if err := s.tally.Started(note); err != nil {
		s.log.Warn("note start of run", "job", note.Job, "run", note.Run, "pid", p.Pid, "err", err)
	}
	s.probe("noted")
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
