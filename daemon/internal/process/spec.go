package process

import (
	"os"
	"syscall"
	"time"
)

// RunIDVar is the environment variable that marks every process of a run with the run's id. It finds processes that
// have left the run's session, and runs whose pid was never recorded.
const RunIDVar = "LSH_RUN_ID"

// Spec is what to start.
type Spec struct {
	ID     string   // run id; Start sets LSH_RUN_ID to it. An empty ID sets no mark
	Argv   []string // a bare Argv[0] is looked up in the PATH of Env, relative paths are relative to Dir
	Dir    string   // working directory; empty is the daemon's
	Env    []string // complete environment, but for the mark
	Stdin  string   // text to read from stdin; empty is /dev/null
	Output string   // file for stdout and stderr, made by Start with mode 0600; it must not exist
	// Stdout is given to it in place of Output; stderr is /dev/null then. The caller closes it. nil when there is an Output.
	Stdout *os.File
	Umask  *uint32 // nil is the daemon's
	Nice   *int    // -20 to 19; nil is the daemon's
	// NoRoom is why the file at Output cannot be made, as the caller has found out: Start does not try. nil when it may.
	NoRoom error
	// Forking is called right before the fork, and Forked as soon as there is a process, before anything else is done with it.
	// No other run is between the two meanwhile. nil when nobody cares.
	Forking func()
	Forked  func(Proc)
	// Ended is told of the end in place of the Host's onExit, and keeps to the same rules. nil leaves it to onExit.
	Ended func(Exit)
}

// Proc is a started run. It can be stored, and given to the Host of a later daemon, within the same boot: nothing here
// tells boots apart.
type Proc struct {
	ID        string
	Pid       int       // leader, and by setsid the number of its process group and session
	StartTime uint64    // by the kernel's clock (Linux: ticks since boot, macOS: µs since 1970); 0 is unknown
	Started   time.Time // just before the fork
	// OutputErr is why its output goes to /dev/null; nil when it goes to its file. Start alone sets it.
	OutputErr error
}

// is tells whether both mean the same process, one of them perhaps read back from a store.
func (p Proc) is(q Proc) bool { return p.ID == q.ID && p.Pid == q.Pid && p.StartTime == q.StartTime }

// Before tells whether p is older than q. The kernel tells a start to a hundredth of a second; within that it gives numbers away
// in order.
func (p Proc) Before(q Proc) bool {
	if p.StartTime != q.StartTime {
		return p.StartTime < q.StartTime
	}
	return p.Pid < q.Pid
}

// Exit is the end of a run's leader.
type Exit struct {
	ID        string
	Pid       int
	Code      int            // exit code; -1 when a signal ended it
	Signal    syscall.Signal // 0 when it exited
	Ended     time.Time      // when the end was noticed
	CPU       time.Duration  // user and system time of the leader and of what it has waited for
	MaxRSS    int64          // peak resident memory in bytes of the largest of these; 0 when it cannot be told apart from the daemon's
	Survivors bool           // other members of its process group live on
}
