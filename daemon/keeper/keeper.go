package keeper

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// The delay before the worker is started again after a crash.
	firstDelay = 100 * time.Millisecond
	readyDelay = time.Second      // at most, after one that had come to answer
	maxDelay   = 30 * time.Second // at most, after one that had not
	// healthy is how long a worker lives until its crash counts as the first.
	healthy = time.Minute
)

// Main keeps the worker that args name: [--ready-fd=N] -- PATH ARGS…. It returns the exit code.
func Main(args []string) int {
	k := &keeper{started: time.Now().Round(0), boot: bootID()}
	if err := k.parse(args); err != nil {
		fmt.Fprintln(os.Stderr, "lsh keeper:", err)
		return 2
	}
	// It waits for years: what it does not use, others can.
	debug.SetGCPercent(20)
	debug.SetMemoryLimit(4 << 20)
	if err := setSubreaper(); err != nil {
		fmt.Fprintln(os.Stderr, "lsh keeper: adopt orphans:", err)
	}
	return k.run()
}

// keeper is the state of the one goroutine that does everything but read.
type keeper struct {
	path    string
	args    []string
	readyFD int
	started time.Time
	boot    string

	worker  int   // pid; 0 between two
	link    *Link // to the worker; nil between two
	silent  bool  // it has come to its end
	since   time.Time
	workers int
	last    *Record
	crashes int
	ready   bool       // this worker is
	ever    bool       // one has been
	waiting []string   // signals for the next worker that is ready
	stops   []string   // signals that end the daemon: for every worker until one has done so
	held    []*os.File // the last one is the record
	base    int64      // of the record: what was in it before it was emptied
	size    int64      // of the record as it is
	torn    bool       // its last line is

	watch   watch
	sockets int // listeners that the service manager has made, from descriptor 3 on

	inbox chan received
	again <-chan time.Time // when the next worker is due
}

// received is what a worker has sent; its end comes with an error.
type received struct {
	from  *Link
	m     Message
	files []*os.File
	err   error
}

func (k *keeper) parse(args []string) error {
	k.readyFD = -1
	for len(args) > 0 && args[0] != "--" {
		text, is := strings.CutPrefix(args[0], "--ready-fd=")
		fd, err := strconv.Atoi(text)
		if !is || err != nil {
			return fmt.Errorf("unknown argument %q: lsh keeper is for lsh daemon start alone", args[0])
		}
		k.readyFD = fd
		args = args[1:]
	}
	if len(args) < 2 {
		return fmt.Errorf("there is no worker to keep: lsh keeper is for lsh daemon start alone")
	}
	k.path, k.args = args[1], args[2:]
	return nil
}

// run is the keeper's life.
func (k *keeper) run() int {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, unix.SIGHUP, unix.SIGTERM, unix.SIGINT, unix.SIGUSR1, unix.SIGPIPE)
	children := make(chan os.Signal, 1)
	signal.Notify(children, unix.SIGCHLD)
	k.inbox = make(chan received)
	k.watch.begin()
	k.sockets = handed()
	if err := k.start(); err != nil {
		fmt.Fprintln(os.Stderr, "lsh keeper:", err)
		return 1
	}
	debug.FreeOSMemory()
	for {
		select {
		case s := <-signals:
			k.signal(s)
		case r := <-k.inbox:
			k.receive(r)
		case <-k.again:
			k.again = nil
			if err := k.start(); err != nil {
				k.crashed(false)
			}
		case <-k.watch.tick.C:
			k.look()
		case <-k.watch.kill:
			k.kill()
		case <-children:
			if code, over := k.reap(); over {
				return code
			}
		}
	}
}

// start starts a worker.
func (k *keeper) start() error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return fmt.Errorf("make link to worker: %w", err)
	}
	defer unix.Close(pair[1])
	unix.CloseOnExec(pair[0])
	unix.CloseOnExec(pair[1])
	link, err := OpenLink(pair[0])
	if err != nil {
		return err
	}
	files := []uintptr{0, 1, 2}
	for i := range k.sockets {
		files = append(files, uintptr(firstSocket+i)) // where they are expected
	}
	argv := append([]string{k.path, fmt.Sprintf("--keeper-fd=%d", len(files))}, k.args...)
	files = append(files, uintptr(pair[1]))
	if k.readyFD >= 0 {
		argv = append(argv, fmt.Sprintf("--ready-fd=%d", len(files)))
		files = append(files, uintptr(k.readyFD))
	}
	pid, err := syscall.ForkExec(k.path, argv, &syscall.ProcAttr{
		Env: os.Environ(), Files: files,
		Sys: &syscall.SysProcAttr{Setpgid: true}, // Ctrl-C is for the keeper
	})
	if err != nil {
		link.Close()
		return fmt.Errorf("start %s: %w", k.path, err)
	}
	k.workers++
	k.worker, k.link, k.since, k.ready = pid, link, time.Now(), false
	k.silent = false
	go k.listen(link)
	// A worker that does not read it is a dead one, of which the kernel tells.
	_ = link.Send(Message{
		Kind: KindHello, Version: Version, Pid: os.Getpid(), Started: k.started, Workers: k.workers, Last: k.last, Hung: k.watch.hung, Offset: k.base,
	}, k.held...)
	k.watch.next()
	return nil
}

// listen hands on what a worker sends. It ends with the link.
func (k *keeper) listen(link *Link) {
	for {
		m, files, err := link.Receive()
		k.inbox <- received{link, m, files, err}
		if err != nil {
			return
		}
	}
}

