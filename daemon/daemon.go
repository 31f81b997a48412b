package daemon

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/alarm"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/lock"
	"github.com/lsh-project/lsh/daemon/internal/mirror"
	"github.com/lsh-project/lsh/daemon/internal/output"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/tally"
	"github.com/lsh-project/lsh/daemon/internal/watch"
	"github.com/lsh-project/lsh/ipc"
)

// Options are what main knows and the daemon must be told.
type Options struct {
	Paths       config.Paths
	Apply       string // auto, or manual: every change waits for lsh apply
	MaxParallel int    // runs in all at a time; 0: no limit
	Database    config.Database
	Version     string
	Log         *slog.Logger
	Host        config.Host // its ReadFile is the daemon's own affair
	Warnings    []string    // what main has to tell whoever asks for status
	Keeper      *Keeper     // nil when the daemon runs without one
	Program     string      // by which the keeper starts another worker; "" without one
	// Sockets are listeners that a service manager has made; the daemon's from now on.
	Sockets []*os.File
	// Signal is told of signals that were sent to the keeper.
	Signal func(os.Signal)
}

// ApplyManual is the value of Options.Apply that holds every change.
const ApplyManual = "manual"

// RunningError says that another daemon holds the lock.
type RunningError struct {
	Pid  int    // 0 when it cannot be told
	Path string // of the lock
}

// Error names the pid.
func (e *RunningError) Error() string {
	if e.Pid == 0 {
		return "daemon is already running"
	}
	return fmt.Sprintf("daemon is already running: pid %d", e.Pid)
}

// Hint is the next thing to type.
func (e *RunningError) Hint() string { return "look at it: lsh status; end it: lsh daemon stop" }

// Daemon is one daemon: of one user, in one state directory.
type Daemon struct {
	options Options
	log     *slog.Logger
	pid     int
	started time.Time // with its keeper
	lock    *lock.Lock
	box     *mailbox
	loop    *loop
	source  *source
	spawner *spawner
	journal *journal.Journal
	tally   *tally.Tally
	ends    *os.File   // the keeper's record
	held    []*os.File // the locks, as the keeper has them
	files   output.Store
	trimmer *output.Trimmer
	tidy    *tidy
	mirror  *mirror.Mirror // nil without a database
	events  *hub
	counts  *counts
	table   *table
	facts   *atomic.Pointer[facts]
	looker  looker
	doors   *doors
	herald  *herald // nil without a service manager
	host    *process.Host
	ready   chan struct{}
	stopped chan struct{} // closed when the loop takes no more turns

	workerStarted time.Time

	settings   [sha256.Size]byte // sum of config.yaml as this worker began with it
	declared   atomic.Int64      // counts changes of what is declared of jobs
	keeperGone atomic.Bool
	ordering   sync.Mutex // held from looking whether a command is done until it is
}

// New makes a daemon. It takes the locks, so that there is one at most: the
// error is a *RunningError when another holds them. Run lets go of them.
func New(o Options) (*Daemon, error) {
	held, err := acquire(o)
	if err != nil {
		if other, is := errors.AsType[*lock.HeldError](err); is {
			return nil, &RunningError{Pid: other.Pid, Path: other.Path}
		}
		return nil, err
	}
	d, err := build(o, held)
	if err != nil {
		held.Release()
		return nil, err
	}
	return d, nil
}

// acquire takes the locks, or takes them over from a former worker of the
// same keeper.
func acquire(o Options) (*lock.Lock, error) {
	if o.Keeper == nil {
		return lock.Acquire(o.Paths.PidFile, o.Paths.StateDir)
	}
	return lock.AcquireAs(o.Keeper.Pid(), o.Paths.PidFile, o.Paths.StateDir, o.Keeper.Held())
}

