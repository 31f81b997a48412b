package daemon

import (
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/daemon/internal/alarm"
	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/internal/output"
	"github.com/lsh-project/lsh/daemon/internal/process"
	"github.com/lsh-project/lsh/daemon/internal/tally"
	"github.com/lsh-project/lsh/ipc"
	"github.com/lsh-project/lsh/reconciler"
)

// fakeProcesses live as long as a job's command says ("2s"), and longer only
// when it says that they ignore TERM ("2s stubborn").
type fakeProcesses struct {
	box *mailbox

	mu      sync.Mutex
	pid     int
	started []process.Spec
	at      []time.Time
	ends    map[string]chan process.Exit
	deaf    map[string]bool
}

func (f *fakeProcesses) Start(s process.Spec) (process.Proc, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pid++
	p := process.Proc{ID: s.ID, Pid: f.pid, Started: time.Now()}
	f.started, f.at = append(f.started, s), append(f.at, p.Started)
	life, err := time.ParseDuration(s.Argv[0])
	if err != nil {
		return process.Proc{}, err
	}
	f.deaf[s.ID] = len(s.Argv) > 1 && s.Argv[1] == "stubborn"
	end := make(chan process.Exit, 1)
	f.ends[s.ID] = end
	go func() {
		x := process.Exit{ID: s.ID, Pid: p.Pid}
		select {
		case x = <-end:
		case <-time.After(life):
		}
		x.Ended = time.Now()
		f.box.post(func(l *loop) { l.exited(x) })
	}()
	return p, nil
}

func (f *fakeProcesses) Signal(p process.Proc, s syscall.Signal) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s == syscall.SIGKILL || !f.deaf[p.ID] {
		select {
		case f.ends[p.ID] <- process.Exit{ID: p.ID, Pid: p.Pid, Code: -1, Signal: s}:
		default:
		}
	}
	return nil
}

// forget lets go of what still runs: nobody hears of its end any more.
func (f *fakeProcesses) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, end := range f.ends {
		select {
		case end <- process.Exit{}:
		default:
		}
	}
}

func (f *fakeProcesses) Kill(p process.Proc) error { return f.Signal(p, syscall.SIGKILL) }

func (f *fakeProcesses) Alive(process.Proc) []int { return nil }

func (f *fakeProcesses) Lives(process.Proc) bool { return false }

func (f *fakeProcesses) Watch(process.Proc, func()) {}

// world is a loop with fake processes, in a bubble where days go by at once.
type world struct {
	t     *testing.T
	procs *fakeProcesses
	dir   string                  // of its state
	left  map[string]process.Exit // ends that the next world finds noted, by run
	done  chan struct{}           // closed when the loop has ended
	*loop
}

// newWorld runs a loop within a synctest bubble. end must be called in it.
func newWorld(t *testing.T) *world {
	return newWorldIn(t, t.TempDir())
}

// newWorldIn is newWorld on a state directory.
func newWorldIn(t *testing.T, dir string) *world {
	w := newStoppedWorld(t, dir)
	w.begin()
	return w
}

// newStoppedWorld is a world that has yet to begin, on a state directory that
// may hold what a former one has left.
func newStoppedWorld(t *testing.T, dir string) *world {
	box := newMailbox()
	procs := &fakeProcesses{box: box, ends: map[string]chan process.Exit{}, deaf: map[string]bool{}}
	w := &world{t: t, procs: procs, dir: dir, done: make(chan struct{}), loop: newTestLoop(t, dir, procs, box)}
	w.started = time.Now()
	return w
}

// begin has the loop take turns.
func (w *world) begin() {
	go func() {
		w.run()
		w.loop.end()
		close(w.done)
	}()
}

// newTestLoop is a loop with a real journal in dir, that nobody runs yet.
func newTestLoop(tb testing.TB, dir string, procs processes, box *mailbox) *loop {
	tb.Helper()
	log := slog.New(slog.DiscardHandler)
	j, err := journal.Open(dir, log)
	if err != nil {
		tb.Fatal(err)
	}
	notes, _, err := tally.Open(filepath.Join(dir, "tally"), "boot")
	if err != nil {
		tb.Fatal(err)
	}
	l := &loop{
		log: log, box: box, procs: procs, spawn: newSpawner(log, box, procs, notes), journal: j, tally: notes,
		alarm: alarm.NewPolling(), trimmer: output.NewTrimmer(log, func(string) {}), events: newHub(), counts: newCounts(), table: &table{}, facts: &atomic.Pointer[facts]{},
		declared: new(atomic.Int64), entries: map[string]*entry{}, live: map[string]*entry{}, places: newPlaces(0), boot: "boot",
	}
	l.spawn.files = output.Store{Dir: filepath.Join(dir, "output")}
	l.tidy = newTidy(log, j, l.spawn.files, l.table)
	return l
}

// end stops the loop, so that the bubble can end.
func (w *world) end() {
	w.box.post((*loop).killAll)
	w.shut()
}

// shut waits for the loop and closes what it had open.
func (w *world) shut() {
	<-w.done
	w.procs.forget()
	w.alarm.Close()
	w.trimmer.Close()
	w.tally.Close()
	w.loop.journal.Close()
	synctest.Wait()
}

// load has a jobs file applied and returns its plan.
func (w *world) load(text string) reconciler.Plan {
	w.t.Helper()
	text = "version: 1\ndefaults: {timezone: UTC}\n" + text
	host := testHost(text)
	cfg, err := config.Load("/home/ann/jobs.yaml", host)
	if err != nil {
		w.t.Fatal(err)
	}
	r := reader{host: host, key: []byte("key"), env: &envMemory{texts: map[string][]byte{}}}
	var p reconciler.Plan
	w.box.do(func(l *loop) {
		f := &loaded{config: cfg, specs: r.specs(cfg, readEnvFile), texts: map[string]string{"/home/ann/jobs.yaml": text}}
		p = l.diff(f, ipc.ApplyParams{})
		l.accept(f, p, origin{reason: "a test"})
	})
	return p
}

// do has f done in a turn with a job.
func (w *world) do(job string, f func(*loop, *entry)) {
	w.t.Helper()
	w.box.do(func(l *loop) {
		e := l.entries[job]
		if e == nil {
			w.t.Errorf("no job %s", job)
			return
		}
		f(l, e)
	})
}

// runs are the records of a job, the oldest first.
func (w *world) runs(job string) []ipc.Run {
	rows, _, err := w.loop.journal.Runs(journal.RunFilter{Job: job, Limit: 1_000_000})
	if err != nil {
		w.t.Fatal(err)
	}
	runs := make([]ipc.Run, len(rows))
	for i, row := range rows {
		runs[len(rows)-1-i] = *wireRun(row)
	}
	return runs
}

// job is a job as status would show it.
func (w *world) job(name string) ipc.Job {
	w.t.Helper()
	e, ok := w.table.find(name)
	if !ok {
		w.t.Fatalf("no job %s", name)
	}
	return wireJob(e)
}

// pass lets time go by.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