func (k *keeper) receive(r received) {
	k.silent = k.silent || r.from == k.link && r.err != nil
	if r.err != nil || r.from != k.link {
		for _, f := range r.files {
			f.Close()
		}
		return
	}
	switch r.m.Kind {
	case KindHold:
		before := k.held
		k.held = r.files
		for _, f := range before {
			f.Close()
		}
		k.size = 0
		if n := len(k.held); n > 0 {
			if info, err := k.held[n-1].Stat(); err == nil {
				k.size = info.Size()
			}
			reserve(k.held[n-1])
		}
	case KindReady:
		k.watch.able = r.m.Version >= pingVersion
		k.answers()
	case KindPong:
		k.watch.asked, k.watch.missed = false, 0
	case KindStopping:
		if len(k.stops) == 0 {
			k.stops = []string{"TERM"} // should it die before it has stopped everything
		}
	case KindSettled:
		if n := len(k.held); n > 0 && r.m.Offset >= k.base+k.size && k.held[n-1].Truncate(0) == nil {
			k.base, k.size, k.torn = k.base+k.size, 0, false
			reserve(k.held[n-1])
		}
	}
}

// answers takes in that a worker has come to answer. One that has died since is told nothing.
func (k *keeper) answers() {
	k.ever = true
	if k.readyFD >= 0 {
		unix.Close(k.readyFD) // whoever waited has been told
		k.readyFD = -1
	}
	if k.worker == 0 {
		return
	}
	k.ready = true
	for _, s := range append(k.waiting, k.stops...) {
		k.tell(Message{Kind: KindSignal, Signal: s})
	}
	k.waiting = nil
	debug.FreeOSMemory()
}

// signal passes a signal on to the worker, or to the next one.
func (k *keeper) signal(s os.Signal) {
	name := map[os.Signal]string{unix.SIGHUP: "HUP", unix.SIGTERM: "TERM", unix.SIGINT: "INT", unix.SIGUSR1: "USR1"}[s]
	ends := name == "TERM" || name == "INT"
	switch {
	case name == "":
		return
	case ends:
		k.stops = append(k.stops, name)
	case !k.ready && !slices.Contains(k.waiting, name):
		k.waiting = append(k.waiting, name)
	}
	switch {
	case k.ready:
		k.tell(Message{Kind: KindSignal, Signal: name})
	case ends && k.worker == 0:
		k.soon() // to stop the jobs takes a worker
	}
}

// soon has the next worker started at once.
func (k *keeper) soon() {
	due := make(chan time.Time, 1)
	due <- time.Time{}
	k.again = due
}

// reap takes in every end there is. It tells when the keeper's time is over, and with which exit code.
func (k *keeper) reap() (code int, over bool) {
	for {
		r, ok := observe()
		if !ok {
			return 0, false
		}
		if r.Pid != k.worker {
			k.record(r)
			bury(r.Pid)
			continue
		}
		bury(r.Pid)
		wasReady := k.ready
		k.worker, k.ready, k.watch.able, k.watch.kill = 0, false, false, nil
		k.drain()
		k.link.Close()
		k.last = &r
		switch {
		case r.Signal == 0 && r.Code == 0:
			return 0, true
		case !k.ever && r.Signal != 0 && len(k.held) == 0:
			return 1, true // it had no jobs yet
		case r.Signal == 0 && r.Code == ExitRestart:
			k.crashes = 0
			k.soon()
		case r.Signal == 0 && (!k.ever || !wasReady && len(k.stops) > 0):
			return r.Code, true // it said why it cannot be, and nobody wants another
		default:
			k.crashed(wasReady)
		}
	}
}

// drain takes in what the worker said last: what it wanted held must not be lost with it.
func (k *keeper) drain() {
	const patience = 500 * time.Millisecond // a job between fork and exec still has the link
	late := time.After(patience)
	for !k.silent {
		select {
		case r := <-k.inbox:
			k.receive(r)
		case <-late:
			return
		}
	}
}

// crashed has the next worker started after a delay that grows.
func (k *keeper) crashed(wasReady bool) {
	if time.Since(k.since) >= healthy {
		k.crashes = 0
	}
	most := maxDelay
	if wasReady {
		most = readyDelay
	}
	const cap = 9 // 100 ms · 2⁹ is beyond the longest delay
	delay := min(most, firstDelay<<min(k.crashes, cap))
	k.crashes++
	k.again = time.After(delay)
}

// record writes an end down, before the process is reaped, and tells the worker.
func (k *keeper) record(r Record) {
	r.Start, r.Leader = standing(r.Pid)
	r.Tag = tagOf(r.Pid)
	k.write(r)
	if k.worker != 0 {
		k.tell(Message{Kind: KindEnd, End: &r, Offset: k.base + k.size})
	}
}

func (k *keeper) write(r Record) {
	n := len(k.held)
	if n == 0 {
		return // no worker has ever been ready: there are no jobs
	}
	r.Boot = k.boot
	text, err := json.Marshal(r)
	if err != nil {
		return
	}
	text = append(text, '\n')
	if k.torn {
		text = append([]byte{'\n'}, text...) // what is left of the line before must not swallow this one
	}
	written, _ := k.held[n-1].Write(text) // a full disk: the worker, if there is one, is told all the same
	k.size, k.torn = k.size+int64(written), written < len(text)
}
