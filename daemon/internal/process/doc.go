// Package process starts, signals and reaps the processes of runs.
//
// # The story of a run
//
// [Host.Start] gives a run its own session and process group, its output file as stdout and stderr, and nothing else
// of the daemon: no descriptor beyond 0, 1 and 2, no environment but the one it is told. Output goes straight from the
// run to its file, so that it survives the daemon.
//
// One goroutine, the reaper, hears of every end. It looks at a dead child without reaping it, tells the owner through
// onExit (or [Spec].Ended, where a child has an owner of its own), and reaps only when that has returned. Who records the end durably inside onExit can be killed at any
// instant and loses nothing: the child is still there for whoever inherits it.
//
// A run ends with its leader, the process that Start made. Other members of its group may live on; [Exit.Survivors]
// tells so, [Host.Alive] names them, [Host.Signal] still reaches them and [Host.Kill] ends them.
//
// # What must hold
//
// The reaper waits for any child of this process, on Linux also for orphans of its descendants (the Host is their
// subreaper). So there is one Host in a process at a time, and every child is started through it: os/exec, os.StartProcess
// and os.FindProcess would lose their children's status to the reaper. Nobody else may reset or ignore SIGCHLD.
//
// A pid is a number that comes round again. Signals therefore go only to what is known to be the run: a leader that
// is not reaped yet, a leader whose kernel start time is the recorded one, a group that the Host has seen non-empty
// ever since, or processes that carry the run's mark (see [RunIDVar]) in their environment.
//
// Ignored signals are inherited by every program. The daemon handles SIGHUP and SIGINT, and by that its runs start with
// the default for all signals, even below nohup.
package process