// build wires the rooms together.
func build(o Options, held *lock.Lock) (_ *Daemon, err error) {
	o.Host.ReadFile = nil // files are read as the watcher must
	d := &Daemon{
		options: o, log: o.Log, pid: os.Getpid(), started: time.Now().Round(0), lock: held,
		box: newMailbox(), events: newHub(), counts: newCounts(), table: &table{}, facts: &atomic.Pointer[facts]{},
		files: output.Store{Dir: filepath.Join(o.Paths.StateDir, "output")},
		ready: make(chan struct{}), stopped: make(chan struct{}), herald: newHerald(o.Log),
	}
	d.workerStarted = d.started
	d.settings = fileSum(o.Paths.ConfigFile)
	if o.Keeper != nil {
		d.started = o.Keeper.Started()
	}
	defer func() {
		if err == nil {
			return
		}
		if o.Keeper != nil && o.Keeper.Workers() > 1 {
			held.Leave() // the keeper holds them, and starts another worker
		}
		d.closeFiles()
	}()
	key, err := specKey(o.Paths.StateDir)
	if err != nil {
		return nil, err
	}
	boot, err := bootID()
	if err != nil {
		return nil, fmt.Errorf("read boot id: %w", err)
	}
	fresh, err := newBoot(o.Paths.StateDir, boot)
	if err != nil {
		return nil, err
	}
	if d.journal, err = journal.Open(o.Paths.StateDir, o.Log); err != nil {
		return nil, err
	}
	d.journal.Recovered = d.journalRecovered
	d.journal.Wrote = d.counts.committed
	former, err := d.openNotes(boot)
	if err != nil {
		return nil, err
	}
	d.host, err = process.NewHost(o.Log, d.exited)
	if err != nil {
		return nil, err
	}
	d.trimmer = output.NewTrimmer(o.Log, d.outputFull)
	if d.mirror, err = d.newMirror(); err != nil {
		return nil, err
	}
	d.tidy = newTidy(o.Log, d.journal, d.files, d.table)
	d.tidy.mirror = d.mirror
	d.spawner = newSpawner(o.Log, d.box, d.host, d.tally)
	d.spawner.files = d.files
	d.looker.base, d.looker.home = d.spawner.base, o.Host.Home
	d.loop = &loop{
		log: o.Log, box: d.box, procs: d.host, spawn: d.spawner, journal: d.journal, tally: d.tally, events: d.events, counts: d.counts,
		trimmer: d.trimmer, tidy: d.tidy, mirror: d.mirror, declared: &d.declared, alarm: alarm.New(), table: d.table, facts: d.facts, entries: map[string]*entry{},
		live: map[string]*entry{}, places: newPlaces(o.MaxParallel), started: d.started, boot: boot, newBoot: fresh,
		herald: d.herald, keeper: o.Keeper, restart: o.Keeper != nil && o.Keeper.Workers() > 1,
	}
	d.source = newSource(d, key)
	if err := d.recall(former); err != nil {
		return nil, err
	}
	server := ipc.NewServer(o.Log, ipc.Limits{})
	d.register(server)
	d.doors = newDoors(o.Log, server, []string{o.Paths.Socket, o.Paths.RuntimeSocket})
	d.doors.take(o.Sockets)
	return d, nil
}

// exited is told of an end before the process is reaped: the note of it is
// what a killed worker leaves.
func (d *Daemon) exited(x process.Exit) {
	d.spawner.probe("ended")
	if err := d.tally.Ended(tally.Ended{
		Run: x.ID, Pid: x.Pid, Code: x.Code, Signal: int(x.Signal), At: x.Ended.Round(0), CPU: x.CPU, MaxRSS: x.MaxRSS, Survivors: x.Survivors,
	}); err != nil {
		d.log.Warn("note end of run", "run", x.ID, "pid", x.Pid, "err", err)
	}
	d.spawner.probe("tallied")
	d.box.post(func(l *loop) { l.exited(x) })
}

func newSource(d *Daemon, key []byte) *source {
	o, env := d.options, &envMemory{texts: map[string][]byte{}}
	s := &source{
		log: o.Log, path: o.Paths.JobsFile, manual: o.Apply == ApplyManual, watcher: watch.New(o.Log), counts: d.counts,
		box: d.box, table: d.table, herald: d.herald,
		quiet:  reader{o.Host, key, env, watch.Read},
		asked:  reader{o.Host, key, env, watch.ReadStable},
		poke:   make(chan struct{}, 1),
		asks:   make(chan ask),
		looked: make(chan struct{}),
		paths:  []string{o.Paths.JobsFile},
	}
	s.verdict = ipc.Source{State: ipc.SourceMissing, Path: s.path, Reason: "it has not been read yet"}
	first := s.verdict
	s.state.Store(&first)
	return s
}

// Ready is closed once the jobs file has been looked at and the sockets
// answer.
func (d *Daemon) Ready() <-chan struct{} { return d.ready }

