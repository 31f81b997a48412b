// Package daemon is the only room with state: it makes what runs agree with
// the jobs file.
//
// One goroutine, the loop, owns all live state. Every event (a file change, a
// request over the socket, a process that ended, a timer) is posted to its
// mailbox and only means "look again at this job". A turn of the loop takes
// what has been posted, asks the reconciler about each job that was marked,
// records and carries out the actions, and publishes what readers see. Work
// that may block (reading files, starting processes) happens in goroutines
// beside the loop, which post what came of it.
//
// The way of a change of the jobs file is: watch → load (load.go) → source
// (source.go: is it new, is it good, must it be held?) → accept (accept.go,
// within a turn: diff, then mark the jobs that it names).
//
// The way of a run is: the reconciler says Start → record it (act.go) → spawn
// (spawn.go) → Running → the process ends (finish.go) → record the end.
//
// The way from one worker to the next is: what the journal has and what was
// noted beside it (notes.go) → whose process is whose (identify.go) → the live
// state as it was (recall_jobs.go, recover.go: what has become of each run) →
// what the keeper still has to tell (keeperlink.go, adopt.go).
//
// What readers see is immutable (view.go): one pointer a job, replaced when
// the job changes, so that a status request never waits for the loop.
package daemon