// Reload has the jobs file read and applied, as `lsh daemon reload` does:
// the guard is passed, since somebody asked. It does not wait for the end.
func (d *Daemon) Reload() {
	d.log.Info("reload asked for by signal")
	a := ask{answer: make(chan answer, 1)}
	select {
	case d.source.asks <- a:
	case <-d.stopped:
	}
}

// StopNow ends every run at once, and the daemon with them.
func (d *Daemon) StopNow() { d.box.post((*loop).killAll) }

// Run serves until ctx ends or a client stops the daemon. Runs in progress
// are then waited for, for at most thirty seconds, and stopped. It returns when
// nothing of the daemon is left.
//
// The error is ErrRestart when another worker is to go on with the runs in
// progress, which are left as they are.
func (d *Daemon) Run(ctx context.Context) error {
	defer d.closeFiles()

	// What serves ends after the loop: the last answers are still given.
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var crew sync.WaitGroup
	defer crew.Wait()
	defer cancel()

	asked := context.AfterFunc(ctx, func() {
		d.box.post(func(l *loop) { l.stop(stopSeconds * time.Second) })
	})
	defer asked()
	crew.Go(func() { d.source.run(serving) })
	crew.Go(func() { d.tidy.run(serving) })
	if d.herald != nil {
		crew.Go(func() { d.herald.run(serving, d.standing) })
	}
	if d.herald != nil && d.options.Keeper == nil {
		crew.Go(func() { d.pingAlone(serving) })
	}
	if d.mirror != nil {
		crew.Go(func() {
			d.mirror.Run(serving)
			d.mirror.End(!d.loop.leaving) // the loop has ended
		})
	}
	crew.Go(func() {
		if err := d.source.watcher.Run(serving, d.source.look); err != nil {
			d.log.Error("watch jobs file", "err", err)
		}
	})
	d.listenToKeeper()
	var failed error
	crew.Go(func() {
		if failed = d.open(serving); failed != nil {
			d.StopNow() // nobody could reach it
		}
	})
	d.loop.run()
	close(d.stopped)
	d.loop.end()
	if !d.loop.abandoned && !d.loop.leaving {
		d.spawner.wg.Wait()
	}
	cancel()
	d.doors.closeAll()
	crew.Wait()
	if d.loop.leaving {
		d.lock.Leave()
		d.log.Info("worker has left")
		return ErrRestart
	}
	d.log.Info("daemon has stopped")
	return failed
}

// closeFiles ends what New has begun, in the order in which it is needed no more.
func (d *Daemon) closeFiles() {
	if d.host != nil {
		d.host.Close()
	}
	if d.trimmer != nil {
		d.trimmer.Close()
	}
	if d.loop != nil {
		d.loop.alarm.Close()
	}
	if d.options.Keeper != nil {
		d.options.Keeper.Close()
	}
	if d.journal != nil {
		if err := d.journal.Close(); err != nil {
			d.log.Warn("close journal", "err", err)
		}
	}
	if d.tally != nil {
		d.tally.Close()
	}
	if d.ends != nil {
		d.ends.Close()
	}
	d.lock.Release()
}

// renewLock makes the pid file again where /tmp was cleaned. What is wrong
// with it shows in status; the log has it once.
func (d *Daemon) renewLock() {
	before := d.lock.Warnings()
	if err := d.lock.Renew(); err != nil && !slices.Equal(before, d.lock.Warnings()) {
		d.log.Warn("renew pid file", "err", err)
	}
	d.hold()
}

// open waits for the first look at the jobs file and for a turn of the loop,
// so that whoever connects sees its jobs and what runs of them, opens the
// sockets and keeps them open.
func (d *Daemon) open(ctx context.Context) error {
	select {
	case <-d.source.looked:
	case <-ctx.Done():
		return nil
	}
	d.box.do(func(*loop) {}) // a worker that takes over publishes what goes on in its first
	if err := d.doors.openAll(ctx); err != nil {
		if !d.loop.restart {
			return err
		}
		d.log.Error("nobody can reach the daemon", "err", err) // which is no reason to end its jobs
	}
	if d.options.Keeper != nil {
		if err := d.options.Keeper.Ready(); err != nil {
			d.log.Warn("tell keeper", "err", err)
		}
	}
	d.log.Info("daemon is ready", "pid", d.pid, "version", d.options.Version, "jobs_file", d.options.Paths.JobsFile)
	d.herald.ready()
	close(d.ready)
	d.herald.changed()
	d.doors.keep(ctx, d.renewLock)
	return nil
}
